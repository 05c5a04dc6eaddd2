using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>The members of one item of an answer on the Responses wire; every one may be missing, and they come in any order.</summary>
internal ref struct OutputItemFields
{
    public JsonText Type;
    public JsonText Id;
    public JsonText CallId;
    public JsonText Name;
    public JsonText Status;
    public JsonText Arguments;
    public ReadOnlySpan<byte> ArgumentsValue;
    public ContentList Content;
    public ContentList Summary;

    /// <summary>The item's exact bytes.</summary>
    public ReadOnlySpan<byte> Raw;

    /// <summary>True where the service itself runs what it calls under the name of custom tools.</summary>
    public bool RunsCustomCalls;

    public readonly OutputItemKind Kind =>
        Type.IsEmpty ? OutputItemKind.Unknown
        : Type.Is("message"u8) ? OutputItemKind.Message
        : Type.Is("reasoning"u8) ? OutputItemKind.Reasoning
        : Type.Is("function_call"u8) ? OutputItemKind.FunctionCall
        : Type.Is("custom_tool_call"u8) && !RunsCustomCalls ? OutputItemKind.CustomCall
        : OutputItemKind.Opaque;

    /// <summary>Reads the item that the reader stands on, and moves it to the item's end.</summary>
    public void Read(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, EventBuffer events)
    {
        int start = checked((int)reader.TokenStartIndex);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("type"u8))
                WireJson.TryReadText(ref reader, ref Type, "item.type", events);
            else if (reader.ValueTextEquals("id"u8))
                WireJson.ReadTextIfAny(ref reader, ref Id);
            else if (reader.ValueTextEquals("call_id"u8))
                WireJson.ReadTextIfAny(ref reader, ref CallId);
            else if (reader.ValueTextEquals("name"u8))
                WireJson.ReadTextIfAny(ref reader, ref Name);
            else if (reader.ValueTextEquals("status"u8))
                WireJson.ReadTextIfAny(ref reader, ref Status);
            else if (reader.ValueTextEquals("arguments"u8))
                ResponsesEvent.ReadArguments(ref reader, data, ref Arguments, ref ArgumentsValue);
            else if (reader.ValueTextEquals("input"u8))
                WireJson.ReadTextIfAny(ref reader, ref Arguments);
            else if (reader.ValueTextEquals("content"u8))
                Content.Read(ref reader, data);
            else if (reader.ValueTextEquals("summary"u8))
                Summary.Read(ref reader, data);
            else
                WireJson.SkipValue(ref reader);
        }
        Raw = data[start..checked((int)reader.BytesConsumed)];
    }
}
