using System.Text.Json;

namespace RawLlm.Testing;

/// <summary>Numbers and writes the events of one Responses stream.</summary>
internal sealed class ResponsesEvents
{
    private int _number;

    /// <summary>Returns the next event.</summary>
    /// <param name="type">The type of the event.</param>
    /// <param name="index">The index of the output item that the event is about; null if there is none.</param>
    /// <param name="members">Writes its other members.</param>
    public WireFrame Next(string type, int? index, Action<Utf8JsonWriter> members)
    {
        int number = _number++;
        return new(
            ServedWire.Sse(
                JsonBytes.Object(json =>
                {
                    json.WriteString("type", type);
                    json.WriteNumber("sequence_number", number);
                    json.WriteCount("output_index", index);
                    members(json);
                }),
                type
            )
        );
    }
}
