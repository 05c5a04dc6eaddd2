namespace RawLlm.Testing;

/// <summary>Whether a cassette is replayed or recorded.</summary>
public enum CassetteMode
{
    /// <summary>
    /// Replays the cassette if its file exists; otherwise records it, unless an environment variable forbids recording
    /// (<see cref="Cassette"/>).
    /// </summary>
    Auto,

    /// <summary>Replays the cassette; a missing file is an error.</summary>
    Replay,

    /// <summary>Records the cassette; an existing file is replaced.</summary>
    Record,
}
