namespace RawLlm.Testing;

/// <summary>A request and its outcome, without secrets.</summary>
internal sealed class RecordedCall
{
    public required string Method { get; init; }

    /// <summary>The path and query, with possible secrets and accounts masked.</summary>
    public required string Path { get; init; }

    /// <summary>The request headers that may be written, by name.</summary>
    public SortedDictionary<string, string> RequestHeaders { get; init; } = new(StringComparer.Ordinal);

    /// <summary>The body of the request; null for none.</summary>
    public byte[]? Body { get; init; }

    /// <summary>The status of the response; null if there was none.</summary>
    public int? Status { get; set; }

    /// <summary>When the head of the response arrived, in milliseconds after the request was sent.</summary>
    public long HeadAt { get; set; }

    /// <summary>The response headers that may be written, by name.</summary>
    public SortedDictionary<string, string> ResponseHeaders { get; init; } = new(StringComparer.Ordinal);

    public List<RecordedRead> Reads { get; init; } = [];

    /// <summary>How the call ended; <see cref="RecordedEnd.Left"/> while it is in progress.</summary>
    public RecordedEnd End { get; set; } = RecordedEnd.Left;

    /// <summary>When the call ended, in milliseconds after the request was sent.</summary>
    public long EndAt { get; set; }

    /// <summary>How the call failed, if it is <see cref="RecordedEnd.Broken"/>; otherwise null.</summary>
    public RecordedFailure? Failure { get; set; }

    public override string ToString() => $"{Method} {Path}";
}
