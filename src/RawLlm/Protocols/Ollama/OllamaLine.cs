using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>What one line says, or a whole answer.</summary>
internal ref struct OllamaLine
{
    /// <summary>The texts that stand beside a message, or in its place: those of <c>/api/generate</c>.</summary>
    public JsonText Text;
    public JsonText Thoughts;
    public JsonText Picture;

    public JsonText Reason;
    public ReadOnlySpan<byte> LogProbs;

    /// <summary>A reader that stands on the message, where it could not be read at once.</summary>
    public Utf8JsonReader Message;
    public bool HasMessage;

    /// <summary>A reader that stands on the calls beside a message.</summary>
    public Utf8JsonReader Calls;
    public bool HasCalls;

    /// <summary>True once a message was read and given.</summary>
    public bool IsGiven;

    /// <summary>True once a member came that belongs to an answer.</summary>
    public bool IsKnown;
    public bool HasError;

    /// <summary>True once it said more than a piece of text.</summary>
    public bool HasNews;
}
