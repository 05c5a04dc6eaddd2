using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Wire;

/// <summary>An AWS event stream as text, in the format of a wire case's <c>stream.frames</c>.</summary>
/// <remarks>
/// Blank lines separate messages. A line <c>:name value</c> is a header; <c>:message-type event</c> and
/// <c>:content-type application/json</c> are implied. Other lines are the payload. <c>!chunk</c> wraps the payload as base64 in
/// <c>{"bytes":…}</c>; <c>!badcrc</c> and <c>!badprelude</c> corrupt a checksum; <c>!long</c> states a length that is 16 too large, with
/// correct checksums; <c>!cut n</c> leaves out the last n bytes; <c>#</c> begins a comment.
/// </remarks>
internal static class FramesText
{
    public static byte[] Encode(string text)
    {
        var stream = new MemoryStream();
        foreach (string message in text.ReplaceLineEndings("\n").Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
            stream.Write(EncodeMessage(message.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
        return stream.ToArray();
    }

    private static byte[] EncodeMessage(string[] lines)
    {
        var headers = new List<(string Name, string Value)>();
        var payload = new List<string>();
        var marks = new Dictionary<string, string>();
        foreach (string line in lines)
        {
            string[] words = line.Split(' ', 2);
            string rest = words.Length > 1 ? words[1] : "";
            if (line[0] == ':')
                headers.Add((words[0], rest));
            else if (line[0] == '!')
                marks[words[0]] = rest;
            else if (line[0] != '#')
                payload.Add(line);
        }
        if (headers.Count == 0 && payload.Count == 0)
            return [];
        if (!headers.Exists(header => header.Name == ":content-type"))
            headers.Add((":content-type", "application/json"));
        if (!headers.Exists(header => header.Name == ":message-type"))
            headers.Add((":message-type", "event"));
        byte[] body = Encoding.UTF8.GetBytes(string.Join('\n', payload));
        if (marks.ContainsKey("!chunk"))
            body = Encoding.UTF8.GetBytes(new JsonObject { ["bytes"] = Convert.ToBase64String(body), ["p"] = "abcdefgh" }.ToJsonString());
        byte[] written = headers.SelectMany(header => AwsMessage.Text(header.Name, header.Value)).ToArray();
        byte[] message = marks.ContainsKey("!long")
            ? AwsMessage.Write(written, body, (uint)(32 + written.Length + body.Length), (uint)written.Length)
            : AwsMessage.Write(written, body);
        if (marks.ContainsKey("!badcrc"))
            message[^1] ^= 1;
        if (marks.ContainsKey("!badprelude"))
            message[8] ^= 1;
        return marks.TryGetValue("!cut", out string? count) ? message[..^int.Parse(count, CultureInfo.InvariantCulture)] : message;
    }
}
