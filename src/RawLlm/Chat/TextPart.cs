using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>Text, said or shown.</summary>
/// <param name="Text">The text; may be empty.</param>
[JsonConverter(typeof(PartConverter<TextPart>))]
public sealed record TextPart(string Text) : Part
{
    /// <summary>The <see cref="Phase"/> of what a model says while it works.</summary>
    public const string Commentary = "commentary";

    /// <summary>The <see cref="Phase"/> of what a model answers in the end.</summary>
    public const string FinalAnswer = "final_answer";

    /// <summary>What the text is to the answer, in the service's own word: <see cref="Commentary"/>, <see cref="FinalAnswer"/>, or one that is not known yet; null where it does not say.</summary>
    /// <remarks>OpenAI's models of 2026 say it on the Responses wire (developers.openai.com/api/reference/resources/responses). It is read from <see cref="Part.WireData"/>, with which it goes back.</remarks>
    public string? Phase => WireData is { } data && data.Json.Utf8.IndexOf("\"phase\""u8) >= 0 ? Find(data.Json.Utf8) : null;

    private static string? Find(ReadOnlySpan<byte> json)
    {
        // As deep as LlmLimits.JsonDepth can be.
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
