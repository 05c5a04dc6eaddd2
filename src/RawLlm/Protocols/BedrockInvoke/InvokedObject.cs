using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>The members of one object with a text. All are optional and may come in any order.</summary>
internal ref struct InvokedObject
{
    /// <summary>The piece of text in the object itself.</summary>
    public TextPiece Piece;

    /// <summary>A reader on the list of texts.</summary>
    public Utf8JsonReader List;
    public bool HasList;

    /// <summary>A reader on the tool calls.</summary>
    public Utf8JsonReader Calls;
    public bool HasCalls;

    /// <summary>Pegasus' text, or the message of an error.</summary>
    public JsonText Message;

    /// <summary>The finish reason of Pegasus' text.</summary>
    public JsonText Reason;

    /// <summary>Whether there was a finish reason, possibly null.</summary>
    public bool HasReason;

    /// <summary>Whether a member of a text has arrived.</summary>
    public bool IsKnown;

    /// <summary>Whether this is Command R's event with the tool calls, which repeats the text before them.</summary>
    public bool IsRepeated;

    /// <summary>Whether the message is not an error, because there is a finish reason beside it.</summary>
    public readonly bool IsMessage => !IsKnown && Message.IsPresent && HasReason;

    /// <summary>Uses the message as the text if there is no other.</summary>
    public void UseMessageAsText()
    {
        if (IsKnown)
            return;
        IsKnown = true;
        Piece.Text = Message;
        Piece.Stop = Reason;
    }
}
