using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>Reads the log probabilities of an answer's tokens, in both forms that services use.</summary>
internal static class LogProbReader
{
    // Part of the memory that a token takes in addition to its text. Without a bound, millions of empty tokens would fit into one event.
    private const int TokenBytes = 24;

    private const string Place = "logprobs";

    /// <summary>Whether a list contains anything.</summary>
    public static bool HasTokens(ReadOnlySpan<byte> json) => !WireJson.IsNothing(json) && json[0] is (byte)'[' or (byte)'{';

    /// <summary>Adds the tokens of a list as an event.</summary>
    /// <param name="json">OpenAI's form, which Ollama also uses: <c>[{"token","logprob","bytes":[…],"top_logprobs":[…]}]</c>.</param>
    /// <param name="choice">The number of the choice.</param>
    /// <param name="part">The number of the part that the tokens belong to.</param>
    /// <param name="events">Receives the event.</param>
    public static void Emit(ReadOnlySpan<byte> json, int choice, int part, EventBuffer events)
    {
        var reader = WireJson.Reader(json, events.Options);
        reader.Read();
        var tokens = ReadList(ref reader, events);
        if (tokens.Count > 0)
            events.AddLogProbs(choice, part, json, new LogProbs(tokens));
    }

    /// <summary>
    /// Adds the tokens of a Gemini result as an event. Gemini sends chosen and alternative tokens in two lists, and an average.
    /// </summary>
    /// <param name="result"><c>{"chosenCandidates":[{"token","tokenId","logProbability"}],"topCandidates":[{"candidates":[…]}]}</c>; empty
    /// if there is none.</param>
    /// <param name="average">The average; null if the service did not send one.</param>
    /// <param name="choice">The number of the choice.</param>
    /// <param name="part">The number of the part that the tokens belong to.</param>
    /// <param name="events">Receives the event.</param>
    public static void EmitResult(ReadOnlySpan<byte> result, double? average, int choice, int part, EventBuffer events)
    {
        List<TokenLogProb> chosen = [];
        List<IReadOnlyList<TokenLogProb>> alternatives = [];
        if (!result.IsEmpty)
        {
            var reader = WireJson.Reader(result, events.Options);
            reader.Read();
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                bool isChosen = WireJson.Is(ref reader, "chosenCandidates"u8);
                bool isTop = WireJson.Is(ref reader, "topCandidates"u8);
                reader.Read();
                if (isChosen)
                    chosen = ReadList(ref reader, events);
                else if (isTop)
                    ReadTop(ref reader, alternatives, events);
                else
                    reader.Skip();
            }
        }
        for (int i = 0; i < chosen.Count && i < alternatives.Count; i++)
            chosen[i] = chosen[i] with { Alternatives = alternatives[i] };
        if (chosen.Count > 0 || average is not null)
            events.AddLogProbs(choice, part, result, new LogProbs(chosen) { Average = average });
    }

    private static void ReadTop(scoped ref Utf8JsonReader reader, List<IReadOnlyList<TokenLogProb>> alternatives, EventBuffer events)
    {
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            WireJson.SkipUnexpected(ref reader, Place, events);
            return;
        }
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var candidates = reader;
            IReadOnlyList<TokenLogProb> read = WireJson.TryFindMember(ref candidates, "candidates"u8)
                ? ReadList(ref candidates, events)
                : [];
            events.CountToken(TokenBytes);
            alternatives.Add(read);
            reader.Skip();
        }
    }

    private static List<TokenLogProb> ReadList(scoped ref Utf8JsonReader reader, EventBuffer events)
    {
        var tokens = new List<TokenLogProb>();
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            WireJson.SkipUnexpected(ref reader, Place, events);
            return tokens;
        }
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.StartObject)
                tokens.Add(ReadToken(ref reader, events));
            else
                WireJson.SkipUnexpected(ref reader, Place, events);
        }
        return tokens;
    }

    private static TokenLogProb ReadToken(scoped ref Utf8JsonReader reader, EventBuffer events)
    {
        events.CountToken(TokenBytes);
        JsonText text = default;
        double probability = double.NegativeInfinity;
        byte[] bytes = [];
        int? id = null;
        IReadOnlyList<TokenLogProb> alternatives = [];
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (WireJson.Is(ref reader, "token"u8))
            {
                WireJson.TryReadText(ref reader, ref text, Place, events);
            }
            else if (WireJson.Is(ref reader, "logprob"u8) || WireJson.Is(ref reader, "logProbability"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.Number && reader.TryGetDouble(out double value))
                    probability = value;
                else
                    WireJson.SkipUnexpected(ref reader, Place, events);
            }
            else if (WireJson.Is(ref reader, "bytes"u8))
            {
                bytes = ReadBytes(ref reader, events);
            }
            else if (WireJson.Is(ref reader, "tokenId"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out int value))
                    id = value;
                reader.Skip();
            }
            else if (WireJson.Is(ref reader, "top_logprobs"u8))
            {
                reader.Read();
                alternatives = ReadList(ref reader, events);
            }
            else
            {
                WireJson.SkipValue(ref reader);
            }
        }
        return new TokenLogProb(StringCache.Get(text), probability)
        {
            Bytes = bytes,
            Id = id,
            Alternatives = alternatives,
        };
    }

    private static byte[] ReadBytes(scoped ref Utf8JsonReader reader, EventBuffer events)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            WireJson.SkipUnexpected(ref reader, Place, events);
            return [];
        }
        var bytes = new PooledBytes();
        bool isOdd = false;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out int value) && value is >= 0 and <= byte.MaxValue)
                bytes.Append([(byte)value]);
            else
                isOdd = true;
            reader.Skip();
        }
        byte[] read = isOdd ? [] : bytes.Span.ToArray();
        bytes.Return();
        if (isOdd)
            events.Note(QuirkKind.UnexpectedType, Place);
        return read;
    }
}
