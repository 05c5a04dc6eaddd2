namespace RawLlm.Protocols;

/// <summary>A call whose arguments come in pieces, each in a part of its own.</summary>
internal sealed class GeminiOpenCall : IDisposable
{
    /// <summary>The call.</summary>
    public CallBlock Call { get; private set; } = null!;

    /// <summary>The id that the service gave it; null where it gave none, so that pieces can only follow each other.</summary>
    public string? Id { get; private set; }

    /// <summary>The text that the pieces make.</summary>
    public PartialArguments Partial { get; } = new();

    /// <summary>True once the arguments came whole after all.</summary>
    public bool IsSettled { get; set; }

    /// <summary>Begins with nothing.</summary>
    public void Begin(CallBlock call, string? id)
    {
        Call = call;
        Id = id;
        IsSettled = false;
        Partial.Clear();
    }

    public void Dispose() => Partial.Dispose();
}
