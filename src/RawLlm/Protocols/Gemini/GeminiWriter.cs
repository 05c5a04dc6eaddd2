using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>Writes a request for <c>generateContent</c> in one pass. The same request always gives the same bytes.</summary>
internal sealed class GeminiWriter
{
    private readonly GeminiProtocol _dialect;
    private readonly ChatRequest _request;
    private readonly WireRequest _wire;
    private readonly JsonWriter _json;
    private readonly string _model;
    private readonly InnerObject _config;

    private GeminiWriter(GeminiProtocol dialect, ChatRequest request, string model, WireRequest wire)
    {
        _dialect = dialect;
        _request = request;
        _model = model;
        _wire = wire;
        _json = new JsonWriter(wire);
        _config = new InnerObject(_json, "generationConfig", IsSame);
    }

    /// <summary>Writes the body of a request; the protocol sets the URL and the headers.</summary>
    /// <param name="dialect">What the service accepts.</param>
    /// <param name="request">The request.</param>
    /// <param name="model">The model's name without its collection.</param>
    /// <param name="wire">Receives the body.</param>
    public static void Write(GeminiProtocol dialect, ChatRequest request, string model, WireRequest wire)
    {
        var writer = new GeminiWriter(dialect, request, model, wire);
        writer._json.StartObject();
        writer.WriteMembers();
        writer._json.EndObject();
    }

    /// <summary>Writes the body of a request that counts the tokens of another request, including its tools and instructions.</summary>
    /// <param name="dialect">What the service accepts.</param>
    /// <param name="request">The request.</param>
    /// <param name="model">The model's name without its collection.</param>
    /// <param name="wrapped">The model with its collection, for a service that requires a wrapper around the request; otherwise
    /// null.</param>
    /// <param name="wire">Receives the body.</param>
    public static void WriteCount(GeminiProtocol dialect, ChatRequest request, string model, string? wrapped, WireRequest wire)
    {
        var writer = new GeminiWriter(dialect, request, model, wire);
        var json = writer._json;
        json.StartObject();
        if (wrapped is not null)
        {
            json.WriteName("generateContentRequest"u8);
            json.StartObject();
            json.WriteMember("model"u8, wrapped, "model");
        }
        writer.WriteMembers();
        if (wrapped is not null)
            json.EndObject();
        json.EndObject();
    }

    private void WriteMembers()
    {
        RequestErrors.Check(_request);
        WriteConversation();
        WriteConfig();
        WriteExtra();
    }

    private void WriteConversation()
    {
        var contents = new GeminiContentWriter(
            _dialect,
            _json,
            new(_request.Tools, _wire, isLoose: true),
            isOld: _dialect.SupportsBudget(_model)
        );
        contents.WriteSystem(_request);
        WriteTools();
        contents.WriteContents(_request);
    }

    private void WriteTools()
    {
        var tools = _request.Tools;
        var choice = _request.ToolChoice;
        var extra = Extra("tools");
        if (tools.Count > 0 || extra is not null)
        {
            _json.WriteName("tools"u8);
            _json.StartArray();
            if (tools.Count > 0)
            {
                _json.StartObject();
                _json.WriteName("functionDeclarations"u8);
                _json.StartArray();
                var run = new UnkeptTools(tools, _json);
                while (run.MoveNext())
                    WriteTool(run.Current);
                _json.EndArray();
                _json.EndObject();
            }
            if (extra is { } own)
                MemberWriter.WriteElements(_json, own);
            _json.EndArray();
        }
        else
        {
            RequestErrors.CheckChoiceOfNone(choice);
        }
        if (_request.ParallelToolCalls is not null)
            _wire.Note(QuirkKind.LeftOut, "parallel_tool_calls");
        bool hasFunctions = tools.Count > 0 || (extra is { } given && HasFunctions(given));
        if (!hasFunctions && extra is not null && choice is not (null or { Kind: ToolChoiceKind.Auto or ToolChoiceKind.None }))
            _wire.Note(QuirkKind.LeftOut, "toolConfig.functionCallingConfig");
        WriteToolConfig(hasFunctions ? choice : null);
    }

