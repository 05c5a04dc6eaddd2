namespace RawLlm.Protocols;

/// <summary>A text in an entry of the final list, as far as it can be compared with a text that was emitted.</summary>
/// <param name="kind">The kind of text in an item that is not reasoning, where all text is reasoning.</param>
/// <param name="text">The text.</param>
internal sealed class ListedText(StreamEventKind kind, ReadOnlySpan<byte> text)
{
    private readonly int _length = text.Length;
    private readonly ulong _last = TextCount.Last(text);

    /// <summary>Whether an item emitted the text, as far as known.</summary>
    public bool IsIn(OutputItem item)
    {
        var own = item.Kind == OutputItemKind.Reasoning && kind == StreamEventKind.Text ? StreamEventKind.Reasoning : kind;
        foreach (var text in item.Texts)
        {
            // A text that can no longer be compared does not count as the same.
            if (text.Kind == own && text is { HasText: true, Run.Counted: { } counted } && counted.MayBe(_length, _last))
                return true;
        }
        return false;
    }
}
