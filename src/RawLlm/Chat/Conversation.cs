using System.Buffers;
using System.Text;
using System.Text.Json;

namespace RawLlm;

/// <summary>Stores the messages of a conversation as JSON and reads them again.</summary>
/// <remarks>
/// Nothing is lost: data that a service requires back unchanged (<see cref="Part.WireData"/>) keeps its bytes, so that a stored
/// conversation can continue, with its reasoning and signatures. The format is this library's own, not that of a service. It may gain
/// members; unknown ones are ignored. <c>System.Text.Json</c> writes a <see cref="Message"/> in the same format everywhere
/// (<see cref="MessageConverter"/>), also with source-generated metadata.
/// </remarks>
public static class Conversation
{
    // Data from a service is at most as deep as its reader allows, plus a few levels here.
    private const int MaxDepth = 512;

    /// <summary>Writes messages as a JSON array, in UTF-8.</summary>
    /// <exception cref="ArgumentException">A message contains something that cannot be stored: an unknown part, role or cache
    /// duration.</exception>
    public static byte[] Write(IEnumerable<Message> messages)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var buffer = new ArrayBufferWriter<byte>();
        using (
            var writer = new Utf8JsonWriter(
                buffer,
                new JsonWriterOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }
            )
        )
        {
            writer.WriteStartArray();
            foreach (var message in messages)
                MessageConverter.WriteMessage(writer, message);
            writer.WriteEndArray();
        }
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>
    /// Reads messages from a JSON array that <see cref="Write"/> or <c>System.Text.Json</c> wrote; skips a byte order mark.
    /// </summary>
    /// <exception cref="ArgumentException">The bytes are not such an array; the message says where.</exception>
    public static IReadOnlyList<Message> Read(ReadOnlySpan<byte> utf8)
    {
        var messages = new List<Message>();
        try
        {
            // Editors put one at the start of a file.
            if (utf8.StartsWith(Encoding.UTF8.Preamble))
                utf8 = utf8[Encoding.UTF8.Preamble.Length..];
            var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = MaxDepth });
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartArray)
                throw new JsonException("A stored conversation must be a JSON array of messages.");
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                messages.Add(MessageConverter.ReadMessage(ref reader));
            reader.Read();
        }
        // For half of a surrogate pair in a name or in data, the reader throws InvalidOperationException.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new ArgumentException($"Not a stored conversation (message {messages.Count}): {e.Message}", nameof(utf8), e);
        }
        return messages;
    }
}
