namespace RawLlm.Protocols;

/// <summary>What is known of one content block of an answer.</summary>
internal sealed class ConverseBlock : IDisposable
{
    /// <summary>The wire's number of the block.</summary>
    public required int WireIndex { get; init; }

    public required ConverseBlockKind Kind { get; init; }

    /// <summary>The number of the block's part; -1 while nothing of it was given.</summary>
    public int Part = -1;

    public bool IsOpen = true;

    /// <summary>The text or the thoughts.</summary>
    public TextRun? Run;

    public bool HasText;

    /// <summary>The function call.</summary>
    public CallBlock? Call;

    /// <summary>The signature between its quotes, as it came.</summary>
    public PooledBytes Signature;

    /// <summary>The sources that the text cites, or the contents of a kept result: elements of an array, as they came.</summary>
    public PooledBytes Items;

    /// <summary>Bytes that came in pieces, as base64.</summary>
    public Base64Run Blob;

    /// <summary>The name of the member that a kept block consists of, between its quotes.</summary>
    public byte[] Name = [];

    /// <summary>The members of a kept block, to which deltas add.</summary>
    public BlockMembers? Members;

    /// <summary>A kept block of a whole answer, byte for byte.</summary>
    public byte[] Whole = [];

    /// <summary>The input of a kept call, from its fragments.</summary>
    public PooledBytes Input;
    public char InputPending;

    /// <summary>True when what goes back with the block has changed since it was given.</summary>
    public bool HasNews;

    public void Dispose()
    {
        Signature.Return();
        Items.Return();
        Blob.Return();
        Input.Return();
    }
}
