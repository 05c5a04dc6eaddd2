using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>A tool that the model may call.</summary>
/// <param name="Name">The tool's name: letters, digits, <c>_</c> and <c>-</c>; most services accept at most 64 characters.</param>
/// <param name="Description">Tells the model what the tool does and when to use it.</param>
/// <param name="Parameters">The JSON schema of the arguments; empty for a tool without arguments.</param>
[method: JsonConstructor]
public sealed record ToolDefinition(string Name, string? Description = null, RawJson Parameters = default)
{
    /// <summary>Creates a definition whose schema is given as a text.</summary>
    /// <param name="Name">The tool's name.</param>
    /// <param name="Description">Tells the model what the tool does and when to use it.</param>
    /// <param name="Parameters">The JSON schema of the arguments; null for a tool without arguments.</param>
    /// <exception cref="ArgumentException">The schema is not one complete JSON value, or is nested more than 64 levels deep; the message
    /// names the tool.</exception>
    public ToolDefinition(string Name, string? Description, string? Parameters)
        : this(Name, Description, Parse(Name, Parameters)) { }

    /// <summary>Whether the service should enforce the schema of the arguments; null does not request it.</summary>
    /// <remarks>Null sends nothing, except on the Responses wire, where an absent value means true: there it sends false.</remarks>
    public bool? Strict { get; init; }

    /// <summary>Asks the service to cache the prompt up to and including this definition.</summary>
    public PromptCache? Cache { get; init; }

    private static RawJson Parse(string name, string? schema) =>
        schema is null ? default : RawJson.Parse(schema, $"The schema of the tool \"{name}\"", nameof(Parameters));
}
