using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>The data that goes back with a text of the model: members of its message, and the citations in the text.</summary>
internal ref struct TextMembers
{
    /// <summary>The array of the citations; empty if there is none.</summary>
    public ReadOnlySpan<byte> Annotations;

    /// <summary>Whether there is nothing but citations: the text continues a message.</summary>
    public bool IsOfTextAlone;

    /// <summary>Reads data that was checked to be JSON.</summary>
    public static TextMembers Read(ReadOnlySpan<byte> json)
    {
        var members = new TextMembers();
        var reader = WireJson.DeepReader(json);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
            return members;
        bool hasOther = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isOfText = IsAnnotations(ref reader);
            reader.Read();
            var value = WireJson.SkipRaw(ref reader, json);
            if (isOfText)
                members.Annotations = value;
            else
                hasOther = true;
        }
        members.IsOfTextAlone = !members.Annotations.IsEmpty && !hasOther;
        return members;
    }

    /// <summary>Whether the reader is on the name of the citations.</summary>
    public static bool IsAnnotations(scoped ref Utf8JsonReader reader) => WireJson.Name(ref reader).SequenceEqual(ItemMembers.Annotations);
}
