using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>Text of a message.</summary>
/// <param name="Text">The text; may be empty.</param>
[JsonConverter(typeof(PartConverter<TextPart>))]
public sealed record TextPart(string Text) : Part
{
    /// <summary>The <see cref="Phase"/> of text that the model writes while it works.</summary>
    public const string Commentary = "commentary";

    /// <summary>The <see cref="Phase"/> of the model's final answer.</summary>
    public const string FinalAnswer = "final_answer";

    /// <summary>
    /// The role of the text in the answer, in the service's own word: <see cref="Commentary"/>,
    /// <see cref="FinalAnswer"/>, or one that is not known yet; null if the service does not send it.
    /// </summary>
    /// <remarks>
    /// OpenAI's models of 2026 send it on the Responses wire (developers.openai.com/api/reference/resources/responses).
    /// It is read from <see cref="Part.WireData"/> and sent back with it.
    /// </remarks>
    public string? Phase => WireData is { } data && data.Json.Utf8.IndexOf("\"phase\""u8) >= 0 ? Find(data.Json.Utf8) : null;

    private static string? Find(ReadOnlySpan<byte> json)
    {
        // The maximum of LlmLimits.JsonDepth.
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 256 });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isPhase = reader.ValueSpan.SequenceEqual("phase"u8);
            reader.Read();
            if (isPhase && reader.TokenType == JsonTokenType.String)
                return Encoding.UTF8.GetString(reader.ValueSpan);
            reader.Skip();
        }
        return null;
    }
}
