namespace RawLlm.Protocols;

/// <summary>What is known of one content block of an answer.</summary>
internal sealed class MessageBlock : IDisposable
{
    /// <summary>The wire's number of the block.</summary>
    public required int WireIndex { get; init; }

    public required BlockKind Kind { get; init; }

    /// <summary>The number of the block's part; -1 while nothing of it was given.</summary>
    public int Part = -1;

    public bool IsOpen = true;

    /// <summary>The text or the thoughts.</summary>
    public TextRun? Run;

    public bool HasText;

    /// <summary>The function call.</summary>
    public CallBlock? Call;

    /// <summary>The input with which the block began, when it was not empty.</summary>
    public byte[] StartInput = [];

    /// <summary>The signature between its quotes, as it came.</summary>
    public PooledBytes Signature;

    /// <summary>The sources that the text cites: elements of an array, as they came.</summary>
    public PooledBytes Citations;

    /// <summary>Of a block that is kept whole all members; of the others those that have no place elsewhere.</summary>
    public BlockMembers? Members;

    /// <summary>A block that is kept whole, byte for byte, unless a delta added to it.</summary>
    public byte[] Whole = [];

    /// <summary>The input of a block that is kept whole, from its fragments.</summary>
    public PooledBytes Input;
    public char InputPending;

    /// <summary>True when what goes back with the block has changed since it was given.</summary>
    public bool HasNews;

    public void Dispose()
    {
        Signature.Return();
        Citations.Return();
        Input.Return();
    }
}
