namespace RawLlm;

/// <summary>A capability that a model or a service has, or does not have.</summary>
public enum Capability
{
    /// <summary>Streams its answers.</summary>
    Streaming,

    /// <summary>Calls tools.</summary>
    Tools,

    /// <summary>Calls several tools in one turn.</summary>
    ParallelTools,

    /// <summary>Accepts images.</summary>
    Vision,

    /// <summary>Accepts audio.</summary>
    Audio,

    /// <summary>Accepts documents.</summary>
    Files,

    /// <summary>Reasons before it answers, with an adjustable effort.</summary>
    Thinking,

    /// <summary>Holds its answer to a JSON schema.</summary>
    StructuredOutput,
}
