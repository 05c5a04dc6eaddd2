using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>How hard a model should think.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ThinkingEffort>))]
public enum ThinkingEffort
{
    /// <summary>No thinking.</summary>
    None,

    /// <summary>As little as the model can.</summary>
    Minimal,

    /// <summary>A small amount.</summary>
    Low,

    /// <summary>The usual amount.</summary>
    Medium,

    /// <summary>A large amount.</summary>
    High,

    /// <summary>
    /// More than <see cref="High"/>, for long autonomous work; less than <see cref="Max"/> on a model that has another level above it.
    /// </summary>
    ExtraHigh,

    /// <summary>As much as the model can.</summary>
    Max,
}
