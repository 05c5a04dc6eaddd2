using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>Reads the partial arguments of a call (<c>partialArgs</c>).</summary>
internal static class GeminiPieces
{
    /// <summary>Reads the array that the reader is on, and emits the text that its pieces form.</summary>
    /// <param name="reader">The reader.</param>
    /// <param name="open">The call.</param>
    /// <param name="candidate">The candidate that the call belongs to.</param>
    /// <param name="scratch">A buffer for a path without its escapes.</param>
    /// <param name="events">Receives the events.</param>
    public static void Read(
        scoped ref Utf8JsonReader reader,
        GeminiOpenCall open,
        GeminiCandidate candidate,
        ref PooledBytes scratch,
        EventBuffer events
    )
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.StartObject)
            {
                GeminiPiece piece = default;
                piece.Read(ref reader, events);
                if (piece.IsUnreadable)
                    open.Partial.Break();
                candidate.Calls.Append(
                    open.Call,
                    open.Partial.Add(Unescape(piece.Path, ref scratch), piece.Value, piece.IsString, piece.WillContinue),
                    events
                );
                continue;
            }
            // An unreadable element may have been a piece of the arguments.
            if (reader.TokenType != JsonTokenType.Null)
                open.Partial.Break();
            WireJson.SkipUnexpected(ref reader, "candidates[].content.parts[].functionCall.partialArgs[]", events);
        }
    }

    private static ReadOnlySpan<byte> Unescape(JsonText text, ref PooledBytes scratch)
    {
        if (!text.IsEscaped)
            return text.Raw;
        scratch.Clear();
        char pending = '\0';
        scratch.Commit(text.CopyTo(scratch.Reserve(text.MaxLength), ref pending, out _));
        return scratch.Span;
    }
}
