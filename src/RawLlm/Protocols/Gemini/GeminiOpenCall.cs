namespace RawLlm.Protocols;

/// <summary>A call whose arguments come in pieces, each in a part of its own.</summary>
internal sealed class GeminiOpenCall : IDisposable
{
    /// <summary>The call.</summary>
    public CallBlock Call { get; private set; } = null!;

    /// <summary>The id that the service gave it; null where it gave none, so that pieces can only follow each other.</summary>
    public string? Id { get; private set; }

    /// <summary>The id with its quotes.</summary>
    public byte[] RawId { get; private set; } = [];

    /// <summary>True once a part of the call held more than the call, a signature as a rule.</summary>
    public bool HasRest { get; set; }

    /// <summary>The text that the pieces make.</summary>
    public PartialArguments Partial { get; } = new();

    /// <summary>True once the arguments came whole after all.</summary>
    public bool IsSettled { get; set; }

    /// <summary>Begins with nothing.</summary>
    public void Begin(CallBlock call, in GeminiCall said, bool hasRest)
    {
        Call = call;
        Id = said.Id.IsEmpty ? null : said.Id.ToString();
        RawId = Id is null ? [] : said.RawId.ToArray();
        HasRest = hasRest;
        IsSettled = false;
        Partial.Clear();
    }

    public void Dispose() => Partial.Dispose();
}
