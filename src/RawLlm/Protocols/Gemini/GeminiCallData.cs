using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>
/// The data that the service sends with a call: members of the part, and, under the call's own name, members of the call.
/// </summary>
internal static class GeminiCallData
{
    /// <summary>Returns the members of the call as an object; empty if there are none.</summary>
    public static ReadOnlySpan<byte> OfCall(ReadOnlySpan<byte> data) => Find(data, "functionCall"u8);

    /// <summary>Returns the ID that the service gave the call; empty if there is none.</summary>
    public static ReadOnlySpan<byte> Id(ReadOnlySpan<byte> data) => Find(OfCall(data), "id"u8);

    /// <summary>Returns the signature of the reasoning that led to the call; empty if there is none.</summary>
    public static ReadOnlySpan<byte> Signature(ReadOnlySpan<byte> data) => Find(data, "thoughtSignature"u8);

    /// <summary>Writes the members of an object, except for one.</summary>
    public static void WriteMembers(JsonWriter json, ReadOnlySpan<byte> source, ReadOnlySpan<byte> skipped)
    {
        if (source.IsEmpty)
            return;
        var reader = WireJson.DeepReader(source);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            RawMembers.Write(json, ref reader, source, isLeftOut: !skipped.IsEmpty && WireJson.Is(ref reader, skipped));
    }

    private static ReadOnlySpan<byte> Find(ReadOnlySpan<byte> source, ReadOnlySpan<byte> name)
    {
        if (source.IsEmpty)
            return [];
        var reader = WireJson.DeepReader(source);
        reader.Read();
        return WireJson.TryFindMember(ref reader, name) ? WireJson.SkipRaw(ref reader, source) : [];
    }
}
