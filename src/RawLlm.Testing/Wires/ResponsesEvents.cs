using System.Text.Json;

namespace RawLlm.Testing;

/// <summary>Numbers the events of one stream of OpenAI's Responses, and writes them.</summary>
internal sealed class ResponsesEvents
{
    private int _number;

    /// <summary>The next event.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="index">The item of the answer that it tells of; null where it tells of none.</param>
    /// <param name="members">Writes what it holds beside.</param>
    public WireFrame Next(string type, int? index, Action<Utf8JsonWriter> members)
    {
        int number = _number++;
        return new(ServedWire.Sse(JsonBytes.Object(json =>
        {
            json.WriteString("type", type);
            json.WriteNumber("sequence_number", number);
            json.WriteCount("output_index", index);
            members(json);
        }), type));
    }
}
