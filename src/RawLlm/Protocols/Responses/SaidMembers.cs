using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>What goes back with a text that the model said: members of its message, and the sources that the text cites.</summary>
internal ref struct SaidMembers
{
    /// <summary>The array of the sources; empty when there is none.</summary>
    public ReadOnlySpan<byte> Annotations;

    /// <summary>True where there is nothing but the sources: the text goes on with a message.</summary>
    public bool IsOfTextAlone;

    /// <summary>Reads what was checked to be JSON.</summary>
    public static SaidMembers Read(ReadOnlySpan<byte> json)
    {
        var said = new SaidMembers();
        var reader = WireJson.DeepReader(json);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
            return said;
        bool hasOther = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isOfText = IsAnnotations(ref reader);
            reader.Read();
            var value = WireJson.SkipRaw(ref reader, json);
            if (isOfText)
                said.Annotations = value;
            else
                hasOther = true;
        }
        said.IsOfTextAlone = !said.Annotations.IsEmpty && !hasOther;
        return said;
    }

    /// <summary>True where the reader stands on the name of the sources.</summary>
    public static bool IsAnnotations(scoped ref Utf8JsonReader reader) => WireJson.Name(ref reader).SequenceEqual(ItemMembers.Annotations);
}
