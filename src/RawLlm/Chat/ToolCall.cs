using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace RawLlm;

/// <summary>A function that the model wants called.</summary>
/// <param name="Id">The id under which the result is sent back; made here when the service gave none.</param>
/// <param name="Name">The function's name.</param>
/// <param name="Arguments">The exact text of the arguments; <c>{}</c> when a complete call has none. Plain text for a custom tool of the Responses wire, which takes no JSON.</param>
public sealed record ToolCall(string Id, string Name, string Arguments)
{
    /// <summary>
    /// True when the service ended the call and its arguments are whole JSON. False for a call that was cut off by the token
    /// limit or by the end of the stream, and for arguments that are not JSON: such a call must not be run as it stands.
    /// </summary>
    public bool IsComplete { get; init; } = true;

    /// <summary>Reads the arguments as a type whose metadata was generated at compile time.</summary>
    /// <param name="type">Generated metadata, as in <c>MyContext.Default.Weather</c>.</param>
    /// <param name="value">The arguments, when the answer is true.</param>
    /// <returns>False when the call is incomplete or its arguments do not fit the type; it never throws for what the model wrote.</returns>
    public bool TryRead<T>(JsonTypeInfo<T> type, [NotNullWhen(true)] out T? value)
    {
        ArgumentNullException.ThrowIfNull(type);
        value = default;
        if (!IsComplete)
            return false;
        try
        {
            value = JsonSerializer.Deserialize(Arguments, type);
            return value is not null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or NotSupportedException)
        {
            return false;
        }
    }

    /// <summary>The arguments as a dictionary, read with tolerance: never throws, empty where nothing can be read.</summary>
    public ToolArguments ReadArguments() => ToolArguments.Read(Arguments);

    /// <summary>Name and id; the arguments may hold personal data and are left out.</summary>
    public override string ToString() => $"{Name} ({Id}{(IsComplete ? "" : ", incomplete")})";
}
