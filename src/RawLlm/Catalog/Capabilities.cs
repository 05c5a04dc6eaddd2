namespace RawLlm;

/// <summary>What a model or a service can do; null is unknown, and what is unknown never keeps a request from being sent.</summary>
public sealed record Capabilities
{
    /// <summary>Nothing is known.</summary>
    public static Capabilities Unknown { get; } = new();

    /// <summary>Whether it gives its answer as it comes.</summary>
    public bool? Streaming { get; init; }

    /// <summary>Whether it calls functions.</summary>
    public bool? Tools { get; init; }

    /// <summary>Whether it calls several functions in one turn.</summary>
    public bool? ParallelTools { get; init; }

    /// <summary>Whether it looks at pictures.</summary>
    public bool? Vision { get; init; }

    /// <summary>Whether it listens to recordings.</summary>
    public bool? Audio { get; init; }

    /// <summary>Whether it reads documents.</summary>
    public bool? Files { get; init; }

    /// <summary>Whether it can be asked to think.</summary>
    public bool? Thinking { get; init; }

    /// <summary>Whether it holds its answer to a JSON schema.</summary>
    public bool? StructuredOutput { get; init; }

    /// <summary>The most tokens of prompt and answer together.</summary>
    public long? ContextTokens { get; init; }

    /// <summary>The most tokens of an answer.</summary>
    public long? MaxOutputTokens { get; init; }

    /// <summary>Whether it can do something; null when that is not known.</summary>
    public bool? Supports(Capability capability) => capability switch
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

    /// <summary>What is said here, and where nothing is said, what the other says.</summary>
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
