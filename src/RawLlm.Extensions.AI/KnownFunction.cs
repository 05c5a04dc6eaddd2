using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace RawLlm.Extensions.AI;

/// <summary>
/// A function's definition and the description and schema it was made from, which can change later, as those of MCP servers do.
/// </summary>
/// <param name="definition">The definition that is sent.</param>
/// <param name="function">The function, as it is now.</param>
internal sealed class KnownFunction(ToolDefinition definition, AIFunctionDeclaration function)
{
    private readonly string _description = function.Description;
    private readonly JsonElement _schema = function.JsonSchema is { ValueKind: not JsonValueKind.Undefined } schema
        ? schema.Clone()
        : default;

    public ToolDefinition Definition => definition;

    /// <summary>Returns whether the function still has the name, description and schema of the definition.</summary>
    public bool IsStill(AIFunctionDeclaration function) =>
        definition.Name == function.Name && _description == function.Description && IsSame(_schema, function.JsonSchema);

    // Compares the bytes, which are usually the same memory.
    private static bool IsSame(JsonElement schema, JsonElement other) =>
        schema.ValueKind == JsonValueKind.Undefined || other.ValueKind == JsonValueKind.Undefined
            ? schema.ValueKind == other.ValueKind
            : JsonMarshal.GetRawUtf8Value(schema).SequenceEqual(JsonMarshal.GetRawUtf8Value(other));
}
