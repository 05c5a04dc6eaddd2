using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>
/// The holes of a template, as found in the frame from which it is made. The methods that add holes return false if there is no room for
/// more.
/// </summary>
internal struct TemplateHoles
{
    private const int MaxCount = 48;

    // Almost always one, which needs no array.
    private TemplateHole _single;
    private TemplateHole[]? _array;
    private byte _count;

    /// <summary>The holes, sorted by position once <see cref="TrySort"/> was called.</summary>
    [UnscopedRef]
    public readonly ReadOnlySpan<TemplateHole> Found =>
        _array is null ? new ReadOnlySpan<TemplateHole>(in _single)[.._count] : _array.AsSpan(0, _count);

    [UnscopedRef]
    private Span<TemplateHole> Places => _array is null ? new Span<TemplateHole>(ref _single)[.._count] : _array.AsSpan(0, _count);

    /// <summary>Removes all holes.</summary>
    public void Clear() => _count = 0;

    /// <summary>Adds a hole.</summary>
    public bool TryAdd(HoleKind kind, int start, int end)
    {
        if (_count == MaxCount)
            return false;
        if (_count > 0 && (_array is null || _count == _array.Length))
            Grow();
        _count++;
        Places[^1] = new TemplateHole(kind, (ushort)start, (ushort)end);
        return true;
    }

    /// <summary>Adds a hole for each string and number of a value, and one for each array of numbers.</summary>
    public bool TryAddScalars(ReadOnlySpan<byte> json, int start, DecoderOptions options)
    {
        var reader = WireJson.Reader(json, options);
        while (reader.Read())
        {
            int at = start + (int)reader.TokenStartIndex;
            bool isAdded = true;
            if (reader.TokenType == JsonTokenType.String)
                isAdded = TryAdd(HoleKind.Text, at + 1, at + 1 + reader.ValueSpan.Length);
            else if (reader.TokenType == JsonTokenType.Number)
                isAdded = TryAdd(HoleKind.Number, at, at + reader.ValueSpan.Length);
            else if (reader.TokenType == JsonTokenType.StartArray && TrySkipNumbers(ref reader))
                isAdded = TryAdd(HoleKind.Numbers, at, start + (int)reader.BytesConsumed);
            if (!isAdded)
                return false;
        }
        return true;
    }

    /// <summary>Adds a hole for each count in an object.</summary>
    public bool TryAddCounts(ReadOnlySpan<byte> json, int start, DecoderOptions options)
    {
        var reader = WireJson.Reader(json, options);
        while (reader.Read())
        {
            int at = start + (int)reader.TokenStartIndex;
            if (
                reader.TokenType == JsonTokenType.Number
                && JsonLexer.Count(reader.ValueSpan) == reader.ValueSpan.Length
                && !TryAdd(HoleKind.Count, at, at + reader.ValueSpan.Length)
            )
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>
    /// Adds holes for spaces, which may vary between tokens: at the place where they just did, and wherever there are several.
    /// </summary>
    public bool TryAddPadding(ReadOnlySpan<byte> data, int start, int padding, bool padsEnd, DecoderOptions options)
    {
        var reader = WireJson.Reader(data, options);
        int end = 0;
        while (true)
        {
            bool isToken = reader.Read();
            var gap = data[end..(isToken ? (int)reader.TokenStartIndex : data.Length)];
            // A space before the first token may belong to the framing. Within a value its bytes may count: citations and reasoning are
            // compared and kept as they arrived.
            bool isFree = end > 0 && (!isToken || reader.CurrentDepth <= (reader.TokenType == JsonTokenType.PropertyName ? 1 : 0));
            int from = isFree ? gap.IndexOf("  "u8) : -1;
            if (from < 0 && isFree && padding >= start + end && padding <= start + end + gap.Length)
            {
                from = padding - start - end;
                while (from > 0 && gap[from - 1] == (byte)' ')
                    from--;
            }
            if (padsEnd && isToken && reader is { TokenType: JsonTokenType.EndObject, CurrentDepth: 0 })
                from = Math.Max(from, 0);
            if (from >= 0 && !TryAdd(HoleKind.Spaces, start + end + from, start + end + from + JsonLexer.Spaces(gap[from..])))
                return false;
            if (!isToken)
                return true;
            end =
                (int)reader.TokenStartIndex
                + reader.ValueSpan.Length
                + (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName ? 2 : 0);
        }
    }

    /// <summary>Sorts the holes, which are few and almost in order; returns false if two overlap.</summary>
    public bool TrySort()
    {
        var holes = Places;
        for (int i = 1; i < holes.Length; i++)
        {
            var hole = holes[i];
            int at = i;
            for (; at > 0 && holes[at - 1].Start > hole.Start; at--)
                holes[at] = holes[at - 1];
            holes[at] = hole;
        }
        bool hasPiece = false;
        for (int i = 0; i < holes.Length; i++)
        {
            if (i > 0 && holes[i].Start < holes[i - 1].End)
                return false;
            // A repeated piece is the piece where it comes first, and an echo afterwards.
            if (holes[i].Kind is HoleKind.Piece or HoleKind.Echo)
            {
                holes[i] = holes[i] with { Kind = hasPiece ? HoleKind.Echo : HoleKind.Piece };
                hasPiece = true;
            }
        }
        return true;
    }

    private static bool TrySkipNumbers(scoped ref Utf8JsonReader reader)
    {
        var ahead = reader;
        bool isEmpty = true;
        while (ahead.Read() && ahead.TokenType == JsonTokenType.Number)
            isEmpty = false;
        if (isEmpty || ahead.TokenType != JsonTokenType.EndArray)
            return false;
        reader = ahead;
        return true;
    }

    private void Grow()
    {
        var larger = new TemplateHole[Math.Min(Math.Max(4, 2 * _count), MaxCount)];
        Found.CopyTo(larger);
        _array = larger;
    }
}
