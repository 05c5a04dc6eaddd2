using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace RawLlm;

/// <summary>A tool call that the model requests.</summary>
/// <param name="Id">The ID under which the result is sent back; generated if the service sent none.</param>
/// <param name="Name">The name of the tool.</param>
/// <param name="Arguments">
/// The exact text of the arguments; <c>{}</c> if a complete call has none. Plain text for a custom tool of the Responses wire, which takes
/// no JSON.
/// </param>
public sealed record ToolCall(string Id, string Name, string Arguments)
{
    /// <summary>
    /// Whether the service ended the call and its arguments are complete JSON. False for a call that was cut off by the token limit or by
    /// the end of the stream, and for arguments that are not JSON; such a call must not be run as it is.
    /// </summary>
    public bool IsComplete { get; init; } = true;

    /// <summary>Reads the arguments as a type with source-generated metadata.</summary>
    /// <param name="type">The source-generated metadata, as in <c>MyContext.Default.Weather</c>.</param>
    /// <param name="value">The arguments, if the method returns true.</param>
    /// <returns>False if the call is incomplete or its arguments do not fit the type. The method never throws because of what the model
    /// wrote.</returns>
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

    /// <summary>Returns the arguments as a dictionary, parsed tolerantly: never throws, and is empty if nothing can be read.</summary>
    public ToolArguments ReadArguments() => ToolArguments.Read(Arguments);

    /// <summary>Returns the name and the ID, without the arguments, because these may contain personal data.</summary>
    public override string ToString() => $"{Name} ({Id}{(IsComplete ? "" : ", incomplete")})";
}
