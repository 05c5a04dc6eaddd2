using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>Finds the items that the entries of the final list repeat, if the IDs alone do not tell.</summary>
/// <remarks>
/// Some servers give the entries other IDs and other indexes than the items had (vLLM, LiteLLM and SGLang, 2026), or list more or fewer
/// than they streamed: vLLM parses the whole answer again for its list. Each entry is therefore matched first by its ID or the call's ID,
/// then by content, then by index, and only the rest by order.
/// </remarks>
internal readonly ref struct ListedItems(OutputItems items, ReadOnlySpan<byte> data, EventBuffer events)
{
    private readonly ReadOnlySpan<byte> _data = data;
    private readonly Dictionary<CallBlock, byte[]> _calls = [];

    /// <summary>Finds the items of all entries from one on.</summary>
    /// <param name="index">The index of that entry.</param>
    /// <param name="list">The reader, on that entry.</param>
    public void Match(int index, Utf8JsonReader list)
    {
        for (var way = MatchKind.Name; way <= MatchKind.Order && HasLeft(); way++)
            Match(way, index, list);
    }

    private bool HasLeft()
    {
        foreach (var item in items.All)
        {
            if (item.IsLeft)
                return true;
        }
        return false;
    }

    private void Match(MatchKind way, int index, Utf8JsonReader list)
    {
        int textCount = 0;
        do
        {
            // Each entry is compared with each item, so their number is limited, and an entry is read only once for all of them.
            if (index >= events.Options.Limits.ContentBlocks)
                throw AnswerErrors.TooManyParts();
            if (list.TokenType != JsonTokenType.StartObject)
            {
                list.Skip();
            }
            else
            {
                var fields = new OutputItemFields { RunsCustomCalls = items.RunsCustomCalls };
                fields.Read(ref list, _data, events);
                if (
                    fields.Kind != OutputItemKind.Echo
                    && items.FindEntry(index) is null
                    && Find(way, index, fields, ref textCount) is { } item
                )
                {
                    item.Entry = index;
                    item.IsGuessed = way == MatchKind.Order;
                }
            }
            index++;
        } while (list.Read() && list.TokenType != JsonTokenType.EndArray);
    }

    private OutputItem? Find(MatchKind way, int index, in OutputItemFields fields, ref int textCount)
    {
        if (way == MatchKind.Name)
            return items.FindNamed(fields);
        var kind = fields.Kind;
        var entry = way == MatchKind.Content ? new ListedEntry(fields, ref textCount, events) : default;
        if (way == MatchKind.Order && Repetitions.IsBlank(fields, events))
            return null;
        foreach (var item in items.All)
        {
            if (!item.IsLeft || !item.MayBe(kind) || !item.MayCall(fields.Name))
                continue;
            bool fits = way switch
            {
                MatchKind.Content => entry.IsEmittedBy(item, _calls),
                MatchKind.Number => item.OutputIndex == index && item.MayBe(fields.Id) && item.MayBeCall(fields.CallId),
                _ => item.IsDone || item.HasContent,
            };
            if (fits)
                return item;
        }
        return null;
    }

    /// <summary>The ways to match an entry with an item, the most reliable first.</summary>
    private enum MatchKind
    {
        Name,
        Content,
        Number,
        Order,
    }
}
