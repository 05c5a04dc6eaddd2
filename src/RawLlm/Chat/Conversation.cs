using System.Buffers;
using System.Text;
using System.Text.Json;

namespace RawLlm;

/// <summary>Stores the messages of a conversation as JSON, and reads them again.</summary>
/// <remarks>
/// Nothing is lost: what a service wants back unchanged (<see cref="Part.WireData"/>) keeps its bytes, so that a conversation goes on where it was stored, with
/// thoughts and their signatures. The form is this library's own and no service's; it may gain members, and those that are not known are passed over.
/// With <c>System.Text.Json</c> a <see cref="Message"/> is written the same way wherever it stands (<see cref="MessageConverter"/>), with generated metadata too.
/// </remarks>
public static class Conversation
{
    // What a service gave is at most as deep as its reader allows, and stands a few levels deeper here.
    private const int MostDepth = 512;

    /// <summary>The messages as a JSON array, in UTF-8.</summary>
    /// <exception cref="ArgumentException">A message holds something that cannot be stored: a part, a role or a time of another making.</exception>
    public static byte[] Write(IEnumerable<Message> messages)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartArray();
            foreach (var message in messages)
                MessageConverter.WriteMessage(writer, message);
            writer.WriteEndArray();
        }
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>The messages of a JSON array that <see cref="Write"/> or <c>System.Text.Json</c> wrote; a byte order mark before it is passed over.</summary>
    /// <exception cref="ArgumentException">The bytes are no such array; the message says where.</exception>
    public static IReadOnlyList<Message> Read(ReadOnlySpan<byte> utf8)
    {
        var messages = new List<Message>();
        try
        {
            // Editors put one at the beginning of a file.
            if (utf8.StartsWith(Encoding.UTF8.Preamble))
                utf8 = utf8[Encoding.UTF8.Preamble.Length..];
            var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = MostDepth });
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartArray)
                throw new JsonException("A conversation is an array of messages.");
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                messages.Add(MessageConverter.ReadMessage(ref reader));
            reader.Read();
        }
        // The reader itself says otherwise of half a surrogate pair in a name or in data.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new ArgumentException($"Not a stored conversation (message {messages.Count}): {e.Message}", nameof(utf8), e);
        }
        return messages;
    }
}
