using System.Numerics;
using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>The <c>delta</c> of one event: a union with one member. If it has more, the known ones count.</summary>
internal ref struct ConverseDelta
{
    public ConverseDeltaKinds Kinds;
    public JsonText Text;
    public JsonText Thoughts;

    public JsonText Signature;

    /// <summary>Reasoning that only the service can read, as base64.</summary>
    public JsonText Redacted;

    /// <summary>A fragment of a call's input.</summary>
    public JsonText Input;

    /// <summary>The input as a JSON value, if a server sends one instead of text.</summary>
    public ReadOnlySpan<byte> InputValue;

    /// <summary>Whether the input is neither, so that it cannot be read.</summary>
    public bool IsInputUnreadable;

    public ReadOnlySpan<byte> Citation;

    /// <summary>The name of an unknown member, between its quotes.</summary>
    public ReadOnlySpan<byte> Name;

    /// <summary>The value of the unknown member.</summary>
    public ReadOnlySpan<byte> Value;

    /// <summary>Whether the union has one member, as it should.</summary>
    public readonly bool HasOneKind => BitOperations.IsPow2((int)Kinds);

    public readonly bool IsList => Value is [(byte)'[', ..];

    public readonly bool IsObject => Value is [(byte)'{', ..];

    /// <summary>Reads the object that the reader is on.</summary>
    public void Read(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, EventBuffer events)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = WireJson.Name(ref reader);
            if (name.SequenceEqual("text"u8))
            {
                if (WireJson.TryReadText(ref reader, ref Text, "delta.text", events))
                    Kinds |= ConverseDeltaKinds.Text;
            }
            else if (name.SequenceEqual("toolUse"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.StartObject)
                    ReadInput(ref reader, data, events);
                else
                    SkipInput(ref reader, "delta.toolUse", events);
            }
            else if (name.SequenceEqual("reasoningContent"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.StartObject)
                    ReadReasoning(ref reader, events);
                else
                    WireJson.SkipUnexpected(ref reader, "delta.reasoningContent", events);
            }
            else
            {
                ReadOther(ref reader, data, isCitation: name.SequenceEqual("citation"u8));
            }
        }
    }

    private void ReadInput(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, EventBuffer events)
    {
        Kinds |= ConverseDeltaKinds.ToolUse;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!WireJson.Name(ref reader).SequenceEqual("input"u8))
            {
                events.Ignore(ref reader);
                continue;
            }
            reader.Read();
            if (reader.TokenType == JsonTokenType.String)
                Input = JsonText.Read(ref reader);
            else if (reader.TokenType == JsonTokenType.StartObject)
                InputValue = WireJson.SkipRaw(ref reader, data);
            else
                SkipInput(ref reader, "delta.toolUse.input", events);
        }
    }

    private void SkipInput(scoped ref Utf8JsonReader reader, string place, EventBuffer events)
    {
        if (reader.TokenType != JsonTokenType.Null)
        {
            Kinds |= ConverseDeltaKinds.ToolUse;
            IsInputUnreadable = true;
        }
        WireJson.SkipUnexpected(ref reader, place, events);
    }

    private void ReadReasoning(scoped ref Utf8JsonReader reader, EventBuffer events)
    {
        Kinds |= ConverseDeltaKinds.Reasoning;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = WireJson.Name(ref reader);
            if (name.SequenceEqual("text"u8))
                WireJson.TryReadText(ref reader, ref Thoughts, "delta.reasoningContent.text", events);
            else if (name.SequenceEqual("signature"u8))
                WireJson.TryReadText(ref reader, ref Signature, "delta.reasoningContent.signature", events);
            else if (name.SequenceEqual("redactedContent"u8))
                WireJson.TryReadText(ref reader, ref Redacted, "delta.reasoningContent.redactedContent", events);
            // The form of whole answers: Nova 2 over InvokeModel (Amazon's examples of 2026).
            else if (name.SequenceEqual("reasoningText"u8))
                ReadReasoningText(ref reader, events);
            else
                WireJson.SkipValue(ref reader);
        }
    }

    private void ReadReasoningText(scoped ref Utf8JsonReader reader, EventBuffer events)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.StartObject)
            ReadReasoning(ref reader, events);
        else
            WireJson.SkipUnexpected(ref reader, "delta.reasoningContent.reasoningText", events);
    }

    private void ReadOther(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, bool isCitation)
    {
        var name = reader.ValueSpan;
        reader.Read();
        if (reader.TokenType == JsonTokenType.Null)
            return;
        var value = WireJson.SkipRaw(ref reader, data);
        if (isCitation)
        {
            Kinds |= ConverseDeltaKinds.Citation;
            Citation = value;
            return;
        }
        Kinds |= ConverseDeltaKinds.Other;
        Name = name;
        Value = value;
    }
}
