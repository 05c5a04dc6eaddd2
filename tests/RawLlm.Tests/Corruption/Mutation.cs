using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Corruption;

/// <summary>Three ways to turn valid bodies into invalid ones: changed bytes, changed JSON, and the wire's words in random order.</summary>
internal static class Mutation
{
    private static readonly byte[][] Pieces =
    [
        .. new[]
        {
            "\"",
            "\\",
            "\\u",
            "\\ud83d",
            "\\udc00",
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "null",
            "true",
            "0",
            "-1",
            "1e999",
            "99999999999",
            "2147483648",
            "-0",
            "1.5",
            "\"\\ud83d\":1,",
            "\n\n",
            "\n",
            "\r",
            "\r\n\r\n",
            "data: ",
            "data:",
            "event: error\n",
            ":",
            "[DONE]",
            "data: [DONE]\n\n",
            "\u00ff",
            "\0",
            "\u0001",
            "  ",
            "{\"error\":{\"message\":\"x\"}}",
            "\"type\":\"error\",",
            "\"index\":4294967294,",
            "\"index\":-1,",
            "\"id\":null,",
            "\"\":{},",
        }.Select(Encoding.Latin1.GetBytes),
        [0xEF, 0xBB, 0xBF],
        [0xFF],
        [0xC0, 0x80],
        [0xED, 0xA0, 0x80],
        [0xE2, 0x82],
    ];

    private static readonly string[] Values =
    [
        "null",
        "true",
        "false",
        "0",
        "-1",
        "1.5",
        "1e999",
        "2147483648",
        "9223372036854775808",
        "\"\"",
        "\"x\"",
        "\"\\ud83d\"",
        "[]",
        "{}",
        "[[]]",
        "[null]",
        "{\"a\":null}",
        "[{\"index\":0}]",
        "\"[DONE]\"",
        "\"stop\"",
        "\"error\"",
    ];

    public static byte[] Make(IReadOnlyList<GoldenBody> goldens, ref SplitMix64 random)
    {
        var golden = goldens[random.Below(goldens.Count)];
        switch (random.Below(8))
        {
            case 0:
                return Soup(goldens, ref random);
            case 1 or 2 or 3:
                return DamageJson(golden, ref random).Compose();
            case 4:
                return Reorder(golden, goldens[random.Below(goldens.Count)], ref random).Compose();
            case 5:
                return DamageData(golden, ref random).Compose();
            default:
                return DamageBytes(golden.Compose(), ref random);
        }
    }

    private static byte[] DamageBytes(byte[] body, ref SplitMix64 random)
    {
        var bytes = body.ToList();
        for (int left = 1 + random.Below(8); left > 0; left--)
        {
            int at = random.Below(bytes.Count + 1);
            int length = Math.Min(random.Below(16), bytes.Count - at);
            switch (random.Below(6))
            {
                case 0 when at < bytes.Count:
                    bytes[at] ^= (byte)(1 << random.Below(8));
                    break;
                case 1:
                    bytes.RemoveRange(at, length);
                    break;
                case 2:
                    bytes.InsertRange(at, bytes.GetRange(at, length));
                    break;
                case 3:
                    bytes.InsertRange(at, Pieces[random.Below(Pieces.Length)]);
                    break;
                case 4 when random.Below(4) == 0:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                default:
                    bytes.RemoveRange(at, length);
                    bytes.InsertRange(at, Pieces[random.Below(Pieces.Length)]);
                    break;
            }
        }
        return [.. bytes];
    }

    private static GoldenBody DamageData(GoldenBody golden, ref SplitMix64 random)
    {
        if (golden.Data.Count == 0)
            return golden;
        byte[][] data = [.. golden.Data];
        int at = random.Below(data.Length);
        data[at] = DamageBytes(data[at], ref random);
        return golden with { Data = data };
    }

