using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>The role of a <see cref="Message"/>.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Role>))]
public enum Role
{
    /// <summary>System instructions, which precede the conversation.</summary>
    System,

    /// <summary>The person or program that talks to the model.</summary>
    User,

    /// <summary>The model.</summary>
    Assistant,

    /// <summary>The results of tool calls.</summary>
    Tool,
}
