using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace RawLlm.Testing;

/// <summary>A request that a <see cref="ScriptedServer"/> received, kept for a test's assertions. It contains no credential.</summary>
public sealed class ScriptedRequest
{
    private static readonly JsonElement Nothing = JsonDocument.Parse("null").RootElement;

    // Digests of possible keys, so that no key is kept.
    private readonly HashSet<string> _keys = new(StringComparer.Ordinal);

    internal ScriptedRequest(int number, HttpRequestMessage message, byte[] body)
    {
        Number = number;
        Method = message.Method.Method;
        Path = RecordedPath.Of(message.RequestUri!);
        Host = message.RequestUri!.Host;
        Headers = Read(message);
        AddKeys(message);
        Body = Parse(body);
        IsStream = WireChoice.IsStream(Path, Body);
        Model = WireChoice.ModelOf(Path, Body);
        Messages = Member(Body, "messages") ?? Member(Body, "contents") ?? Member(Body, "input") ?? Nothing;
        Prompt = PromptOf(Messages);
        System = SystemOf(Body, Messages);
        Tools = ToolsOf(Body);
    }

    /// <summary>The number of the request at its server, starting at 1.</summary>
    public int Number { get; }

    /// <summary>The HTTP method.</summary>
    public string Method { get; }

    /// <summary>The path and query; keys and accounts in them are replaced with <c>*</c>.</summary>
    public string Path { get; }

    internal string Host { get; }

    /// <summary>The headers by name, case-insensitive; the value of a header that can carry a credential is <c>present</c>.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; }

    /// <summary>The body as JSON; <see cref="JsonValueKind.Null"/> if there is none or it is not JSON.</summary>
    public JsonElement Body { get; }

    /// <summary>The requested model; null if neither the body nor the path names one.</summary>
    public string? Model { get; }

    /// <summary>Whether the request asks for a stream.</summary>
    public bool IsStream { get; }

    /// <summary>The conversation, in the format of the wire: the body's <c>messages</c>, <c>contents</c> or <c>input</c>.</summary>
    public JsonElement Messages { get; }

    /// <summary>The text of the user's last message; empty if there is none.</summary>
    public string Prompt { get; }

    /// <summary>The system instructions outside and inside the conversation, separated by line breaks; empty if there are none.</summary>
    public string System { get; }

    /// <summary>The names of the tools that the model may call, in order.</summary>
    public IReadOnlyList<string> Tools { get; }

    /// <summary>Returns whether the request carried a key: as the value of a header, alone or after a word such as <c>Bearer</c>, or as a
    /// value in the query. A signing secret, as AWS uses, is never sent.</summary>
    /// <param name="key">The key. It is only compared, neither kept nor shown.</param>
    public bool HasKey(string key)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(key);
        return _keys.Contains(Digest(key.Trim()));
    }

    /// <summary>Returns the number, method, path and model.</summary>
    public override string ToString() => $"request {Number} ({Method} {Path}, model {Model ?? "not named"})";

    internal static JsonElement? Member(JsonElement of, string name) =>
        of.ValueKind == JsonValueKind.Object && of.TryGetProperty(name, out var member) ? member : null;

    private static Dictionary<string, string> Read(HttpRequestMessage message)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, values) in message.Headers.NonValidated)
            headers[name] = RecordedHeaders.IsSecret(name) ? "present" : values.ToString();
        if (message.Content is { } content)
        {
            foreach (var (name, values) in content.Headers.NonValidated)
                headers[name] = values.ToString();
        }
        return headers;
    }

    private void AddKeys(HttpRequestMessage message)
    {
        foreach (var (_, values) in message.Headers.NonValidated)
        {
            foreach (string value in values)
            {
                _keys.Add(Digest(value));
                if (value.IndexOf(' ', StringComparison.Ordinal) is > 0 and var space)
                    _keys.Add(Digest(value[(space + 1)..].Trim()));
            }
        }
        foreach (string pair in message.RequestUri!.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
            _keys.Add(Digest(Uri.UnescapeDataString(pair[(pair.IndexOf('=', StringComparison.Ordinal) + 1)..])));
    }

    private static string Digest(string key) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    private static JsonElement Parse(byte[] body)
    {
        if (body.Length == 0)
            return Nothing;
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return Nothing;
        }
    }

    private static string PromptOf(JsonElement messages)
    {
        if (messages.ValueKind == JsonValueKind.String)
            return messages.GetString()!;
        if (messages.ValueKind != JsonValueKind.Array)
            return "";
        for (int i = messages.GetArrayLength() - 1; i >= 0; i--)
        {
            if (
                Member(messages[i], "role") is { ValueKind: JsonValueKind.String } role
                && role.ValueEquals("user")
                && TextOf(Member(messages[i], "content") ?? Member(messages[i], "parts")) is { Length: > 0 } text
            )
            {
                return text;
            }
        }
        return "";
    }

    private static string SystemOf(JsonElement body, JsonElement messages)
    {
        var texts = new List<string>
        {
            TextOf(
                Member(body, "system")
                    ?? Member(body, "instructions")
                    ?? (Member(body, "systemInstruction") is { } instruction ? Member(instruction, "parts") : null)
            ),
        };
        if (messages.ValueKind == JsonValueKind.Array)
        {
            foreach (var message in messages.EnumerateArray())
            {
                if (
                    Member(message, "role") is { ValueKind: JsonValueKind.String } role
                    && (role.ValueEquals("system") || role.ValueEquals("developer"))
                )
                {
                    texts.Add(TextOf(Member(message, "content")));
                }
            }
        }
        return string.Join('\n', texts.Where(static text => text.Length > 0));
    }

    private static List<string> ToolsOf(JsonElement body)
    {
        var names = new List<string>();
        if (
            (Member(body, "tools") ?? (Member(body, "toolConfig") is { } config ? Member(config, "tools") : null))
            is not { ValueKind: JsonValueKind.Array } tools
        )
        {
            return names;
        }

        foreach (var tool in tools.EnumerateArray())
        {
            if (Member(tool, "functionDeclarations") is { ValueKind: JsonValueKind.Array } declared)
            {
                foreach (var function in declared.EnumerateArray())
                    AddName(function);
            }
            else
            {
                AddName(Member(tool, "function") ?? Member(tool, "toolSpec") ?? tool);
            }
        }
        return names;

        void AddName(JsonElement function)
        {
            if (Member(function, "name") is { ValueKind: JsonValueKind.String } name)
                names.Add(name.GetString()!);
        }
    }

    private static string TextOf(JsonElement? content) =>
        content switch
        {
            { ValueKind: JsonValueKind.String } text => text.GetString()!,
            { ValueKind: JsonValueKind.Array } parts => string.Concat(
                parts
                    .EnumerateArray()
                    .Select(part => Member(part, "text") is { ValueKind: JsonValueKind.String } text ? text.GetString() : "")
            ),
            _ => "",
        };
}
