using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace RawLlm.Extensions.AI;

/// <summary>Converts messages and options to a request. Values in the initial request take precedence over the options.</summary>
internal static class RequestReader
{
    /// <summary>The name of the additional property that makes schemas strict.</summary>
    public const string StrictKey = "strict";

    // A function's schema is checked once; its definition is reused as a conversation continues.
    private static readonly ConditionalWeakTable<AIFunctionDeclaration, KnownFunction> Plain = [];
    private static readonly ConditionalWeakTable<AIFunctionDeclaration, KnownFunction> Strict = [];

    // The requirements of services that enforce a schema.
    private static readonly AIJsonSchemaTransformCache StrictSchemas = new(
        new()
        {
            DisallowAdditionalProperties = true,
            RequireAllProperties = true,
            ConvertBooleanSchemas = true,
            MoveDefaultKeywordToDescription = true,
            TransformSchemaNode = static (_, node) => StrictKeywords.Move(node),
        }
    );

    /// <param name="messages">The conversation.</param>
    /// <param name="options">The options of the caller; null for none.</param>
    /// <param name="caller">The adapter, for <see cref="ChatOptions.RawRepresentationFactory"/>.</param>
    /// <param name="clients">The clients that may be asked.</param>
    /// <param name="json">The serializer options for the types of the caller's values.</param>
    /// <param name="notes">Receives what could not be sent.</param>
    /// <exception cref="ArgumentException">Something cannot be sent.</exception>
    public static ChatRequest Read(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options,
        IChatClient caller,
        IReadOnlyList<LlmClient> clients,
        JsonSerializerOptions json,
        List<Quirk> notes
    )
    {
        var read = MessageReader.Read(messages, json, notes);
        if (options is null)
            return new ChatRequest { Messages = read };
        if (options.ConversationId is not null)
        {
            throw new ArgumentException(
                "ChatOptions.ConversationId: RawLlm uses no conversations stored by a service; each request contains all messages. Leave it null; on the Responses wire, AdditionalProperties[\"previous_response_id\"] is sent as it is.",
                nameof(options)
            );
        }

        if (options.ContinuationToken is not null)
        {
            throw new ArgumentException(
                "ChatOptions.ContinuationToken: an answer cannot be resumed. Leave it null and ask again.",
                nameof(options)
            );
        }

        var request = Begin(options, caller);
        bool? strict = Flag(options.AdditionalProperties, "ChatOptions");
        return request with
        {
            Model = request.Model ?? options.ModelId,
            System =
                string.IsNullOrEmpty(request.System) ? options.Instructions
                : string.IsNullOrEmpty(options.Instructions) ? request.System
                : request.System + "\n" + options.Instructions,
            Messages = request.Messages.Count == 0 ? read : [.. request.Messages, .. read],
            MaxTokens = request.MaxTokens ?? options.MaxOutputTokens,
            Temperature = request.Temperature ?? Double(options.Temperature),
            TopP = request.TopP ?? Double(options.TopP),
            Seed = request.Seed ?? options.Seed,
            Stop = options.StopSequences is not { Count: > 0 } stop ? request.Stop : [.. request.Stop, .. stop],
            FrequencyPenalty = request.FrequencyPenalty ?? Double(options.FrequencyPenalty),
            PresencePenalty = request.PresencePenalty ?? Double(options.PresencePenalty),
            Tools = options.Tools is not { Count: > 0 } tools ? request.Tools : ReadTools(request.Tools, tools, strict, clients),
            ToolChoice = request.ToolChoice ?? ReadToolMode(options.ToolMode),
            ParallelToolCalls = request.ParallelToolCalls ?? options.AllowMultipleToolCalls,
            Format = request.Format ?? ReadFormat(options.ResponseFormat, strict),
            Thinking = request.Thinking ?? ReadReasoning(options.Reasoning),
            Extra = ReadExtra(request.Extra, options, clients, json),
        };
    }

    private static ChatRequest Begin(ChatOptions options, IChatClient caller)
    {
        object? raw = options.RawRepresentationFactory?.Invoke(caller);
        if (raw is not (null or ChatRequest))
        {
            throw new ArgumentException(
                $"ChatOptions.RawRepresentationFactory returned a {raw.GetType().Name}; RawLlm takes a ChatRequest or null.",
                nameof(options)
            );
        }

        var request = (ChatRequest?)raw ?? new ChatRequest();
        return request.ChoiceCount is null or 1
            ? request
            : throw new ArgumentException(
                "ChatRequest.ChoiceCount: a ChatResponse contains one answer. Leave it null, or use LlmClient directly.",
                nameof(options)
            );
    }

    // By its digits, because 0.7f as a double is 0.699999988079071.
    private static double? Double(float? value) =>
        value is { } number ? double.Parse(number.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture) : null;

    private static List<ToolDefinition> ReadTools(
        IReadOnlyList<ToolDefinition> first,
        IList<AITool> tools,
        bool? strict,
        IReadOnlyList<LlmClient> clients
    )
    {
        var read = new List<ToolDefinition>(first.Count + tools.Count);
        read.AddRange(first);
        foreach (var tool in tools)
        {
            if (tool is not null && HostedTools.IsHosted(tool))
            {
                if (HostedTools.AreSupportedByAll(tool, clients))
                    continue;
                if (clients.Any(client => client.Provider.Protocol.Name != clients[0].Provider.Protocol.Name))
                {
                    throw new ArgumentException(
                        $"ChatOptions.Tools contains '{tool.Name}' ({tool.GetType().Name}), which the service runs itself; the wires of this chain's clients have no common form of it. Leave it out, and add each service's own JSON for it to ChatRequest.Extra in FallbackOptions.RequestFor."
                    );
                }
            }
            read.Add(ReadTool(tool, strict));
        }
        return read;
    }

