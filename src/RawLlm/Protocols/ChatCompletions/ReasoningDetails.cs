using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>
/// OpenRouter's <c>reasoning_details</c> or LiteLLM's <c>thinking_blocks</c>, which must go back unchanged: pieces of one entry are joined,
/// all else is kept.
/// </summary>
/// <remarks>Source: openrouter.ai/docs, "Preserving reasoning" (2026). Consecutive entries with the same type and index are pieces of one
/// entry.</remarks>
internal sealed class ReasoningDetails(ReasoningData thoughts) : IDisposable
{
    private readonly List<ReasoningDetail> _entries = [];

    /// <summary>The entry that the last element belongs to; null if there is none.</summary>
    public ReasoningDetail? Last => _entries.Count > 0 ? _entries[^1] : null;

    /// <summary>Whether one of the entries has a signature.</summary>
    public bool IsSigned => _entries.Exists(static entry => entry.IsSigned);

    /// <summary>Whether this many more bytes may be kept.</summary>
    public bool CanRetain(int length, EventBuffer events) => thoughts.CanRetain(length, events);

    /// <exception cref="LlmException">The bytes exceed <see cref="LlmLimits.ReplyBytes"/>.</exception>
    public void Retain(int length, EventBuffer events) => thoughts.Retain(length, events);

    /// <summary>Reads one element of the array.</summary>
    /// <param name="reader">The reader, on the element.</param>
    /// <param name="data">The data of the reader.</param>
    /// <param name="isRepeatable">Whether the same element with another text would add that text and nothing else.</param>
    /// <param name="isOther">Whether the element starts another entry, whatever it contains.</param>
    /// <returns>The text that may be shown: a text or a summary, but nothing encrypted.</returns>
    public JsonText Add(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, out bool isRepeatable, bool isOther = false)
    {
        int start = checked((int)reader.TokenStartIndex);
        var scan = reader;
        ReadOnlySpan<byte> type = default;
        ReadOnlySpan<byte> index = default;
        JsonText text = default;
        ReadOnlySpan<byte> textName = default;
        ReadOnlySpan<byte> name;
        while (scan.Read() && scan.TokenType == JsonTokenType.PropertyName)
        {
            if (WireJson.Is(ref scan, "type"u8))
            {
                scan.Read();
                type = WireJson.SkipRaw(ref scan, data);
            }
            else if (WireJson.Is(ref scan, "index"u8))
            {
                scan.Read();
                index = WireJson.SkipRaw(ref scan, data);
            }
            else if (IsText(ref scan))
            {
                name = scan.ValueSpan;
                scan.Read();
                if (scan.TokenType == JsonTokenType.String)
                {
                    text = JsonText.Read(ref scan);
                    textName = name;
                }
                scan.Skip();
            }
            else
            {
                scan.Read();
                scan.Skip();
            }
        }
        var last = Last;
        if (
            last is null
            || isOther
            || !last.Type.AsSpan().SequenceEqual(type)
            || !last.Index.AsSpan().SequenceEqual(index)
            || (!text.IsPresent && !last.HasText)
            // Blocks have no index: a signature ends each.
            || (!text.IsEmpty && textName.SequenceEqual("thinking"u8) && last.IsSigned)
        )
        {
            _entries.Add(last = new ReasoningDetail(this) { Type = type.ToArray(), Index = index.ToArray() });
        }

        isRepeatable = last.Merge(ref reader, data, text, textName, start) && !text.IsEmpty && !last.IsSigned;
        return text;
    }

    /// <summary>Writes the entries as a member of an object, which it starts if nothing was written yet.</summary>
    public void Write(ReadOnlySpan<byte> name, ref PooledBytes json)
    {
        if (_entries.Count == 0)
            return;
        json.Append(json.Length == 0 ? "{\""u8 : ",\""u8);
        json.Append(name);
        json.Append("\":["u8);
        for (int i = 0; i < _entries.Count; i++)
        {
            if (i > 0)
                json.Append(","u8);
            _entries[i].Write(ref json);
        }
        json.Append("]"u8);
    }

    /// <summary>Whether the reader is on the name of a text that may be shown.</summary>
    public static bool IsText(scoped ref Utf8JsonReader reader) =>
        WireJson.Is(ref reader, "text"u8) || WireJson.Is(ref reader, "summary"u8) || WireJson.Is(ref reader, "thinking"u8);

    public void Dispose()
    {
        foreach (var entry in _entries)
            entry.Text.Return();
    }
}
