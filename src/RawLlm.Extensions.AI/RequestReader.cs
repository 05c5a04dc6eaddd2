using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace RawLlm.Extensions.AI;

/// <summary>Reads messages and options as a request. What is set in the request to begin with goes before the options.</summary>
internal static class RequestReader
{
    /// <summary>The name of the additional property that makes schemas strict.</summary>
    public const string StrictKey = "strict";

    // A function's schema is checked once, and its definition is known again when a conversation goes on.
    private static readonly ConditionalWeakTable<AIFunctionDeclaration, KnownFunction> Plain = [];
    private static readonly ConditionalWeakTable<AIFunctionDeclaration, KnownFunction> Strict = [];

    // What services that hold answers to a schema demand of it.
    private static readonly AIJsonSchemaTransformCache StrictSchemas = new(new()
    {
        DisallowAdditionalProperties = true,
        RequireAllProperties = true,
        ConvertBooleanSchemas = true,
        MoveDefaultKeywordToDescription = true,
        TransformSchemaNode = static (_, node) => StrictKeywords.Move(node),
    });

    /// <param name="messages">The conversation.</param>
    /// <param name="options">What the caller asks for; null for nothing.</param>
    /// <param name="caller">The adapter, for <see cref="ChatOptions.RawRepresentationFactory"/>.</param>
    /// <param name="clients">Who may be asked.</param>
    /// <param name="json">Knows the types of what callers give.</param>
    /// <param name="notes">What could not be sent on.</param>
    /// <exception cref="ArgumentException">Something cannot be sent.</exception>
    public static ChatRequest Read(IEnumerable<ChatMessage> messages, ChatOptions? options, IChatClient caller, IReadOnlyList<LlmClient> clients, JsonSerializerOptions json, List<Quirk> notes)
    {
        var read = MessageReader.Read(messages, json, notes);
        if (options is null)
            return new ChatRequest { Messages = read };
        if (options.ConversationId is not null)
            throw new ArgumentException("ChatOptions.ConversationId: no service's stored conversations are used, all messages go out with each request. Leave it null; on the Responses wire, AdditionalProperties[\"previous_response_id\"] is sent as it stands.", nameof(options));
        if (options.ContinuationToken is not null)
            throw new ArgumentException("ChatOptions.ContinuationToken: an answer cannot be gone on with. Leave it null and ask again.", nameof(options));
        var request = Begin(options, caller);
        bool? strict = Flag(options.AdditionalProperties, "ChatOptions");
        return request with
        {
            Model = request.Model ?? options.ModelId,
            System = string.IsNullOrEmpty(request.System) ? options.Instructions : string.IsNullOrEmpty(options.Instructions) ? request.System : request.System + "\n" + options.Instructions,
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
            throw new ArgumentException($"ChatOptions.RawRepresentationFactory gave a {raw.GetType().Name}; RawLlm takes a ChatRequest, or null.", nameof(options));
        var request = (ChatRequest?)raw ?? new ChatRequest();
        return request.ChoiceCount is null or 1 ? request
            : throw new ArgumentException("ChatRequest.ChoiceCount: a ChatResponse holds one answer. Leave it null, or ask LlmClient itself.", nameof(options));
    }

    // By its digits: 0.7f as a double is 0.699999988079071.
    private static double? Double(float? value) => value is { } number ? double.Parse(number.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture) : null;

    private static List<ToolDefinition> ReadTools(IReadOnlyList<ToolDefinition> first, IList<AITool> tools, bool? strict, IReadOnlyList<LlmClient> clients)
    {
        var read = new List<ToolDefinition>(first.Count + tools.Count);
        read.AddRange(first);
        foreach (var tool in tools)
        {
            if (tool is not null && HostedTools.IsHosted(tool))
            {
                if (HostedTools.Know(tool, clients))
                    continue;
                if (clients.Any(client => client.Provider.Protocol.Name != clients[0].Provider.Protocol.Name))
                    throw new ArgumentException($"ChatOptions.Tools holds '{tool.Name}' ({tool.GetType().Name}), which the service runs itself; it has no one form on the wires of this chain's clients. Leave it out, and add each service's own JSON of it to ChatRequest.Extra in FallbackOptions.RequestFor.");
            }
            read.Add(ReadTool(tool, strict));
        }
        return read;
    }

    /// <summary>Reads what the model is told of a function.</summary>
    /// <exception cref="ArgumentException">It is no function, or cannot be sent.</exception>
    public static ToolDefinition ReadTool(AITool? tool, bool? strict)
    {
        // A function around a tool may tell of it otherwise, and is found by what it tells.
        if (tool?.GetService<ToolDefinition>() is { } own && !(tool is AIFunctionDeclaration outer && tool.GetService<ToolFunction>()?.IsToldOtherwise(outer) == true))
            return own;
        if (tool is not AIFunctionDeclaration function)
        {
            throw new ArgumentException(tool is null ? "One of ChatOptions.Tools is null."
                : $"ChatOptions.Tools holds '{tool.Name}' ({tool.GetType().Name}), which the service runs itself; RawLlm knows no form of it for this wire. Give the service's own JSON of it in AdditionalProperties[\"tools\"], an array as a RawJson or JsonElement, which on chat completions, Responses, Anthropic's wire and Gemini's is joined with the functions of ChatOptions.Tools.");
        }
        strict = Flag(function.AdditionalProperties, function.Name) ?? strict;
        // That somebody changes it later is rare; the definition is made anew then.
        var known = strict == true ? Strict : Plain;
        if (known.TryGetValue(function, out var before) && before.Definition.Strict == strict && before.IsStill(function))
            return before.Definition;
        var schema = function.JsonSchema;
        if (strict == true && schema.ValueKind != JsonValueKind.Undefined)
            schema = AIJsonUtilities.TransformSchema(schema, StrictSchemas.TransformOptions);
        var definition = new ToolDefinition(function.Name, string.IsNullOrEmpty(function.Description) ? null : function.Description, schema.ValueKind == JsonValueKind.Undefined ? default : JsonValues.Write(schema, $"The schema of '{function.Name}'", AIJsonUtilities.DefaultOptions)) { Strict = strict };
        known.AddOrUpdate(function, new KnownFunction(definition, function));
        return definition;
    }

    private static ToolChoice? ReadToolMode(ChatToolMode? mode) => mode switch
    {
        null => null,
        NoneChatToolMode => ToolChoice.None,
        RequiredChatToolMode { RequiredFunctionName: { } name } => ToolChoice.Named(name),
        RequiredChatToolMode => ToolChoice.Required,
        AutoChatToolMode => ToolChoice.Auto,
        _ => throw new ArgumentException($"ChatOptions.ToolMode is a {mode.GetType().Name}; there are Auto, None, RequireAny and RequireSpecific."),
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
                return ReplyFormat.JsonSchema(json.SchemaName ?? "answer", JsonValues.Write(schema, "The schema of ChatOptions.ResponseFormat", AIJsonUtilities.DefaultOptions)) with { Strict = strict, Description = json.SchemaDescription };
            case ChatResponseFormatJson:
                return ReplyFormat.Json;
            default:
                throw new ArgumentException($"ChatOptions.ResponseFormat is a {format.GetType().Name}; there are Text, Json and ForJsonSchema.");
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
                _ => throw new ArgumentException($"ChatOptions.Reasoning.Effort {reasoning.Effort} is not known."),
            },
            Include = reasoning.Output is { } output ? output != ReasoningOutput.None : null,
        };
    }

    private static IReadOnlyDictionary<string, RawJson> ReadExtra(IReadOnlyDictionary<string, RawJson> first, ChatOptions options, IReadOnlyList<LlmClient> clients, JsonSerializerOptions json)
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
