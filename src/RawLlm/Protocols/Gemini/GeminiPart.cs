using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>The members of one part of a content. All are optional and may come in any order.</summary>
internal ref struct GeminiPart
{
    /// <summary>The whole part.</summary>
    public ReadOnlySpan<byte> Raw;

    /// <summary>A reader on the part.</summary>
    public Utf8JsonReader Members;

    public JsonText Text;
    public bool IsThought;

    public GeminiCall Call;
    public bool HasCall;

    /// <summary>A reader on an image or audio, if there is one.</summary>
    public Utf8JsonReader Inline;
    public bool HasInline;

    /// <summary>Whether the part contains members besides its text or call, usually a signature: they are sent back with it.</summary>
    public bool HasRest;

    private Utf8JsonReader _call;

    /// <summary>
    /// Reads the tool call that the reader is on. If there are several, the last one counts, so quirks are recorded later.
    /// </summary>
    public void ReadCall(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data)
    {
        _call = reader;
        Call = default;
        HasCall = true;
        Call.Read(ref reader, data, events: null);
    }

    /// <summary>Reads a call again if it has a quirk to record.</summary>
    public void NoteOdd(ReadOnlySpan<byte> data, EventBuffer events)
    {
        if (!HasCall || !Call.IsOdd)
            return;
        Call = default;
        Call.Read(ref _call, data, events);
    }
}