    /// <summary>Reads the definition of a function.</summary>
    /// <exception cref="ArgumentException">The tool is not a function, or cannot be sent.</exception>
    public static ToolDefinition ReadTool(AITool? tool, bool? strict)
    {
        // A function that wraps a tool may have another name, description or schema, which is then the one to send.
        if (
            tool?.GetService<ToolDefinition>() is { } own
            && !(tool is AIFunctionDeclaration outer && tool.GetService<ToolFunction>()?.HasOtherDefinition(outer) == true)
        )
        {
            return own;
        }

        if (tool is not AIFunctionDeclaration function)
        {
            throw new ArgumentException(
                tool is null
                    ? "One of ChatOptions.Tools is null."
                    : $"ChatOptions.Tools contains '{tool.Name}' ({tool.GetType().Name}), which the service runs itself; RawLlm has no form of it for this wire. Set AdditionalProperties[\"tools\"] to an array with the service's own JSON for it, as a RawJson or JsonElement; on chat completions, Responses, Anthropic's wire and Gemini's, the array is joined with the functions in ChatOptions.Tools."
            );
        }
        strict = Flag(function.AdditionalProperties, function.Name) ?? strict;
        // The property rarely changes later; if it does, a new definition is created.
        var known = strict == true ? Strict : Plain;
        if (known.TryGetValue(function, out var before) && before.Definition.Strict == strict && before.IsStill(function))
            return before.Definition;
        var schema = function.JsonSchema;
        if (strict == true && schema.ValueKind != JsonValueKind.Undefined)
            schema = AIJsonUtilities.TransformSchema(schema, StrictSchemas.TransformOptions);
        var definition = new ToolDefinition(
            function.Name,
            string.IsNullOrEmpty(function.Description) ? null : function.Description,
            schema.ValueKind == JsonValueKind.Undefined
                ? default
                : JsonValues.Write(schema, $"The schema of '{function.Name}'", AIJsonUtilities.DefaultOptions)
        )
        {
            Strict = strict,
        };
        known.AddOrUpdate(function, new KnownFunction(definition, function));
        return definition;
    }

    private static ToolChoice? ReadToolMode(ChatToolMode? mode) =>
        mode switch
        {
            null => null,
            NoneChatToolMode => ToolChoice.None,
            RequiredChatToolMode { RequiredFunctionName: { } name } => ToolChoice.Named(name),
            RequiredChatToolMode => ToolChoice.Required,
            AutoChatToolMode => ToolChoice.Auto,
            _ => throw new ArgumentException(
                $"ChatOptions.ToolMode is a {mode.GetType().Name}; use Auto, None, RequireAny or RequireSpecific."
            ),
        };

    private static ReplyFormat? ReadFormat(ChatResponseFormat? format, bool? strict)
    {
        switch (format)
        {
            case null:
                return null;
            case ChatResponseFormatText:
                return ReplyFormat.Text;
            case ChatResponseFormatJson { Schema: { } schema } json:
                if (strict == true && StrictSchemas.GetOrCreateTransformedSchema(json) is { } transformed)
                    schema = transformed;
                return ReplyFormat.JsonSchema(
                    json.SchemaName ?? "answer",
                    JsonValues.Write(schema, "The schema of ChatOptions.ResponseFormat", AIJsonUtilities.DefaultOptions)
                ) with
                {
                    Strict = strict,
                    Description = json.SchemaDescription,
                };
            case ChatResponseFormatJson:
                return ReplyFormat.Json;
            default:
                throw new ArgumentException($"ChatOptions.ResponseFormat is a {format.GetType().Name}; use Text, Json or ForJsonSchema.");
        }
    }

    private static Thinking? ReadReasoning(ReasoningOptions? reasoning)
    {
        if (reasoning is null or { Effort: null, Output: null })
            return null;
        return new Thinking
        {
            Effort = reasoning.Effort switch
            {
                null => null,
                ReasoningEffort.None => ThinkingEffort.None,
                ReasoningEffort.Low => ThinkingEffort.Low,
                ReasoningEffort.Medium => ThinkingEffort.Medium,
                ReasoningEffort.High => ThinkingEffort.High,
                ReasoningEffort.ExtraHigh => ThinkingEffort.ExtraHigh,
                _ => throw new ArgumentException($"ChatOptions.Reasoning.Effort has the unknown value {reasoning.Effort}."),
            },
            Include = reasoning.Output is { } output ? output != ReasoningOutput.None : null,
        };
    }

    private static IReadOnlyDictionary<string, RawJson> ReadExtra(
        IReadOnlyDictionary<string, RawJson> first,
        ChatOptions options,
        IReadOnlyList<LlmClient> clients,
        JsonSerializerOptions json
    )
    {
        bool hasHosted = options.Tools?.Any(HostedTools.IsHosted) == true;
        if (options.TopK is null && options.AdditionalProperties is not { Count: > 0 } && !hasHosted)
            return first;
        var extra = ExtraMembers.Read(first, options.AdditionalProperties, StrictKey, json);
        if (options.TopK is { } topK)
            ExtraMembers.AddTopK(extra, topK, clients);
        if (hasHosted)
            HostedTools.Add(extra, options.Tools!, clients, json);
        return extra;
    }

    private static bool? Flag(IReadOnlyDictionary<string, object?>? properties, string owner)
    {
        if (properties?.TryGetValue(StrictKey, out object? value) != true)
            return null;
        return value switch
        {
            null => null,
            bool flag => flag,
            JsonElement { ValueKind: JsonValueKind.True } => true,
            JsonElement { ValueKind: JsonValueKind.False } => false,
            _ => throw new ArgumentException($"AdditionalProperties[strict] of {owner} is neither true nor false."),
        };
    }
}
