using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>What one object says of a text; every member may be missing, and they come in any order.</summary>
internal ref struct InvokedObject
{
    /// <summary>What stands in the object itself.</summary>
    public TextPiece Piece;

    /// <summary>A reader that stands on the list of texts.</summary>
    public Utf8JsonReader List;
    public bool HasList;

    /// <summary>A reader that stands on the calls.</summary>
    public Utf8JsonReader Calls;
    public bool HasCalls;

    /// <summary>Pegasus' text, or the words of an error.</summary>
    public JsonText Message;

    /// <summary>Why Pegasus' text ended.</summary>
    public JsonText Reason;

    /// <summary>True once there was a word for it, or null in its place.</summary>
    public bool HasReason;

    /// <summary>True once a member came that belongs to a text.</summary>
    public bool IsKnown;

    /// <summary>True for the event of Command R that holds its calls: it repeats what was said before them.</summary>
    public bool IsRepeated;

    /// <summary>True where a message is no error, because there is a reason for the end beside it.</summary>
    public readonly bool IsMessage => !IsKnown && Message.IsPresent && HasReason;

    /// <summary>Takes the message as the text, where there is no other.</summary>
    public void TakeMessage()
    {
        if (IsKnown)
            return;
        IsKnown = true;
        Piece.Text = Message;
        Piece.Stop = Reason;
    }
}
