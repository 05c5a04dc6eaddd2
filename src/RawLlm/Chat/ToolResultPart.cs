using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>What a function that the model called gave back.</summary>
/// <param name="CallId">The <see cref="ToolCall.Id"/> that is answered.</param>
/// <param name="Content">Text and, where the wire can carry them, images and files.</param>
[JsonConverter(typeof(PartConverter<ToolResultPart>))]
public sealed record ToolResultPart(string CallId, IReadOnlyList<Part> Content) : Part
{
    /// <summary>A result of text alone.</summary>
    public ToolResultPart(string callId, string text)
        : this(callId, [new TextPart(text)])
    {
    }

    /// <summary>The function's name; some wires want it again beside the result.</summary>
    public string? Name { get; init; }

    /// <summary>True when the function failed and <see cref="Content"/> tells the model how.</summary>
    public bool IsError { get; init; }

    /// <summary>All text of the result, joined.</summary>
    public string Text => Message.JoinText(Content);

    /// <inheritdoc/>
    public bool Equals(ToolResultPart? other) =>
        other is not null && CallId == other.CallId && Name == other.Name && IsError == other.IsError
        && Cache == other.Cache && Equals(WireData, other.WireData) && Message.AreEqual(Content, other.Content);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(CallId, Name, IsError, Content.Count);
}
