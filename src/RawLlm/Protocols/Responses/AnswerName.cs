using System.Text;
using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>The ID of an answer or the name of its model, which events may repeat.</summary>
internal struct AnswerName
{
    private byte[]? _utf8;

    /// <summary>The value; null until one arrives.</summary>
    public string? Text { get; private set; }

    /// <summary>Reads the value of the property that the reader is on; ignores anything but a text.</summary>
    // The last value counts: some servers send a new one with each event (2026).
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
