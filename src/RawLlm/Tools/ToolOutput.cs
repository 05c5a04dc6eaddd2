using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>The result that a tool returns to the model. A string converts to one.</summary>
/// <param name="Content">Text and, if the wire can carry them, images and files.</param>
public sealed record ToolOutput([property: JsonRequired] IReadOnlyList<Part> Content)
{
    /// <summary>Whether the tool failed; <see cref="Content"/> then tells the model how.</summary>
    public bool IsError { get; init; }

    // Unescaped letters cost the model fewer tokens.
    private static readonly JsonWriterOptions Letters = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>All text, joined.</summary>
    [JsonIgnore]
    public string Text => Message.JoinText(Content);

    /// <summary>Creates a result of text only; null gives an empty one.</summary>
    public static ToolOutput Of(string? text) => new([new TextPart(text ?? "")]);

    /// <summary>Creates a result that tells the model how the tool failed.</summary>
    public static ToolOutput Error(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Of(text) with { IsError = true };
    }

    /// <summary>Creates a result of JSON text: the value's own bytes, or <c>null</c> if there is no value.</summary>
    public static ToolOutput Json(RawJson value) => Of(value.IsEmpty ? "null" : value.ToString());

    /// <summary>Creates a result of JSON text.</summary>
    /// <param name="write">Writes one value.</param>
    public static ToolOutput Json(Action<Utf8JsonWriter> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        var bytes = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(bytes, Letters))
            write(writer);
        return Of(Encoding.UTF8.GetString(bytes.WrittenSpan));
    }

    /// <summary>Converts a string to a result of text only.</summary>
    public static implicit operator ToolOutput(string? text) => Of(text);

    /// <inheritdoc/>
    public bool Equals(ToolOutput? other) => other is not null && IsError == other.IsError && Message.AreEqual(Content, other.Content);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(IsError, Content.Count);
}
