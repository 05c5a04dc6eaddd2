using System.Text;
using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>One message of a conversation: its role and its parts. Immutable.</summary>
/// <param name="Role">Who speaks.</param>
/// <param name="Parts">The content, in order; must not change afterwards.</param>
[JsonConverter(typeof(MessageConverter))]
public sealed record Message(Role Role, IReadOnlyList<Part> Parts)
{
    /// <summary>The name of the speaker, if the service distinguishes several.</summary>
    public string? Name { get; init; }

    /// <summary>All text of the message, joined, without reasoning and refusals.</summary>
    public string Text => JoinText(Parts);

    /// <summary>Creates a user message.</summary>
    public static Message User(string text) => new(Role.User, [new TextPart(text)]);

    /// <summary>Creates a user message of several parts, such as text and images.</summary>
    public static Message User(params IReadOnlyList<Part> parts) => new(Role.User, parts);

    /// <summary>Creates a user message of a text and what it refers to, such as images and files.</summary>
    public static Message User(string text, params IReadOnlyList<Part> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        return new(Role.User, [new TextPart(text), .. parts]);
    }

    /// <summary>Creates a message of the model.</summary>
    public static Message Assistant(string text) => new(Role.Assistant, [new TextPart(text)]);

    /// <summary>Creates a message of the model with several parts, such as text and tool calls.</summary>
    public static Message Assistant(params IReadOnlyList<Part> parts) => new(Role.Assistant, parts);

    /// <summary>Creates a message with system instructions.</summary>
    public static Message System(string text) => new(Role.System, [new TextPart(text)]);

    /// <summary>
    /// Creates system instructions of several parts, such as a long one for the
    /// service's prompt cache (<see cref="Part.Cache"/>) and a short one that changes.
    /// </summary>
    public static Message System(params IReadOnlyList<Part> parts) => new(Role.System, parts);

    /// <summary>Creates the result of a tool call.</summary>
    public static Message ToolResult(ToolCall call, string text)
    {
        ArgumentNullException.ThrowIfNull(call);
        return new(Role.Tool, [new ToolResultPart(call.Id, text) { Name = call.Name }]);
    }

    /// <summary>Creates the result of a tool call from the tool's output, which can be an error.</summary>
    public static Message ToolResult(ToolCall call, ToolOutput output)
    {
        ArgumentNullException.ThrowIfNull(call);
        ArgumentNullException.ThrowIfNull(output);
        return new(Role.Tool, [new ToolResultPart(call.Id, output.Content) { Name = call.Name, IsError = output.IsError }]);
    }

    /// <summary>Creates the result of a tool call that failed, and tells the model what went wrong.</summary>
    public static Message ToolError(ToolCall call, string text)
    {
        ArgumentNullException.ThrowIfNull(call);
        return new(Role.Tool, [new ToolResultPart(call.Id, text) { Name = call.Name, IsError = true }]);
    }

    /// <summary>Creates a message with the results of several tool calls of one turn.</summary>
    public static Message ToolResults(params IReadOnlyList<ToolResultPart> results) => new(Role.Tool, [.. results]);

    /// <inheritdoc/>
    public bool Equals(Message? other) => other is not null && Role == other.Role && Name == other.Name && AreEqual(Parts, other.Parts);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Role, Name, Parts.Count);

    internal static bool AreEqual(IReadOnlyList<Part> parts, IReadOnlyList<Part> others)
    {
        if (ReferenceEquals(parts, others))
            return true;
        if (parts is null || others is null || parts.Count != others.Count)
            return false;
        for (int i = 0; i < parts.Count; i++)
        {
            if (!Equals(parts[i], others[i]))
                return false;
        }
        return true;
    }

    internal static string JoinText(IReadOnlyList<Part> parts) => Join(parts, static part => (part as TextPart)?.Text);

    /// <summary>Joins the text of some parts; the text of a single part is returned as it is.</summary>
    internal static string Join(IReadOnlyList<Part> parts, Func<Part, string?> text)
    {
        string? first = null;
        StringBuilder? all = null;
        foreach (var part in parts)
        {
            if (text(part) is not { } piece)
                continue;
            if (first is null)
                first = piece;
            else
                (all ??= new StringBuilder(first)).Append(piece);
        }
        return all?.ToString() ?? first ?? "";
    }
}
