using System.Text.Json;
using Microsoft.Extensions.AI;

namespace RawLlm.Extensions.AI;

/// <summary>A tool as an <see cref="AIFunction"/>.</summary>
internal sealed class ToolFunction(Tool tool) : AIFunction
{
    private static readonly IReadOnlyDictionary<string, object?> IsStrict = new Dictionary<string, object?>
    {
        [RequestReader.StrictKey] = true,
    };
    private static readonly IReadOnlyDictionary<string, object?> IsLax = new Dictionary<string, object?>
    {
        [RequestReader.StrictKey] = false,
    };

    /// <summary>The tool.</summary>
    public Tool Tool => tool;

    public override string Name => tool.Name;

    public override string Description => tool.Definition.Description ?? "";

    public override JsonElement JsonSchema { get; } = SchemaOf(tool.Definition);

    public override IReadOnlyDictionary<string, object?> AdditionalProperties =>
        tool.Definition.Strict switch
        {
            true => IsStrict,
            false => IsLax,
            null => base.AdditionalProperties,
        };

    public override object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? base.GetService(serviceType, serviceKey)
            : serviceType == typeof(Tool) ? tool
            : serviceType == typeof(ToolDefinition) ? tool.Definition
            : base.GetService(serviceType, serviceKey);
    }

    protected override async ValueTask<object?> InvokeCoreAsync(AIFunctionArguments arguments, CancellationToken cancellationToken)
    {
        // AIFunction has no place for the ID of a call or for a failure that the model should see; a tool that wraps this function has
        // both.
        var around = arguments.Context?.TryGetValue(typeof(ToolCall), out object? known) == true ? known as ToolCall : null;
        var call = new ToolCall(
            around?.Id ?? "call_" + Guid.NewGuid().ToString("N"),
            Name,
            JsonValues.WriteArguments(Name, arguments, JsonSerializerOptions)
        );
        try
        {
            var output = await tool.RunAsync(call, cancellationToken).ConfigureAwait(false);
            if (around is not null)
                arguments.Context![typeof(ToolOutput)] = output;
            return ResultOf(output);
        }
        catch (ToolArgumentException e) when (around is null)
        {
            // The message is for the model. As an exception it would not get there: code that invokes functions reports only that one
            // occurred.
            return e.Message;
        }
    }

    /// <summary>Returns whether a function that wraps this one has another name, description or schema.</summary>
    public bool HasOtherDefinition(AIFunctionDeclaration outer) =>
        outer != this && (outer.Name != Name || outer.Description != Description || !JsonElement.DeepEquals(outer.JsonSchema, JsonSchema));

    private static object ResultOf(ToolOutput? output)
    {
        var parts = output?.Content ?? [];
        foreach (var part in parts)
        {
            if (part is not TextPart)
                return parts.Select(AnswerContents.Write).ToList();
        }
        return output?.Text ?? "";
    }

    private static JsonElement SchemaOf(ToolDefinition definition)
    {
        var reader = new Utf8JsonReader(
            definition.Parameters.IsEmpty ? """{"type":"object","properties":{}}"""u8 : definition.Parameters.Utf8
        );
        return JsonElement.ParseValue(ref reader);
    }
}
