using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>How hard a model should think.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ThinkingEffort>))]
public enum ThinkingEffort
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>As little as the model can.</summary>
    Minimal,

    /// <summary>Little.</summary>
    Low,

    /// <summary>The usual amount.</summary>
    Medium,

    /// <summary>Much.</summary>
    High,

    /// <summary>More than much, for long work by itself; less than a model with a further step can.</summary>
    ExtraHigh,

    /// <summary>As much as the model can.</summary>
    Max,
}
