using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>What one part says of a function call.</summary>
internal ref struct GeminiCall
{
    public JsonText Id;
    public JsonText Name;

    /// <summary>The id with its quotes.</summary>
    public ReadOnlySpan<byte> RawId;

    /// <summary>The arguments as a JSON value, or, which is a quirk, as a text.</summary>
    public ReadOnlySpan<byte> Arguments;
    public JsonText Text;

    /// <summary>A reader that stands on the array of arguments in pieces, where there is one.</summary>
    public Utf8JsonReader Pieces;
    public bool HasPieces;
    public bool GoesOn;

    /// <summary>True where arguments in pieces came in a form that cannot be read.</summary>
    public bool IsLost;

    /// <summary>True when there is a quirk to record.</summary>
    public bool IsOdd;

    /// <summary>Skips a value that is not of the type that it should be; without events the quirk waits.</summary>
    public void SkipUnexpected(scoped ref Utf8JsonReader reader, string place, EventBuffer? events)
    {
        IsOdd = true;
        if (events is null)
            reader.Skip();
        else
            WireJson.SkipUnexpected(ref reader, place, events);
    }
}
