using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace RawLlm.Extensions.AI;

/// <summary>What was made of a function, and what it was made of: a declaration may tell another description or schema the next time, as those of MCP servers do.</summary>
/// <param name="definition">What is sent.</param>
/// <param name="function">The function, as it is now.</param>
internal sealed class KnownFunction(ToolDefinition definition, AIFunctionDeclaration function)
{
    private readonly string _description = function.Description;
    private readonly JsonElement _schema = function.JsonSchema is { ValueKind: not JsonValueKind.Undefined } schema ? schema.Clone() : default;

    public ToolDefinition Definition => definition;

    /// <summary>Whether the function still tells what the definition was made of.</summary>
    public bool IsStill(AIFunctionDeclaration function) => definition.Name == function.Name && _description == function.Description && IsSame(_schema, function.JsonSchema);

    // By their bytes, which are the same memory as a rule.
    private static bool IsSame(JsonElement schema, JsonElement other) =>
        schema.ValueKind == JsonValueKind.Undefined || other.ValueKind == JsonValueKind.Undefined ? schema.ValueKind == other.ValueKind
        : JsonMarshal.GetRawUtf8Value(schema).SequenceEqual(JsonMarshal.GetRawUtf8Value(other));
}
