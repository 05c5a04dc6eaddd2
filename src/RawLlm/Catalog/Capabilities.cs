namespace RawLlm;

/// <summary>
/// What a model or a service can do. Null means unknown, and an unknown capability never prevents a request from being sent.
/// </summary>
public sealed record Capabilities
{
    /// <summary>Nothing is known.</summary>
    public static Capabilities Unknown { get; } = new();

    /// <summary>Whether it streams its answers.</summary>
    public bool? Streaming { get; init; }

    /// <summary>Whether it calls tools.</summary>
    public bool? Tools { get; init; }

    /// <summary>Whether it calls several tools in one turn.</summary>
    public bool? ParallelTools { get; init; }

    /// <summary>Whether it accepts images.</summary>
    public bool? Vision { get; init; }

    /// <summary>Whether it accepts audio.</summary>
    public bool? Audio { get; init; }

    /// <summary>Whether it accepts documents.</summary>
    public bool? Files { get; init; }

    /// <summary>Whether it can be asked to reason.</summary>
    public bool? Thinking { get; init; }

    /// <summary>Whether it holds its answer to a JSON schema.</summary>
    public bool? StructuredOutput { get; init; }

    /// <summary>The maximum number of tokens in prompt and answer together.</summary>
    public long? ContextTokens { get; init; }

    /// <summary>The maximum number of tokens in an answer.</summary>
    public long? MaxOutputTokens { get; init; }

    /// <summary>Whether it has a capability; null if that is unknown.</summary>
    public bool? Supports(Capability capability) =>
        capability switch
        {
            Capability.Streaming => Streaming,
            Capability.Tools => Tools,
            Capability.ParallelTools => ParallelTools,
            Capability.Vision => Vision,
            Capability.Audio => Audio,
            Capability.Files => Files,
            Capability.Thinking => Thinking,
            Capability.StructuredOutput => StructuredOutput,
            _ => null,
        };

    /// <summary>Returns these capabilities, with unknown ones filled in from another instance.</summary>
    public Capabilities Or(Capabilities other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return new()
        {
            Streaming = Streaming ?? other.Streaming,
            Tools = Tools ?? other.Tools,
            ParallelTools = ParallelTools ?? other.ParallelTools,
            Vision = Vision ?? other.Vision,
            Audio = Audio ?? other.Audio,
            Files = Files ?? other.Files,
            Thinking = Thinking ?? other.Thinking,
            StructuredOutput = StructuredOutput ?? other.StructuredOutput,
            ContextTokens = ContextTokens ?? other.ContextTokens,
            MaxOutputTokens = MaxOutputTokens ?? other.MaxOutputTokens,
        };
    }
}
