namespace RawLlm;

/// <summary>A function that the model may call.</summary>
/// <param name="Name">Letters, digits, <c>_</c> and <c>-</c>; most services take at most 64.</param>
/// <param name="Description">Tells the model what the function does and when to use it.</param>
/// <param name="Parameters">The JSON schema of the arguments; empty for a function that takes none.</param>
public sealed record ToolDefinition(string Name, string? Description = null, RawJson Parameters = default)
{
    /// <summary>Asks the service to hold the arguments to the schema; when null, that is not asked for.</summary>
    /// <remarks>Null sends nothing, but on the Responses wire, where nothing means true: it sends false there.</remarks>
    public bool? Strict { get; init; }

    /// <summary>Asks the service to keep the prompt up to and including this definition.</summary>
    public PromptCache? Cache { get; init; }
}
