using System.Text;
using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>The id of an answer, or the name of the model that gave it, which events may say again and again.</summary>
internal struct AnswerName
{
    private byte[]? _utf8;

    /// <summary>Null as long as nothing was said.</summary>
    public string? Text { get; private set; }

    /// <summary>Takes the value of the property that the reader stands on; anything but a text is passed over.</summary>
    // The answer's last word on its own name counts: some servers name it anew in each event (2026).
    public void Read(scoped ref Utf8JsonReader reader, string place, EventBuffer events)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String && !reader.ValueSpan.IsEmpty)
        {
            var text = JsonText.Read(ref reader);
            if (Text is null || !text.Is(_utf8))
            {
                if (Text is not null)
                    events.Note(QuirkKind.IdentityChanged, place);
                Text = text.ToString();
                _utf8 = Encoding.UTF8.GetBytes(Text);
            }
        }
        reader.Skip();
    }
}
