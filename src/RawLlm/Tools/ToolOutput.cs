using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>What a function gives back to the model. A text converts to one.</summary>
/// <param name="Content">Text and, where the wire can carry them, images and files.</param>
public sealed record ToolOutput([property: JsonRequired] IReadOnlyList<Part> Content)
{
    /// <summary>True when the function failed and <see cref="Content"/> tells the model how.</summary>
    public bool IsError { get; init; }

    // Models read letters as they are in fewer tokens.
    private static readonly JsonWriterOptions Letters = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>All text, joined.</summary>
    [JsonIgnore]
    public string Text => Message.JoinText(Content);

    /// <summary>A result of text alone; null is an empty one.</summary>
    public static ToolOutput Of(string? text) => new([new TextPart(text ?? "")]);

    /// <summary>Tells the model that the function failed, and how.</summary>
    public static ToolOutput Error(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Of(text) with { IsError = true };
    }

    /// <summary>A result of JSON text.</summary>
    /// <param name="write">Writes one value.</param>
    public static ToolOutput Json(Action<Utf8JsonWriter> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        var bytes = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(bytes, Letters))
            write(writer);
        return Of(Encoding.UTF8.GetString(bytes.WrittenSpan));
    }

    /// <summary>A text becomes a result of text alone.</summary>
    public static implicit operator ToolOutput(string? text) => Of(text);

    /// <inheritdoc/>
    public bool Equals(ToolOutput? other) => other is not null && IsError == other.IsError && Message.AreEqual(Content, other.Content);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(IsError, Content.Count);
}
