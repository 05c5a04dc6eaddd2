using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>Who speaks a <see cref="Message"/>.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Role>))]
public enum Role
{
    /// <summary>Instructions that stand above the conversation.</summary>
    System,

    /// <summary>The person or program that asks.</summary>
    User,

    /// <summary>The model.</summary>
    Assistant,

    /// <summary>The results of functions that the model called.</summary>
    Tool,
}
