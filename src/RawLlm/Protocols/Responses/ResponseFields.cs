using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>
/// The members of a response object, which is a whole answer, or what an event contains of it. Any of them may be missing, and they arrive
/// in any order.
/// </summary>
internal ref struct ResponseFields
{
    public JsonText Status;

    /// <summary>Why the answer is incomplete.</summary>
    public JsonText Reason;

    /// <summary>
    /// The reasoning behind the answer, if it is one text beside it (mistral.rs, 2026). Elsewhere the name is that of a setting.
    /// </summary>
    public JsonText Thoughts;

    public ReadOnlySpan<byte> Error;
    public Utf8JsonReader Output;
    public bool HasOutput;

    /// <summary>Whether the object identifies itself as a response.</summary>
    public bool IsResponse;

    /// <summary>Whether it lists tools, none of which could be a custom tool of the caller.</summary>
    // xAI (2026) shows the calls of its own search as calls of custom tools, and runs them itself.
    public bool RunsCustomCalls;

    /// <summary>Reads the object that the reader is on, and takes what later objects may repeat.</summary>
    public void Read(
        scoped ref Utf8JsonReader reader,
        ReadOnlySpan<byte> data,
        ref AnswerName id,
        ref AnswerName model,
        ref ResponsesUsage usage,
        EventBuffer events
    )
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (WireJson.Is(ref reader, "id"u8))
            {
                id.Read(ref reader, "response.id", events);
            }
            else if (WireJson.Is(ref reader, "model"u8))
            {
                model.Read(ref reader, "response.model", events);
            }
            else if (WireJson.Is(ref reader, "status"u8))
            {
                WireJson.TryReadText(ref reader, ref Status, "response.status", events);
            }
            else if (WireJson.Is(ref reader, "object"u8))
            {
                reader.Read();
                IsResponse = reader.TokenType == JsonTokenType.String && WireJson.Is(ref reader, "response"u8);
                reader.Skip();
            }
            else if (WireJson.Is(ref reader, "incomplete_details"u8))
            {
                ReadReason(ref reader, events);
            }
            else if (WireJson.Is(ref reader, "error"u8))
            {
                WireJson.ReadError(ref reader, data, ref Error);
            }
            else if (WireJson.Is(ref reader, "output"u8))
            {
                ReadOutput(ref reader, events);
            }
            else if (WireJson.Is(ref reader, "usage"u8))
            {
                reader.Read();
                usage.Read(ref reader, events);
            }
            else if (WireJson.Is(ref reader, "tool_usage"u8))
            {
                usage.ReadTools(ref reader, events);
            }
            else if (WireJson.Is(ref reader, "reasoning"u8))
            {
                WireJson.ReadTextIfAny(ref reader, ref Thoughts);
            }
            else if (WireJson.Is(ref reader, "tools"u8))
            {
                ReadTools(ref reader);
            }
            else
            {
                WireJson.SkipValue(ref reader);
            }
        }
    }

    // Tools may be inside others, or be added by a tool search.
    private void ReadTools(scoped ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            reader.Skip();
            return;
        }
        int depth = reader.CurrentDepth;
        bool isAny = false;
        bool mayBeCallers = false;
        bool isType = false;
        while (reader.Read() && !(reader.TokenType == JsonTokenType.EndArray && reader.CurrentDepth == depth))
        {
            isAny |= isType;
            mayBeCallers |=
                isType
                && reader.TokenType == JsonTokenType.String
                && (
                    WireJson.Is(ref reader, "custom"u8)
                    || WireJson.Is(ref reader, "namespace"u8)
                    || WireJson.Is(ref reader, "tool_search"u8)
                );
            isType = reader.TokenType == JsonTokenType.PropertyName && WireJson.Is(ref reader, "type"u8);
        }
        RunsCustomCalls = isAny && !mayBeCallers;
    }

    private void ReadReason(scoped ref Utf8JsonReader reader, EventBuffer events)
    {
        if (!WireJson.EnterObject(ref reader))
            return;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (WireJson.Is(ref reader, "reason"u8))
                WireJson.TryReadText(ref reader, ref Reason, "response.incomplete_details.reason", events);
            else
                WireJson.SkipValue(ref reader);
        }
    }

    private void ReadOutput(scoped ref Utf8JsonReader reader, EventBuffer events)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            WireJson.SkipUnexpected(ref reader, "response.output", events);
            return;
        }
        HasOutput = true;
        Output = reader;
        reader.Skip();
    }
}
