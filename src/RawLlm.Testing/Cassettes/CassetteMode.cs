namespace RawLlm.Testing;

/// <summary>What is done with a cassette.</summary>
public enum CassetteMode
{
    /// <summary>It is replayed where its file is there, and recorded where it is not, unless the environment says that nothing is to be recorded (<see cref="Cassette"/>).</summary>
    Auto,

    /// <summary>It is replayed; where its file is missing, that is an error.</summary>
    Replay,

    /// <summary>It is recorded; a file that is there is replaced.</summary>
    Record,
}
