using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>The members of one line, or of a whole answer.</summary>
internal ref struct OllamaLine
{
    /// <summary>The texts beside a message, or instead of one: those of <c>/api/generate</c>.</summary>
    public JsonText Text;
    public JsonText Thoughts;
    public JsonText Picture;

    public JsonText Reason;
    public ReadOnlySpan<byte> LogProbs;

    /// <summary>A reader on the message, if it could not be read at once.</summary>
    public Utf8JsonReader Message;
    public bool HasMessage;

    /// <summary>A reader on the tool calls beside a message.</summary>
    public Utf8JsonReader Calls;
    public bool HasCalls;

    /// <summary>True once a message was read and emitted.</summary>
    public bool IsEmitted;

    /// <summary>True once a member of an answer was read.</summary>
    public bool IsKnown;
    public bool HasError;

    /// <summary>True once more than a piece of text was read.</summary>
    public bool HasNews;
}
