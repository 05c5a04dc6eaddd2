using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace RawLlm.Extensions.AI;

/// <summary>Writes tools that the service runs itself as the JSON of the wires that support them.</summary>
internal static class HostedTools
{
    private const string Member = "tools";

    /// <summary>Returns whether the wires of all clients write a tool in the same form.</summary>
    public static bool AreSupportedByAll(AITool tool, IReadOnlyList<LlmClient> clients)
    {
        string? form = Form(tool, clients[0]);
        for (int i = 1; i < clients.Count; i++)
        {
            if (Form(tool, clients[i]) != form)
                return false;
        }
        return form is not null;
    }

    /// <summary>Adds hosted tools to the extra member <c>tools</c>.</summary>
    /// <exception cref="ArgumentException">That member is not an array, or a property of a tool cannot be written.</exception>
    public static void Add(
        Dictionary<string, RawJson> extra,
        IList<AITool> tools,
        IReadOnlyList<LlmClient> clients,
        JsonSerializerOptions json
    )
    {
        var text = new StringBuilder();
        // Case-insensitive, like the comparison of the wires.
        if (
            extra.Keys.FirstOrDefault(name => name.Equals(Member, StringComparison.OrdinalIgnoreCase)) is { } name
            && extra.Remove(name, out var given)
        )
        {
            string own = given.ToString().Trim();
            if (!own.StartsWith('['))
                throw new ArgumentException("AdditionalProperties[tools] is not an array, so ChatOptions.Tools cannot be added to it.");
            text.Append(own.AsSpan(1, own.Length - 2));
        }
        foreach (var tool in tools)
        {
            if (!IsHosted(tool))
                continue;
            if (!string.IsNullOrWhiteSpace(text.ToString()))
                text.Append(',');
            text.Append(Write(tool, Form(tool, clients[0])!, json));
        }
        extra[Member] = $"[{text}]";
    }

    /// <summary>Returns whether the service runs a tool, instead of the program.</summary>
    public static bool IsHosted(AITool tool) => tool is not AIFunctionDeclaration && tool.GetService<ToolDefinition>() is null;

    // As OpenAI, Anthropic and Google document them (2026-11). Code execution on Anthropic's wire requires a header and a container;
    // remote servers require approvals, which have no common form.
    private static string? Form(AITool tool, LlmClient client) =>
        (tool, client.Provider.Protocol.Name) switch
        {
            (HostedWebSearchTool, "responses") => """{"type":"web_search"}""",
            (HostedWebSearchTool, "anthropic") => """{"type":"web_search_20250305","name":"web_search"}""",
            (HostedWebSearchTool, "gemini") => """{"googleSearch":{}}""",
            (HostedCodeInterpreterTool { Inputs: null or { Count: 0 } }, "responses") =>
                """{"type":"code_interpreter","container":{"type":"auto"}}""",
            (HostedCodeInterpreterTool { Inputs: null or { Count: 0 } }, "gemini") => """{"codeExecution":{}}""",
            (HostedFileSearchTool { Inputs: { Count: > 0 } inputs }, "responses")
                when inputs.All(input => input is HostedVectorStoreContent) => """{"type":"file_search"}""",
            _ => null,
        };

    // The tool's own properties take precedence: they can select another version or set limits.
    private static string Write(AITool tool, string form, JsonSerializerOptions json)
    {
        using var known = JsonDocument.Parse(form);
        var first = known.RootElement.EnumerateObject().First();
        // Google's tools have a name and an object with settings; the others have a type.
        string? inside = first.Value.ValueKind == JsonValueKind.Object ? first.Name : null;
        var members = new Dictionary<string, RawJson>(StringComparer.Ordinal);
        foreach (var member in (inside is null ? known.RootElement : first.Value).EnumerateObject())
            members[member.Name] = member.Value.GetRawText();
        if (tool is HostedFileSearchTool search)
        {
            members["vector_store_ids"] =
                $"[{string.Join(',', search.Inputs!.Cast<HostedVectorStoreContent>().Select(store => RawJson.FromText(store.VectorStoreId)))}]";
            if (search.MaximumResultCount is { } count)
                members["max_num_results"] = count;
        }
        foreach (var (name, value) in tool.AdditionalProperties)
            members[name] = JsonValues.Write(value, $"AdditionalProperties[{name}] of '{tool.Name}'", json);
        string text = string.Join(',', members.Select(member => $"{RawJson.FromText(member.Key)}:{member.Value}"));
        return inside is null ? $"{{{text}}}" : $"{{\"{inside}\":{{{text}}}}}";
    }
}
