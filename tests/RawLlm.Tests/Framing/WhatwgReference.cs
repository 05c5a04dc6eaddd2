namespace RawLlm.Tests.Framing;

/// <summary>A literal transcription of HTML, section 9.2.6, over text and without regard for speed: an oracle, not a reader.</summary>
internal static class WhatwgReference
{
    public static List<SseEvent> Read(string stream, out long? retry, SseQuirks quirks = SseQuirks.None)
    {
        var events = new List<SseEvent>();
        string data = "",
            type = "",
            id = "";
        bool isTypeGiven = false;
        retry = null;
        if (stream.StartsWith('\uFEFF'))
            stream = stream[1..];
        string[] lines = stream.Replace("\r\n", "\n").Replace('\r', '\n').Split('\n');
        // What follows the last line end is not a line.
        foreach (string line in lines[..^1])
        {
            if (line.Length == 0)
            {
                bool keepType = data.Length == 0 && quirks.HasFlag(SseQuirks.TypeOutlivesEmptyEvent);
                if (data.Length > 0)
                {
                    events.Add(
                        new SseEvent(
                            type.Length > 0 || (isTypeGiven && quirks.HasFlag(SseQuirks.EmptyTypeIsType)) ? type : "message",
                            data[..^1],
                            id
                        )
                    );
                }

                data = "";
                (type, isTypeGiven) = keepType ? (type, isTypeGiven) : ("", false);
            }
            else if (line[0] != ':')
            {
                int colon = line.IndexOf(':');
                string name = colon < 0 ? line : line[..colon];
                string value = colon < 0 ? "" : line[(colon + 1)..];
                if (value.StartsWith(' '))
                    value = value[1..];
                switch (name)
                {
                    case "event":
                        (type, isTypeGiven) = (value, true);
                        break;
                    case "data":
                        data += value + "\n";
                        break;
                    case "id" when !value.Contains('\0'):
                        id = value;
                        break;
                    case "retry":
                        string digits = quirks.HasFlag(SseQuirks.RetryEndsInNul) ? value.TrimEnd('\0') : value;
                        if (digits.Length > 0 && digits.All(char.IsAsciiDigit) && long.TryParse(digits, out long milliseconds))
                            retry = milliseconds;
                        break;
                }
            }
        }
        return events;
    }
}
