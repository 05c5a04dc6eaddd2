namespace RawLlm;

/// <summary>Something that a model or a service can do, or not.</summary>
public enum Capability
{
    /// <summary>Gives its answer as it comes.</summary>
    Streaming,

    /// <summary>Calls functions.</summary>
    Tools,

    /// <summary>Calls several functions in one turn.</summary>
    ParallelTools,

    /// <summary>Looks at pictures.</summary>
    Vision,

    /// <summary>Listens to recordings.</summary>
    Audio,

    /// <summary>Reads documents.</summary>
    Files,

    /// <summary>Thinks before it answers, as much as it is asked to.</summary>
    Thinking,

    /// <summary>Holds its answer to a JSON schema.</summary>
    StructuredOutput,
}