    private void WriteTool(ToolDefinition tool)
    {
        _json.StartObject();
        _json.WriteMember("name"u8, tool.Name, "tools[].functionDeclarations[].name");
        if (tool.Description is { } description)
            _json.WriteMember("description"u8, description, "tools[].functionDeclarations[].description");
        // A tool without arguments has no schema: older models reject an object without properties.
        if (!tool.Parameters.IsEmpty)
        {
            _json.WriteName(_dialect.SupportsJsonSchema ? "parametersJsonSchema"u8 : "parameters"u8);
            WriteSchema(tool.Parameters, "tools[].functionDeclarations[].parameters");
        }
        if (tool.Strict == true)
            _wire.Note(QuirkKind.LeftOut, "tools[].functionDeclarations[].strict");
        _json.EndObject();
    }

    private void WriteToolConfig(ToolChoice? choice)
    {
        var extra = Extra("toolConfig");
        if (choice is null && extra is null)
            return;
        var config = new InnerObject(_json, "toolConfig", IsSame);
        config.Open();
        if (choice is not null)
        {
            config.Name("functionCallingConfig");
            _json.StartObject();
            _json.WriteMember(
                "mode"u8,
                choice.Kind switch
                {
                    ToolChoiceKind.Auto => "AUTO"u8,
                    ToolChoiceKind.None => "NONE"u8,
                    _ => "ANY"u8,
                }
            );
            if (choice.Kind == ToolChoiceKind.Named)
            {
                _json.WriteName("allowedFunctionNames"u8);
                _json.StartArray();
                _json.WriteText(choice.Name!, "toolConfig.functionCallingConfig.allowedFunctionNames[]");
                _json.EndArray();
            }
            _json.EndObject();
        }
        if (extra is { } own)
            config.WriteExtra(own);
        config.Close();
    }

    private void WriteSampling(string name, double? asked)
    {
        if (asked is not { } value)
            return;
        if (!RefusedMembers.Contains(_dialect.RefusedByModel, _model, effort: null, name, value, out bool isKept))
            _config.Number(name, value);
        else if (!isKept)
            _wire.Note(QuirkKind.LeftOut, $"generationConfig.{name}");
    }

    private void WriteConfig()
    {
        if (_request.MaxTokens is { } maxTokens)
            _config.Number("maxOutputTokens", maxTokens);
        WriteSampling("temperature", _request.Temperature);
        WriteSampling("topP", _request.TopP);
        if (_request.Seed is { } seed)
            _config.Number("seed", seed);
        if (_request.Stop.Count > 0)
            _config.Texts("stopSequences", _request.Stop);
        WriteSampling("frequencyPenalty", _request.FrequencyPenalty);
        WriteSampling("presencePenalty", _request.PresencePenalty);
        if (_request.ChoiceCount is { } choices)
            _config.Number("candidateCount", choices);
        if (_request.TopLogProbs is { } count)
        {
            _config.Boolean("responseLogprobs", true);
            if (count != 0)
                _config.Number("logprobs", count);
        }
        WriteFormat();
        WriteThinking();
        if (Extra("generationConfig") is { } own)
        {
            _config.Open();
            _config.WriteExtra(own);
        }
        _config.Close();
        if (_request.User is not null)
            _wire.Note(QuirkKind.LeftOut, "user");
    }

    private void WriteFormat()
    {
        if (_request.Format is not { Kind: not ReplyFormatKind.Text } format)
            return;
        _config.Text("responseMimeType", "application/json"u8);
        if (format.Kind == ReplyFormatKind.JsonSchema)
        {
            string name = _dialect.SupportsJsonSchema ? "responseJsonSchema" : "responseSchema";
            _config.Name(name);
            WriteSchema(format.Schema, "generationConfig." + name);
        }
    }

    private void WriteSchema(RawJson schema, string place)
    {
        if (_dialect.SupportsJsonSchema)
            _json.WriteRaw(schema);
        else
            GeminiSchema.Write(schema, place, _json);
    }

