using System.Buffers;
using System.Text.Json;

namespace RawLlm.Cli.Output;

/// <summary>Writes the events of an answer for programs: one JSON object per line. Its buffers are reused from line to line.</summary>
internal sealed class EventLines(Stream output) : IDisposable
{
    /// <summary>What the help says of the members of a line.</summary>
    public const string HelpOfMembers = """
          Text                         text, phase (optional)
          Reasoning, Refusal, Transcript
                                       text
          ToolCallStarted              id, name
          ToolArguments                id, name, arguments: a fragment
          ToolCall                     id, name, arguments: all of them, complete
          Citation                     citation
          Media                        mediaType, data (base64); or url
          WireData                     wire, origin (optional), data (JSON): what the service requires back unchanged
          LogProbs                     data (JSON)
          Stop                         stopReason, rawStopReason; stopMessage, stopSequence
                                       (optional)
          Usage                        usage
          Other                        name (optional)
        """;

    // More than any pipe takes at once.
    private const int FullBatch = 1 << 16;

    private readonly ArrayBufferWriter<byte> _lines = new(4096);
    private readonly Utf8JsonWriter _json = new(Stream.Null, ReplyJson.Options);

    /// <summary>Adds the line of an event.</summary>
    /// <param name="e">The event.</param>
    /// <param name="file">The file that the event was read from; null if it was not read from a file.</param>
    public void Add(in StreamEvent e, string? file = null)
    {
        Begin(Enum.GetName(e.Kind) ?? nameof(StreamEventKind.Other), file);
        _json.WriteNumber("choice"u8, e.Choice);
        _json.WriteNumber("index"u8, e.Index);
        WriteContent(e);
        End();
    }

    /// <summary>Adds a line that is not an event's.</summary>
    public void Add(string kind, string? file, Action<Utf8JsonWriter> members)
    {
        Begin(kind, file);
        members(_json);
        End();
    }

    /// <summary>Prints the lines that were added.</summary>
    public void Flush()
    {
        if (_lines.WrittenCount == 0)
            return;
        output.Write(_lines.WrittenSpan);
        _lines.ResetWrittenCount();
        output.Flush();
    }

    public void Dispose() => _json.Dispose();

    private void Begin(string kind, string? file)
    {
        _json.Reset(_lines);
        _json.WriteStartObject();
        if (file is not null)
            _json.WriteString("file"u8, file);
        _json.WriteString("kind"u8, kind);
    }

    private void End()
    {
        _json.WriteEndObject();
        _json.Flush();
        _lines.Write("\n"u8);
        if (_lines.WrittenCount >= FullBatch)
            Flush();
    }

    private void WriteContent(in StreamEvent e)
    {
        switch (e.Kind)
        {
            case StreamEventKind.Text or StreamEventKind.Reasoning or StreamEventKind.Refusal or StreamEventKind.Transcript:
                _json.WriteString("text"u8, e.Utf8);
                WriteIfKnown("phase"u8, e.Phase);
                break;
            case StreamEventKind.ToolCallStarted:
                _json.WriteString("id"u8, e.Id);
                _json.WriteString("name"u8, e.Name);
                break;
            case StreamEventKind.ToolArguments or StreamEventKind.ToolCall:
                _json.WriteString("id"u8, e.Id);
                _json.WriteString("name"u8, e.Name);
                _json.WriteString("arguments"u8, e.Utf8);
                break;
            case StreamEventKind.Citation when e.Citation is { } citation:
                _json.WritePropertyName("citation"u8);
                ReplyJson.WriteCitation(_json, citation);
                break;
            case StreamEventKind.Media when e.Name is null:
                _json.WriteString("url"u8, e.Utf8);
                break;
            case StreamEventKind.Media:
                _json.WriteString("mediaType"u8, e.Name);
                _json.WriteString("data"u8, e.Utf8);
                break;
            case StreamEventKind.WireData:
                _json.WriteString("wire"u8, e.Name);
                WriteIfKnown("origin"u8, e.Origin);
                WriteData(e.Utf8);
                break;
            case StreamEventKind.LogProbs:
                WriteData(e.Utf8);
                break;
            case StreamEventKind.Stop:
                _json.WriteString("stopReason"u8, Enum.GetName(e.StopReason));
                _json.WriteString("rawStopReason"u8, e.RawStopReason);
                WriteIfKnown("stopMessage"u8, e.StopMessage);
                WriteIfKnown("stopSequence"u8, e.StopSequence);
                break;
            case StreamEventKind.Usage:
                _json.WritePropertyName("usage"u8);
                ReplyJson.WriteUsage(_json, e.Usage);
                break;
            case StreamEventKind.Done:
                _json.WriteString("id"u8, e.Id);
                _json.WriteString("model"u8, e.Name);
                break;
            default:
                WriteIfKnown("name"u8, e.Name);
                break;
        }
    }

    private void WriteData(ReadOnlySpan<byte> json)
    {
        _json.WritePropertyName("data"u8);
        try
        {
            _json.WriteRawValue(json.ContainsAny("\r\n"u8) ? OnOneLine(json) : json);
        }
        catch (Exception e) when (e is JsonException or ArgumentException)
        {
            _json.WriteStringValue(json);
        }
    }

    // JSON has line ends only between its tokens, where a space means the same.
    private static byte[] OnOneLine(ReadOnlySpan<byte> json)
    {
        byte[] line = json.ToArray();
        line.AsSpan().Replace((byte)'\n', (byte)' ');
        line.AsSpan().Replace((byte)'\r', (byte)' ');
        return line;
    }

    private void WriteIfKnown(ReadOnlySpan<byte> name, string? text)
    {
        if (text is not null)
            _json.WriteString(name, text);
    }
}
