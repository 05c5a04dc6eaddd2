using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>
/// The members of a content block, at its start in a stream or in a whole answer. All are optional and may come in any order.
/// </summary>
internal ref struct BlockFields
{
    private ReadOnlySpan<byte> _type;

    public JsonText Id;
    public JsonText Name;
    public JsonText Text;
    public JsonText Thinking;
    public JsonText Signature;
    public ReadOnlySpan<byte> Input;

    /// <summary>The array of the text's citations.</summary>
    public ReadOnlySpan<byte> Citations;

    /// <summary>Whether there are unknown members.</summary>
    public bool HasOther;

    /// <summary>The whole object.</summary>
    public ReadOnlySpan<byte> Raw;

    public readonly bool HasType => !_type.IsEmpty;

    /// <summary>
    /// Whether the block marks the point after which another model of the service answers, because a filter declined the previous one's
    /// content.
    /// </summary>
    public readonly bool IsFallback => _type.SequenceEqual("fallback"u8);

    /// <summary>Returns the model that answers after that point; empty if the block does not contain it.</summary>
    public readonly JsonText FallbackModel(DecoderOptions options)
    {
        var reader = WireJson.Reader(Raw, options);
        reader.Read();
        JsonText model = default;
        if (
            WireJson.TryFindMember(ref reader, "to"u8)
            && reader.TokenType == JsonTokenType.StartObject
            && WireJson.TryFindMember(ref reader, "model"u8)
            && reader.TokenType == JsonTokenType.String
        )
        {
            model = JsonText.Read(ref reader);
        }

        return model;
    }

    public readonly BlockKind Kind =>
        _type switch
        {
            _ when _type.SequenceEqual("text"u8) => BlockKind.Text,
            _ when _type.SequenceEqual("thinking"u8) => BlockKind.Thinking,
            _ when _type.SequenceEqual("tool_use"u8) => BlockKind.ToolCall,
            _ => BlockKind.Raw,
        };

    /// <summary>Reads the object that the reader is on, and moves the reader to the object's end.</summary>
    public void Read(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data)
    {
        int start = checked((int)reader.TokenStartIndex);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = WireJson.Name(ref reader);
            if (name.SequenceEqual("type"u8))
                ReadType(ref reader);
            else if (name.SequenceEqual("id"u8))
                WireJson.ReadTextIfAny(ref reader, ref Id);
            else if (name.SequenceEqual("name"u8))
                WireJson.ReadTextIfAny(ref reader, ref Name);
            else if (name.SequenceEqual("text"u8))
                WireJson.ReadTextIfAny(ref reader, ref Text);
            else if (name.SequenceEqual("thinking"u8))
                WireJson.ReadTextIfAny(ref reader, ref Thinking);
            else if (name.SequenceEqual("signature"u8))
                WireJson.ReadTextIfAny(ref reader, ref Signature);
            else if (name.SequenceEqual("input"u8))
                ReadInput(ref reader, data);
            else if (name.SequenceEqual("citations"u8))
                ReadCitations(ref reader, data);
            else
                SkipOther(ref reader);
        }
        Raw = data[start..checked((int)reader.BytesConsumed)];
    }

    private void ReadType(scoped ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
            _type = WireJson.Name(ref reader);
        reader.Skip();
    }

    private void ReadInput(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data)
    {
        reader.Read();
        Input = WireJson.SkipRaw(ref reader, data);
    }

    private void ReadCitations(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data)
    {
        reader.Read();
        bool isList = reader.TokenType == JsonTokenType.StartArray;
        var value = WireJson.SkipRaw(ref reader, data);
        Citations = isList ? value : default;
    }

    private void SkipOther(scoped ref Utf8JsonReader reader)
    {
        reader.Read();
        HasOther |= reader.TokenType != JsonTokenType.Null;
        reader.Skip();
    }
}
