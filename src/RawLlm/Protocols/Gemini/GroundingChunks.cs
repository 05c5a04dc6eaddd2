using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>The sources in one <c>groundingMetadata</c> list, and which of them support a passage.</summary>
internal readonly ref struct GroundingChunks
{
    private readonly ReadOnlySpan<byte> _array;
    private readonly List<(int Start, int End)> _ranges = [];
    private readonly bool[] _isUsed;

    /// <summary>Finds the elements.</summary>
    /// <exception cref="LlmException">There are more than <see cref="LlmLimits.ContentBlocks"/> allows.</exception>
    public GroundingChunks(ReadOnlySpan<byte> array, EventBuffer events)
    {
        _array = array;
        var list = WireJson.Elements(array, events.Options);
        while (list.Read() && list.TokenType != JsonTokenType.EndArray)
        {
            int start = (int)list.TokenStartIndex;
            list.Skip();
            _ranges.Add((start, (int)list.BytesConsumed));
            if (_ranges.Count > events.Options.Limits.ContentBlocks)
            {
                throw AnswerErrors.TooMuch(
                    LlmLimit.ContentBlocks,
                    "The answer lists more sources at once than LlmLimits.ContentBlocks allows."
                );
            }
        }
        _isUsed = new bool[_ranges.Count];
    }

    public int Count => _ranges.Count;

    /// <summary>Returns a source and marks it as supporting a passage.</summary>
    public ReadOnlySpan<byte> Use(int index)
    {
        _isUsed[index] = true;
        return Read(index, out _);
    }

    /// <summary>Returns a source.</summary>
    public ReadOnlySpan<byte> Read(int index, out bool isUsed)
    {
        isUsed = _isUsed[index];
        return _array[_ranges[index].Start.._ranges[index].End];
    }
}
