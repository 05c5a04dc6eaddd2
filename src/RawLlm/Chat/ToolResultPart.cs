using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>The result of a tool call.</summary>
/// <param name="CallId">The <see cref="ToolCall.Id"/> of the call.</param>
/// <param name="Content">Text and, if the wire can carry them, images and files.</param>
[JsonConverter(typeof(PartConverter<ToolResultPart>))]
public sealed record ToolResultPart(string CallId, IReadOnlyList<Part> Content) : Part
{
    /// <summary>Creates a text result.</summary>
    public ToolResultPart(string callId, string text)
        : this(callId, [new TextPart(text)]) { }

    /// <summary>The name of the tool; some wires require it again with the result.</summary>
    public string? Name { get; init; }

    /// <summary>Whether the tool failed; <see cref="Content"/> then tells the model how.</summary>
    public bool IsError { get; init; }

    /// <summary>All text of the result, joined.</summary>
    public string Text => Message.JoinText(Content);

    /// <inheritdoc/>
    public bool Equals(ToolResultPart? other) =>
        other is not null
        && CallId == other.CallId
        && Name == other.Name
        && IsError == other.IsError
        && Cache == other.Cache
        && Equals(WireData, other.WireData)
        && Message.AreEqual(Content, other.Content);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(CallId, Name, IsError, Content.Count);
}
