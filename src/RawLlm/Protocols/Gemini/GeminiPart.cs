using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>What one part of a content says; every member may be missing, and they come in any order.</summary>
internal ref struct GeminiPart
{
    /// <summary>All of it.</summary>
    public ReadOnlySpan<byte> Raw;

    /// <summary>A reader that stands on it.</summary>
    public Utf8JsonReader Members;

    public JsonText Text;
    public bool IsThought;

    public GeminiCall Call;
    public bool HasCall;

    /// <summary>A reader that stands on a picture or sound, where there is one.</summary>
    public Utf8JsonReader Inline;
    public bool HasInline;

    /// <summary>True where anything stands beside text and call, a signature as a rule: it goes back with them.</summary>
    public bool HasRest;

    private Utf8JsonReader _call;

    /// <summary>Reads the function call that the reader stands on; of several the last one counts, so what is odd about it is noted later.</summary>
    public void ReadCall(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data)
    {
        _call = reader;
        Call = default;
        HasCall = true;
        Call.Read(ref reader, data, events: null);
    }

    /// <summary>Reads a call once more that has something to note.</summary>
    public void NoteOdd(ReadOnlySpan<byte> data, EventBuffer events)
    {
        if (!HasCall || !Call.IsOdd)
            return;
        Call = default;
        Call.Read(ref _call, data, events);
    }
}
