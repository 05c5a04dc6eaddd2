using RawLlm.Framing;

namespace RawLlm.Protocols;

/// <summary>The frames of an answer in any of its three forms: server-sent events, a JSON array, or a single document.</summary>
/// <remarks>
/// <c>streamGenerateContent</c> sends events only if <c>alt=sse</c> reaches the service, and otherwise an array; a whole answer may arrive
/// instead of a requested stream. The first byte distinguishes the forms. An error that breaks off a stream of events may arrive as a bare
/// document, or as an array of one, instead of the next event (seen from Vertex, 2024); a strict reader of server-sent events would ignore
/// it.
/// </remarks>
internal sealed class GeminiFrames : FrameReader
{
    private FrameReader? _frames;
    private bool _isPlain;

    // How many bytes at the start have been examined without revealing the form.
    private int _blank;

    /// <summary>The category of a frame that is a document by itself, not an event or an element.</summary>
    public static ReadOnlySpan<byte> PlainCategory => "plain"u8;

    public override bool TryRead(ReadOnlySpan<byte> unread, bool isFinal, out Frame frame, out int consumed)
    {
        frame = default;
        consumed = 0;
        if (_frames is null)
        {
            int first = _blank = FirstByte(unread);
            // The form is still unknown: there is only white space, or the start of a byte order mark.
            if (!isFinal && (first == unread.Length || (unread[0] == 0xEF && unread.Length < 4)))
                return false;
            Choose(first < unread.Length ? unread[first] : (byte)0);
        }
        bool isFound = Read(unread, isFinal, out frame, out consumed);
        if (!isFound && _frames is SseReader { IsAtDocument: true })
        {
            Use(new JsonArrayReader(), isPlain: true);
            isFound = Read(unread[consumed..], isFinal, out frame, out int more);
            consumed += more;
        }
        if (isFound && _isPlain)
            frame = new Frame(frame.Data, frame.Raw) { Category = PlainCategory };
        return isFound;
    }

    internal override void Pass(int length)
    {
        _frames!.Pass(length);
        Measure(length);
    }

    public override void Dispose() => _frames?.Dispose();

    private bool Read(ReadOnlySpan<byte> unread, bool isFinal, out Frame frame, out int consumed)
    {
        bool isFound = _frames!.TryRead(unread, isFinal, out frame, out consumed);
        Measure(_frames.LongestFrame);
        IsCut = _frames.IsCut;
        CanPass = _frames.CanPass;
        return isFound;
    }

    private void Choose(byte first)
    {
        if (first is (byte)'{' or (byte)'[')
            Use(new JsonArrayReader(), isPlain: first == '{');
        else
            Use(new SseReader { StopsAtDocument = true, ReadsText = true }, isPlain: false);
    }

    private void Use(FrameReader frames, bool isPlain)
    {
        _frames?.Dispose();
        _frames = frames;
        _isPlain = isPlain;
    }

    private int FirstByte(ReadOnlySpan<byte> unread)
    {
        int start =
            _blank > 3 ? _blank
            : unread.StartsWith((ReadOnlySpan<byte>)[0xEF, 0xBB, 0xBF]) ? 3
            : 0;
        int first = unread[start..].IndexOfAnyExcept(WireJson.WhiteSpace);
        return first < 0 ? unread.Length : start + first;
    }
}
