namespace RawLlm.Testing;

/// <summary>A request and what came of it, without anything that is secret.</summary>
internal sealed class RecordedCall
{
    public required string Method { get; init; }

    /// <summary>Path and query, without what may be secret or names an account.</summary>
    public required string Path { get; init; }

    /// <summary>The headers of the request that may be written, by name.</summary>
    public SortedDictionary<string, string> RequestHeaders { get; init; } = new(StringComparer.Ordinal);

    /// <summary>The body of the request; null for none.</summary>
    public byte[]? Body { get; init; }

    /// <summary>The status of the response; null where none came.</summary>
    public int? Status { get; set; }

    /// <summary>When the head of the response came, in milliseconds from the moment at which the request was sent.</summary>
    public long HeadAt { get; set; }

    /// <summary>The headers of the response that may be written, by name.</summary>
    public SortedDictionary<string, string> ResponseHeaders { get; init; } = new(StringComparer.Ordinal);

    public List<RecordedRead> Reads { get; init; } = [];

    /// <summary>How it ended; <see cref="RecordedEnd.Left"/> while it is under way.</summary>
    public RecordedEnd End { get; set; } = RecordedEnd.Left;

    /// <summary>When it ended, in milliseconds from the moment at which the request was sent.</summary>
    public long EndAt { get; set; }

    /// <summary>How it failed, where it is <see cref="RecordedEnd.Broken"/>.</summary>
    public RecordedFailure? Failure { get; set; }

    public override string ToString() => $"{Method} {Path}";
}