    // Drops, repeats or moves events, or mixes them with those of another body.
    private static GoldenBody Reorder(GoldenBody golden, GoldenBody other, ref SplitMix64 random)
    {
        var events = golden.Heads.Zip(golden.Data).ToList();
        for (int left = 1 + random.Below(4); left > 0 && events.Count > 0; left--)
        {
            int from = random.Below(events.Count);
            var moved = events[from];
            switch (random.Below(4))
            {
                case 0:
                    events.RemoveAt(from);
                    break;
                case 1:
                    events.Insert(random.Below(events.Count + 1), moved);
                    break;
                case 2:
                    events.RemoveAt(from);
                    events.Insert(random.Below(events.Count + 1), moved);
                    break;
                default:
                    if (other.Data.Count > 0 && other.IsMessages == golden.IsMessages && other.IsEvents == golden.IsEvents)
                    {
                        int taken = random.Below(other.Data.Count);
                        events.Insert(random.Below(events.Count + 1), (other.Heads[taken], other.Data[taken]));
                    }
                    break;
            }
        }
        return golden with { Heads = [.. events.Select(e => e.First)], Data = [.. events.Select(e => e.Second)] };
    }

    private static GoldenBody DamageJson(GoldenBody golden, ref SplitMix64 random)
    {
        if (golden.Data.Count == 0)
            return golden;
        int at = random.Below(golden.Data.Count);
        byte[][] data = [.. golden.Data];
        try
        {
            var root = JsonNode.Parse(golden.Data[at]);
            var nodes = new List<JsonNode>();
            Collect(root, nodes);
            for (int left = 1 + random.Below(3); left > 0 && nodes.Count > 0; left--)
                Change(nodes[random.Below(nodes.Count)], ref random);
            data[at] = root is null ? "null"u8.ToArray() : Encoding.UTF8.GetBytes(root.ToJsonString());
        }
        catch (Exception e) when (e is JsonException or ArgumentException or InvalidOperationException)
        {
            // Not JSON to begin with, a duplicate name, or half of a surrogate pair: damage bytes instead.
            return DamageData(golden, ref random);
        }
        return golden with { Data = data };
    }

    private static void Collect(JsonNode? node, List<JsonNode> nodes)
    {
        if (node is JsonObject or JsonArray)
            nodes.Add(node);
        foreach (
            var child in node switch
            {
                JsonObject members => members.Select(member => member.Value),
                JsonArray items => items,
                _ => [],
            }
        )
        {
            Collect(child, nodes);
        }
    }

    private static void Change(JsonNode node, ref SplitMix64 random)
    {
        var value = JsonNode.Parse(Values[random.Below(Values.Length)]);
        if (node is JsonArray items)
        {
            int index = random.Below(items.Count + 1);
            if (index == items.Count)
                items.Add(random.Below(2) == 0 || index == 0 ? value : items[index - 1]?.DeepClone());
            else if (random.Below(3) == 0)
                items.RemoveAt(index);
            else
                items[index] = value;
            return;
        }
        var members = (JsonObject)node;
        string[] names = [.. members.Select(member => member.Key)];
        if (names.Length == 0)
        {
            members["x"] = value;
            return;
        }
        string name = names[random.Below(names.Length)];
        switch (random.Below(4))
        {
            case 0:
                members.Remove(name);
                break;
            case 1:
                members[names[random.Below(names.Length)]] = members[name]?.DeepClone();
                break;
            case 2:
                // Moves a member to the end: the order of members must not matter.
                var moved = members[name]?.DeepClone();
                members.Remove(name);
                members[name] = moved;
                break;
            default:
                members[name] = value;
                break;
        }
    }

    private static byte[] Soup(IReadOnlyList<GoldenBody> goldens, ref SplitMix64 random)
    {
        var soup = new List<byte>();
        for (int left = random.Below(40); left > 0; left--)
        {
            if (random.Below(2) == 0)
            {
                soup.AddRange(Pieces[random.Below(Pieces.Length)]);
                continue;
            }
            var golden = goldens[random.Below(goldens.Count)];
            if (golden.Data.Count == 0)
                continue;
            byte[] data = golden.Data[random.Below(golden.Data.Count)];
            int start = random.Below(data.Length + 1);
            soup.AddRange(data.AsSpan(start, Math.Min(random.Below(48), data.Length - start)));
        }
        return [.. soup];
    }
}
