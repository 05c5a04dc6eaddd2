using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>How long a service keeps the prompt up to a marked <see cref="Part"/>.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PromptCache>))]
public enum PromptCache
{
    /// <summary>Five minutes from the last use: the services' default.</summary>
    FiveMinutes,

    /// <summary>One hour; dearer to write.</summary>
    OneHour,
}
