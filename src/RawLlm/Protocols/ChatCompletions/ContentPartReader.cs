using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>Reads content that arrived as a list of parts instead of a text.</summary>
internal static class ContentPartReader
{
    /// <summary>Reads the list, and emits its content.</summary>
    /// <returns>False if a part was more than a piece of text.</returns>
    // Mistral (2025): [{"type":"thinking","thinking":[{"type":"text","text":"…"}]},{"type":"text","text":"…"}].
    public static bool Read(ReadOnlySpan<byte> parts, ChoiceState choice, EventBuffer events)
    {
        bool isRepeatable = true;
        events.Note(QuirkKind.ContentAsParts, "choices[].delta.content");
        var reader = WireJson.Reader(parts, events.Options);
        reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.String)
            {
                choice.EmitContent(JsonText.Read(ref reader), events);
            }
            else if (reader.TokenType != JsonTokenType.StartObject)
            {
                reader.Skip();
            }
            else if (IsReference(reader))
            {
                isRepeatable = false;
                choice.AddCitation(WireJson.SkipRaw(ref reader, parts), events);
            }
            else
            {
                isRepeatable &= ReadPart(ref reader, parts, choice, isThought: false, events);
            }
        }
        return isRepeatable;
    }

    // The type of a part may come after its content.
    private static bool ReadPart(
        scoped ref Utf8JsonReader reader,
        ReadOnlySpan<byte> parts,
        ChoiceState choice,
        bool isThought,
        EventBuffer events
    )
    {
        bool isRepeatable = true;
        isThought = isThought || IsThought(reader);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isSummary = isThought && WireJson.Is(ref reader, "summary"u8);
            bool isThinking = isSummary || WireJson.Is(ref reader, "thinking"u8) || (isThought && WireJson.Is(ref reader, "reasoning"u8));
            bool isRefusal = WireJson.Is(ref reader, "refusal"u8);
            bool isText = WireJson.Is(ref reader, "text"u8);
            bool isImage = WireJson.Is(ref reader, "image_url"u8);
            reader.Read();
            if (isImage && reader.TokenType is JsonTokenType.StartObject or JsonTokenType.String)
            {
                isRepeatable = false;
                choice.Media.ReadImage(AnswerMedia.ReadAddress(ref reader, parts, events), [], events);
            }
            else if (reader.TokenType == JsonTokenType.String && (isThinking || isRefusal || isText))
            {
                var text = JsonText.Read(ref reader);
                if (isRefusal)
                    choice.EmitRefusal(text, events);
                else if (isThinking || isThought)
                    choice.EmitReasoningInContent(text, events);
                else
                    choice.EmitContent(text, events);
            }
            else if (reader.TokenType == JsonTokenType.StartArray && isSummary)
            {
                isRepeatable &= choice.Returned.ReadSummary(WireJson.SkipRaw(ref reader, parts), choice, events);
            }
            else if (reader.TokenType == JsonTokenType.StartArray && isThinking)
            {
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    if (reader.TokenType == JsonTokenType.String)
                        choice.EmitReasoningInContent(JsonText.Read(ref reader), events);
                    else if (reader.TokenType == JsonTokenType.StartObject)
                        isRepeatable &= ReadPart(ref reader, parts, choice, isThought: true, events);
                    else
                        reader.Skip();
                }
            }
            else
            {
                reader.Skip();
            }
        }
        return isRepeatable;
    }

    // Databricks (2025): {"type":"reasoning","summary":[{"type":"summary_text","text":"…","signature":"…"}]}.
    private static bool IsThought(Utf8JsonReader part) =>
        FindType(ref part) && (WireJson.Is(ref part, "reasoning"u8) || WireJson.Is(ref part, "thinking"u8));

    // Mistral (2025), after the text that they support: {"type":"reference","reference_ids":[0]}, and
    // {"type":"tool_reference","title":"…","url":"…"} of its own search.
    private static bool IsReference(Utf8JsonReader part) =>
        FindType(ref part) && (WireJson.Is(ref part, "reference"u8) || WireJson.Is(ref part, "tool_reference"u8));

    private static bool FindType(scoped ref Utf8JsonReader part)
    {
        while (part.Read() && part.TokenType == JsonTokenType.PropertyName)
        {
            bool isType = WireJson.Is(ref part, "type"u8);
            part.Read();
            if (isType && part.TokenType == JsonTokenType.String)
                return true;
            part.Skip();
        }
        return false;
    }
}