    private void WriteThinking()
    {
        if (_request.Thinking is not { } thinking || thinking is { Effort: null, BudgetTokens: null, Include: null })
            return;
        _config.Name("thinkingConfig");
        _json.StartObject();
        // Either one, never both. The number is more precise, and models with levels accept it too.
        if (thinking.BudgetTokens is { } budget && thinking.Effort != ThinkingEffort.None)
            WriteBudget(budget);
        else if (thinking.Effort is { } effort && _dialect.SupportsBudget(_model))
            WriteBudget(MinBudget(effort) ?? BudgetOf(effort));
        else if (thinking.Effort is { } level)
            WriteLevel(level);
        if (thinking.Include is { } include)
            _json.WriteMember("includeThoughts"u8, include);
        _json.EndObject();
    }

    private void WriteBudget(int tokens)
    {
        _json.WriteName("thinkingBudget"u8);
        _json.WriteNumber(tokens);
    }

    // Thinking cannot be turned off in Gemini 2.5 Pro, which rejects smaller budgets.
    private int? MinBudget(ThinkingEffort effort)
    {
        if (effort != ThinkingEffort.None || !_model.StartsWith("gemini-2.5-pro", StringComparison.OrdinalIgnoreCase))
            return null;
        _wire.Note(QuirkKind.Adapted, "generationConfig.thinkingConfig.thinkingBudget");
        return 128;
    }

    private void WriteLevel(ThinkingEffort effort)
    {
        // Thinking cannot be turned off in these models, and they have no level above "high". Gemini 3 Pro has only "low" and "high".
        bool isMinimal = effort is ThinkingEffort.None or ThinkingEffort.Minimal && _dialect.SupportsMinimal(_model);
        bool isMedium = effort == ThinkingEffort.Medium && !_model.StartsWith("gemini-3-pro", StringComparison.OrdinalIgnoreCase);
        var level = effort switch
        {
            ThinkingEffort.None or ThinkingEffort.Minimal => isMinimal ? ThinkingEffort.Minimal : ThinkingEffort.Low,
            ThinkingEffort.Medium => isMedium ? ThinkingEffort.Medium : ThinkingEffort.High,
            ThinkingEffort.ExtraHigh or ThinkingEffort.Max => ThinkingEffort.High,
            _ => effort,
        };
        if (level != effort)
            _wire.Note(QuirkKind.Adapted, "generationConfig.thinkingConfig.thinkingLevel");
        _json.WriteMember("thinkingLevel"u8, EffortScale.Word(level), "generationConfig.thinkingConfig.thinkingLevel");
    }

    // The numbers that the service documents for the words of its compatible endpoint (2025).
    private static int BudgetOf(ThinkingEffort effort) =>
        effort switch
        {
            ThinkingEffort.None => 0,
            ThinkingEffort.Minimal or ThinkingEffort.Low => 1024,
            ThinkingEffort.Medium => 8192,
            _ => 24576,
        };

    private void WriteExtra()
    {
        foreach (var (name, value) in _request.Extra)
        {
            if (value.IsEmpty)
                RequestErrors.ThrowNoValue(name);
            // These members are merged elsewhere.
            if (IsSame(name, "tools") || IsSame(name, "toolConfig") || IsSame(name, "generationConfig"))
                continue;
            if (
                IsSame(name, "contents")
                || IsSame(name, "model")
                || (IsSame(name, "systemInstruction") && MessageTurns.HaveInstructions(_request))
            )
            {
                RequestErrors.ThrowRepeatsProperty(name);
            }

            _json.WriteName(name, "extra");
            _json.WriteRaw(value);
        }
    }

    private RawJson? Extra(string member)
    {
        foreach (var (name, value) in _request.Extra)
        {
            if (!value.IsEmpty && IsSame(name, member))
                return value;
        }
        return null;
    }

    // The service rejects a function calling mode if the request has only tools of the service's own.
    private static bool HasFunctions(RawJson tools)
    {
        var reader = WireJson.DeepReader(tools.Utf8);
        while (reader.Read())
        {
            if (
                reader.TokenType == JsonTokenType.PropertyName
                && reader.CurrentDepth == 2
                && (WireJson.Is(ref reader, "functionDeclarations"u8) || WireJson.Is(ref reader, "function_declarations"u8))
            )
            {
                return true;
            }
        }
        return false;
    }

    // The service accepts every name in camel case and in snake case.
    private static bool IsSame(string name, string other) =>
        string.Equals(name.Replace("_", "", StringComparison.Ordinal), other, StringComparison.OrdinalIgnoreCase);
}
