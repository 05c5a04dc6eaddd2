namespace RawLlm.Protocols;

/// <summary>A call with partial arguments, each in a separate part.</summary>
internal sealed class GeminiOpenCall : IDisposable
{
    public CallBlock Call { get; private set; } = null!;

    /// <summary>The service's ID of the call; null if there is none, so that its pieces must be consecutive.</summary>
    public string? Id { get; private set; }

    /// <summary>The ID with its quotes.</summary>
    public byte[] RawId { get; private set; } = [];

    /// <summary>Whether a part of the call contained other members, usually a signature.</summary>
    public bool HasRest { get; set; }

    /// <summary>The text that the pieces form.</summary>
    public PartialArguments Partial { get; } = new();

    /// <summary>Whether the complete arguments have arrived after all.</summary>
    public bool IsSettled { get; set; }

    /// <summary>Starts a call without arguments.</summary>
    public void Begin(CallBlock call, in GeminiCall fields, bool hasRest)
    {
        Call = call;
        Id = fields.Id.IsEmpty ? null : fields.Id.ToString();
        RawId = Id is null ? [] : fields.RawId.ToArray();
        HasRest = hasRest;
        IsSettled = false;
        Partial.Clear();
    }

    public void Dispose() => Partial.Dispose();
}
