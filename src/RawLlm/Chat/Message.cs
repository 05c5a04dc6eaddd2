using System.Text;
using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>One turn of a conversation: who speaks, and the parts of what is said. Immutable.</summary>
/// <param name="Role">Who speaks.</param>
/// <param name="Parts">What is said, in order; must not change afterwards.</param>
[JsonConverter(typeof(MessageConverter))]
public sealed record Message(Role Role, IReadOnlyList<Part> Parts)
{
    /// <summary>The name of the speaker, where the service tells several apart.</summary>
    public string? Name { get; init; }

    /// <summary>All text of the message, joined; reasoning and refusals are not text.</summary>
    public string Text => JoinText(Parts);

    /// <summary>A message of the user.</summary>
    public static Message User(string text) => new(Role.User, [new TextPart(text)]);

    /// <summary>A message of the user in several parts, such as text and images.</summary>
    public static Message User(params IReadOnlyList<Part> parts) => new(Role.User, parts);

    /// <summary>A message of the user: a text, and what it speaks of, such as images and files.</summary>
    public static Message User(string text, params IReadOnlyList<Part> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        return new(Role.User, [new TextPart(text), .. parts]);
    }

    /// <summary>A message of the model.</summary>
    public static Message Assistant(string text) => new(Role.Assistant, [new TextPart(text)]);

    /// <summary>A message of the model in several parts, such as text and calls that it is to have made.</summary>
    public static Message Assistant(params IReadOnlyList<Part> parts) => new(Role.Assistant, parts);

    /// <summary>Instructions that stand above the conversation.</summary>
    public static Message System(string text) => new(Role.System, [new TextPart(text)]);

    /// <summary>Instructions in several parts, such as a long one that the service is to keep in its prompt cache (<see cref="Part.Cache"/>) and a short one that changes.</summary>
    public static Message System(params IReadOnlyList<Part> parts) => new(Role.System, parts);

    /// <summary>The result of a function that the model called.</summary>
    public static Message ToolResult(ToolCall call, string text)
    {
        ArgumentNullException.ThrowIfNull(call);
        return new(Role.Tool, [new ToolResultPart(call.Id, text) { Name = call.Name }]);
    }

    /// <summary>What a function that the model called gave, or how it failed.</summary>
    public static Message ToolResult(ToolCall call, ToolOutput output)
    {
        ArgumentNullException.ThrowIfNull(call);
        ArgumentNullException.ThrowIfNull(output);
        return new(Role.Tool, [new ToolResultPart(call.Id, output.Content) { Name = call.Name, IsError = output.IsError }]);
    }

    /// <summary>The result of a function that failed: the model is told so, and what went wrong.</summary>
    public static Message ToolError(ToolCall call, string text)
    {
        ArgumentNullException.ThrowIfNull(call);
        return new(Role.Tool, [new ToolResultPart(call.Id, text) { Name = call.Name, IsError = true }]);
    }

    /// <summary>The results of several functions that the model called in one turn.</summary>
    public static Message ToolResults(params IReadOnlyList<ToolResultPart> results) => new(Role.Tool, [.. results]);

    /// <inheritdoc/>
    public bool Equals(Message? other) =>
        other is not null && Role == other.Role && Name == other.Name && AreEqual(Parts, other.Parts);

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

    /// <summary>What some parts say, joined; a single one is given as it is.</summary>
    internal static string Join(IReadOnlyList<Part> parts, Func<Part, string?> say)
    {
        string? first = null;
        StringBuilder? all = null;
        foreach (var part in parts)
        {
            if (say(part) is not { } piece)
                continue;
            if (first is null)
                first = piece;
            else
                (all ??= new StringBuilder(first)).Append(piece);
        }
        return all?.ToString() ?? first ?? "";
    }
}
