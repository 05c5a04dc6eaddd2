using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>How long a service caches the prompt up to a marked <see cref="Part"/>.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PromptCache>))]
public enum PromptCache
{
    /// <summary>Five minutes from the last use, which is the services' default.</summary>
    FiveMinutes,

    /// <summary>One hour; writing it is more expensive.</summary>
    OneHour,
}
