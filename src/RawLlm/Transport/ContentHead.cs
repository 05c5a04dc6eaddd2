using System.Net.Http.Headers;

namespace RawLlm.Transport;

/// <summary>
/// What a response's head says about its body, read in one pass: most heads contain only the media type, and looking up each name takes
/// longer.
/// </summary>
internal readonly struct ContentHead
{
    public ContentHead(HttpContentHeaders headers)
    {
        foreach (var (name, values) in headers.NonValidated)
        {
            switch (name.Length)
            {
                case 12 when name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase):
                    Type = values;
                    break;
                case 14 when name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase):
                    Lengths = values;
                    break;
                case 16 when name.Equals("Content-Encoding", StringComparison.OrdinalIgnoreCase):
                    Encodings = values;
                    break;
            }
        }
    }

    /// <summary>The values of <c>Content-Type</c>; empty if it is missing.</summary>
    public HeaderStringValues Type { get; }

    /// <summary>The values of <c>Content-Length</c>.</summary>
    public HeaderStringValues Lengths { get; }

    /// <summary>The values of <c>Content-Encoding</c>.</summary>
    public HeaderStringValues Encodings { get; }

    /// <summary>The media type, if it is one of those that nearly all answers have: they need no parsing.</summary>
    public KnownMediaType KnownMediaType =>
        Type.Count != 1
            ? KnownMediaType.None
            : Type.ToString() switch
            {
                "text/event-stream" or "text/event-stream; charset=utf-8" => KnownMediaType.EventStream,
                "application/json" or "application/json; charset=utf-8" => KnownMediaType.Json,
                _ => KnownMediaType.None,
            };
}
