using System.Text;
using System.Text.Json.Nodes;

namespace RawLlm.Tests.Recorded;

/// <summary>
/// Rebuilds the content that must be sent back on the Messages wire from an answer's events, slowly and simply, with another JSON library's
/// tree.
/// </summary>
internal static class RebuiltBlocks
{
    /// <summary>Returns the content of a stream, up to the first <c>message_stop</c>.</summary>
    public static JsonArray OfStream(byte[] body)
    {
        var blocks = new SortedDictionary<int, JsonObject>();
        var inputs = new Dictionary<int, StringBuilder>();
        foreach (string line in Encoding.UTF8.GetString(body).Split('\n'))
        {
            if (!line.StartsWith("data:", StringComparison.Ordinal))
                continue;
            var e = JsonNode.Parse(line[5..])!.AsObject();
            string type = (string)e["type"]!;
            if (type == "message_stop")
                break;
            if (type == "content_block_start")
            {
                blocks.Add((int)e["index"]!, (JsonObject)e["content_block"]!.DeepClone());
                continue;
            }
            if (type != "content_block_delta")
                continue;
            int index = (int)e["index"]!;
            var block = blocks[index];
            foreach (var (name, value) in e["delta"]!.AsObject())
            {
                if (name == "type")
                    continue;
                if (name == "partial_json")
                {
                    inputs.TryAdd(index, new StringBuilder());
                    inputs[index].Append((string)value!);
                }
                else if (name == "citation")
                {
                    if (block["citations"] is not JsonArray)
                        block["citations"] = new JsonArray();
                    block["citations"]!.AsArray().Add(value!.DeepClone());
                }
                else
                {
                    block[name] =
                        name != "signature" && block[name] is JsonValue before ? (string)before! + (string)value! : value!.DeepClone();
                }
            }
        }
        foreach (var (index, input) in inputs)
        {
            if (input.Length > 0)
                blocks[index]["input"] = Parse(input.ToString());
        }
        return Normal(blocks.Values);
    }

    /// <summary>Returns the content of a whole answer.</summary>
    public static JsonArray OfReply(byte[] body) =>
        Normal(JsonNode.Parse(body)!["content"]!.AsArray().Select(block => (JsonObject)block!.DeepClone()));

    // The service rejects blank text; null has no meaning.
    private static JsonArray Normal(IEnumerable<JsonObject> blocks)
    {
        var normal = new JsonArray();
        foreach (var block in blocks)
        {
            string type = (string)block["type"]!;
            if (type == "text" && string.IsNullOrWhiteSpace((string?)block["text"]))
                continue;
            if (type is "text" or "tool_use" or "thinking")
            {
                foreach (
                    string name in block
                        .Where(member => member.Value is null or JsonArray { Count: 0 })
                        .Select(member => member.Key)
                        .ToList()
                )
                {
                    block.Remove(name);
                }
            }
            normal.Add(block);
        }
        return normal;
    }

    private static JsonNode? Parse(string json)
    {
        try
        {
            return JsonNode.Parse(json);
        }
        catch (System.Text.Json.JsonException)
        {
            return new JsonObject { ["INVALID_JSON"] = json };
        }
    }
}
