using System.Text.Json;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Recorded;

/// <summary>Reads the prompt of a recorded request if it consists of text and tools.</summary>
internal static class RecordedRequest
{
    // What cannot be estimated from text: media, the service's own reasoning, tools that it runs itself.
    private static readonly string[] Foreign =
    [
        "image_url",
        "inlineData",
        "inline_data",
        "fileData",
        "source",
        "image",
        "document",
        "input_audio",
        "file",
        "audio",
        "video",
        "reasoningContent",
        "images",
        "previous_response_id",
        "conversation",
        "cachedContent",
        "output_config",
        "output_format",
        "container",
        "mcp_servers",
        "plugins",
        "web_search_options",
        "functions",
    ];

    private static readonly string[] ForeignTypes =
    [
        "thinking",
        "redacted_thinking",
        "server_tool_use",
        "web_search_tool_result",
        "reasoning",
        "compaction",
    ];

    /// <summary>The prompt; null if there is none, or if it contains more than text and tools.</summary>
    public static ChatRequest? Read(Recording recording)
    {
        string path = Path.Combine(Folders.Wire!, "meta", recording.File + ".json");
        if (!System.IO.File.Exists(path))
            return null;
        using var document = JsonDocument.Parse(System.IO.File.ReadAllBytes(path));
        if (
            !document.RootElement.TryGetProperty("request", out var request)
            || request.ValueKind != JsonValueKind.Object
            || IsForeign(request)
        )
        {
            return null;
        }

        string[] instructions = [.. Of(request, "system", "instructions", "systemInstruction", "system_instruction")];
        var messages = Messages(request);
        if (messages.Count == 0)
            return null;
        return new ChatRequest
        {
            System = instructions.Length == 0 ? null : string.Concat(instructions),
            Messages = messages,
            Tools = [.. Functions(request)],
        };
    }

    private static IEnumerable<string> Of(JsonElement request, params string[] names) =>
        names
            .Where(name => request.TryGetProperty(name, out _))
            .Select(name => Text(request.GetProperty(name)))
            .Where(text => text.Length > 0);

    private static List<Message> Messages(JsonElement request)
    {
        foreach (string name in (string[])["messages", "contents", "input"])
        {
            if (!request.TryGetProperty(name, out var list))
                continue;
            return list.ValueKind == JsonValueKind.String
                ? [Message.User(list.GetString()!)]
                : [.. list.EnumerateArray().Select(message => Message.User(Text(message)))];
        }
        return [];
    }

    // All text of a turn: its own, the arguments of tool calls and their results.
    private static string Text(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.String)
            return value.GetString()!;
        if (value.ValueKind == JsonValueKind.Array)
            return string.Concat(value.EnumerateArray().Select(Text));
        if (value.ValueKind != JsonValueKind.Object)
            return "";
        string text = "";
        foreach (var member in value.EnumerateObject())
        {
            text += member.Name switch
            {
                "role"
                or "type"
                or "id"
                or "call_id"
                or "tool_call_id"
                or "tool_use_id"
                or "toolUseId"
                or "status"
                or "cache_control"
                or "index"
                or "thoughtSignature"
                or "thought" => "",
                "arguments" or "input" or "args" or "json" or "response" when member.Value.ValueKind == JsonValueKind.Object =>
                    member.Value.GetRawText(),
                _ => Text(member.Value),
            };
        }
        return text;
    }

    private static IEnumerable<ToolDefinition> Functions(JsonElement request)
    {
        if (request.TryGetProperty("toolConfig", out var config) && config.ValueKind == JsonValueKind.Object)
            request = config;
        if (!request.TryGetProperty("tools", out var tools) || tools.ValueKind != JsonValueKind.Array)
            yield break;
        foreach (var tool in tools.EnumerateArray())
        {
            if (tool.TryGetProperty("functionDeclarations", out var declared) || tool.TryGetProperty("function_declarations", out declared))
            {
                foreach (var function in declared.EnumerateArray())
                    yield return Function(function);
            }
            else if (tool.TryGetProperty("name", out _))
            {
                yield return Function(tool);
            }
            else if (tool.TryGetProperty("function", out var function) || tool.TryGetProperty("toolSpec", out function))
            {
                yield return Function(function);
            }
        }
    }

    private static ToolDefinition Function(JsonElement function)
    {
        foreach (string name in (string[])["parameters", "input_schema", "parametersJsonSchema", "inputSchema"])
        {
            if (function.TryGetProperty(name, out var schema) && schema.ValueKind == JsonValueKind.Object)
                return new ToolDefinition(Member("name")!, Member("description"), RawJson.Parse(JsonSerializer.Serialize(schema)));
        }
        return new ToolDefinition(Member("name")!, Member("description"));

        string? Member(string name) =>
            function.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
    }

    private static bool IsForeign(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Array)
            return value.EnumerateArray().Any(IsForeign);
        if (value.ValueKind != JsonValueKind.Object)
            return false;
        foreach (var member in value.EnumerateObject())
        {
            if (member.Value.ValueKind == JsonValueKind.Null)
                continue;
            // A schema may contain any name.
            if (member.Name is "parameters" or "input_schema" or "inputSchema" or "parametersJsonSchema")
                continue;
            if (
                Foreign.Contains(member.Name)
                || (
                    member.Name == "type"
                    && member.Value.ValueKind == JsonValueKind.String
                    && ForeignTypes.Contains(member.Value.GetString())
                )
            )
            {
                return true;
            }

            if (member.Name == "tools" && member.Value.ValueKind == JsonValueKind.Array && member.Value.EnumerateArray().Any(IsHosted))
                return true;
            if (IsForeign(member.Value))
                return true;
        }
        return false;
    }

    private static bool IsHosted(JsonElement tool) =>
        !((string[])["name", "function", "functionDeclarations", "function_declarations", "toolSpec", "cachePoint"]).Any(name =>
            tool.TryGetProperty(name, out _)
        )
        || (
            tool.TryGetProperty("type", out var type)
            && type.ValueKind == JsonValueKind.String
            && type.GetString() is not ("function" or "custom")
        );
}
