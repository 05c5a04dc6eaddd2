using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>
/// Members of a message or delta in which some services report their search results. They are read once it is known that there are any.
/// </summary>
/// <remarks>
/// <c>context.citations</c> (Azure, "On your data"), <c>citations</c> (Cohere's, through gateways),
/// <c>executed_tools[].search_results.results</c> (Groq), and <c>reasoning_steps</c> (Perplexity, concise streams), whose thoughts are
/// reasoning.
/// </remarks>
internal static class MessageCitations
{
    /// <summary>Whether a member of a message or delta is one of them.</summary>
    public static bool IsMember(ReadOnlySpan<byte> name) =>
        name.Length is >= 7 and <= 15
        && (
            name.SequenceEqual("context"u8)
            || name.SequenceEqual("citations"u8)
            || name.SequenceEqual("reasoning_steps"u8)
            || name.SequenceEqual("executed_tools"u8)
        );

    /// <summary>Adds the citations in the object to the choice.</summary>
    /// <returns>False if that changed nothing.</returns>
    public static bool Read(ReadOnlySpan<byte> message, ChoiceState choice, EventBuffer events)
    {
        bool hasNews = false;
        var reader = WireJson.Reader(message, events.Options);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = WireJson.Name(ref reader);
            bool isCitations = name.SequenceEqual("citations"u8);
            bool isContext = name.SequenceEqual("context"u8);
            bool isTools = name.SequenceEqual("executed_tools"u8);
            reader.Read();
            var value = reader;
            if (isCitations)
                hasNews |= Annotate(ref value, message, "choices[].delta.citations[]", choice, events);
            else if (isContext && WireJson.TryFindMember(ref value, "citations"u8))
                hasNews |= Annotate(ref value, message, "choices[].delta.context.citations[]", choice, events);
            else if (isTools && value.TokenType == JsonTokenType.StartArray)
                hasNews |= ReadTools(ref value, message, choice, events);
            reader.Skip();
        }
        return hasNews;
    }

    /// <summary>Emits the reasoning in the steps of the object, one line per step.</summary>
    /// <returns>False if there is none.</returns>
    public static bool ReadSteps(ReadOnlySpan<byte> message, ChoiceState choice, EventBuffer events)
    {
        bool hasThoughts = false;
        var reader = WireJson.Reader(message, events.Options);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isSteps = WireJson.Name(ref reader).SequenceEqual("reasoning_steps"u8);
            reader.Read();
            if (!isSteps || reader.TokenType != JsonTokenType.StartArray)
            {
                reader.Skip();
                continue;
            }
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                if (reader.TokenType == JsonTokenType.StartObject)
                    hasThoughts |= ReadStep(ref reader, choice, events);
                else
                    reader.Skip();
            }
        }
        return hasThoughts;
    }

    private static bool ReadStep(scoped ref Utf8JsonReader reader, ChoiceState choice, EventBuffer events)
    {
        JsonText thought = default;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (WireJson.Name(ref reader).SequenceEqual("thought"u8))
                WireJson.ReadTextIfAny(ref reader, ref thought);
            else
                WireJson.SkipValue(ref reader);
        }
        if (thought.IsEmpty)
            return false;
        if (choice.HasReasoning)
            choice.EmitReasoning(JsonText.Of("\n"u8, isEscaped: false), events);
        choice.EmitReasoning(thought, events);
        return true;
    }

    private static bool ReadTools(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> message, ChoiceState choice, EventBuffer events)
    {
        bool hasNews = false;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var tool = reader;
            if (WireJson.TryFindMember(ref tool, "search_results"u8) && WireJson.TryFindMember(ref tool, "results"u8))
                hasNews |= Annotate(ref tool, message, "choices[].delta.executed_tools[].search_results.results[]", choice, events);
            reader.Skip();
        }
        return hasNews;
    }

    private static bool Annotate(
        scoped ref Utf8JsonReader reader,
        ReadOnlySpan<byte> message,
        string place,
        ChoiceState choice,
        EventBuffer events
    )
    {
        if (reader.TokenType == JsonTokenType.StartArray)
            return choice.Annotate(WireJson.SkipRaw(ref reader, message), place, events);
        WireJson.SkipUnexpected(ref reader, place, events);
        return false;
    }
}
