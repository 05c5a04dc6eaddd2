using System.Text;
using FsCheck;
using FsCheck.Fluent;
using RawLlm.Framing;
using RawLlm.Tests.Support;
using Xunit.Abstractions;

namespace RawLlm.Tests.Framing;

public sealed class SseRoundTripTests(ITestOutputHelper output)
{
    [Fact]
    public void TryRead_RandomEventsRandomlySplit_ReturnsSameEvents()
    {
        var text = Gen.Elements('a', 'b', ' ', ':', '{', '"', '\t', '\0', '\u00E9', '\u2028', '\uFEFF', '\u65E5')
            .ArrayOf()
            .Select(chars => new string(chars));
        var id = text.Select(value => value.Replace("\0", ""));
        var lines = text.NonEmptyListOf();
        var events =
            from type in text
            from data in lines
            from name in id
            from style in Gen.Choose(0, 23)
            select new Written(new SseEvent(type.Length == 0 ? "message" : type, string.Join('\n', data), name), type, style);
        var cases = from all in events.ListOf() from cutting in Gen.Choose(0, int.MaxValue) select (Events: all, Cutting: cutting);

        Prop.ForAll(
                cases.ToArbitrary(),
                c =>
                {
                    var random = new SplitMix64((ulong)c.Cutting);
                    var feed = FrameFeed.RunRandomly(new SseReader(), Write(c.Events), ref random);
                    return !feed.Reader.IsCut
                        && feed.Frames.All(frame => !frame.IsUnterminated)
                        && feed.Frames.Select(SseEvent.From).SequenceEqual(c.Events.Select(e => e.Event));
                }
            )
            .Check(PropertyRun.Of(2_000, output, seed: 20260927));
    }

    // The style selects among the equivalent ways to write an event.
    private static byte[] Write(IEnumerable<Written> events)
    {
        var wire = new StringBuilder();
        foreach (var (e, type, style) in events)
        {
            string end = (style % 3) switch
            {
                0 => "\n",
                1 => "\r",
                _ => "\r\n",
            };
            var fields = new List<string> { $"id: {e.Id}", $"event: {type}" };
            fields.AddRange(
                e.Data.Split('\n').Select(line => style / 3 % 2 == 0 || line.StartsWith(' ') ? $"data: {line}" : $"data:{line}")
            );
            if (style / 6 % 2 == 1)
                fields.Insert(fields.Count / 2, ": data: x");
            if (style / 12 % 2 == 1)
                fields.Reverse(0, 2);
            foreach (string field in fields)
                wire.Append(field).Append(end);
            wire.Append(end);
        }
        return Encoding.UTF8.GetBytes(wire.ToString());
    }

    private sealed record Written(SseEvent Event, string Type, int Style);
}
