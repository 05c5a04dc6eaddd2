using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;
using RawLlm.Framing;

namespace RawLlm.Protocols;

/// <summary>Writes the arguments of a tool call for services that accept only an object, as a JSON value or as text.</summary>
/// <remarks>
/// Arguments that are not an object are sent inside one, so that the model sees what it wrote: <c>{"INVALID_JSON":"…"}</c>, as Anthropic's
/// page on fine-grained tool streaming advises (2025).
/// </remarks>
internal static class CallArguments
{
    private const int MaxOnStack = 256;

    private static readonly RawJson Empty = RawJson.FromChecked("{}"u8.ToArray());

    /// <summary>Reads the arguments as an object; returns false for text that is not one. Empty text is an empty object.</summary>
    public static bool TryRead([NotNullWhen(true)] string? arguments, out RawJson value)
    {
        value = Empty;
        var text = arguments.AsSpan().Trim();
        if (text.IsEmpty)
            return true;
        if (text[0] != '{')
            return false;
        byte[] utf8 = new byte[Encoding.UTF8.GetByteCount(text)];
        Encoding.UTF8.GetBytes(text, utf8);
        if (!WireJson.IsWhole(utf8))
            return false;
        value = RawJson.FromChecked(utf8);
        return true;
    }

    // Whether the text is a single, complete JSON object.
    private static bool IsObject(string arguments)
    {
        var text = arguments.AsSpan().TrimStart(" \t\r\n");
        if (text is not ['{', ..])
            return false;
        int maxLength = Encoding.UTF8.GetMaxByteCount(text.Length);
        byte[] rented = maxLength <= MaxOnStack ? [] : ByteArrays.Rent(maxLength);
        var utf8 = maxLength <= MaxOnStack ? stackalloc byte[MaxOnStack] : rented;
        Utf8.FromUtf16(text, utf8, out _, out int length);
        bool isObject = WireJson.IsWhole(utf8[..length]);
        utf8[..length].Clear();
        ByteArrays.Return(rented);
        return isObject;
    }

    /// <summary>Writes the arguments as an object.</summary>
    /// <param name="json">Receives the object.</param>
    /// <param name="arguments">The arguments, as the model wrote them.</param>
    /// <param name="place">The place on the wire, for quirks.</param>
    public static void Write(JsonWriter json, string arguments, string place)
    {
        if (TryRead(arguments, out var value))
        {
            json.WriteRaw(value);
            return;
        }
        json.Wire.Note(QuirkKind.Adapted, place);
        WriteInvalid(json, arguments, place);
    }

    /// <summary>Writes the arguments as a string that contains an object.</summary>
    /// <inheritdoc cref="Write"/>
    // Servers parse it for the model's template and reject the conversation if it is not an object: vLLM, llama.cpp, DeepSeek (2025, 2026).
    public static void WriteText(JsonWriter json, string arguments, string place)
    {
        if (string.IsNullOrWhiteSpace(arguments))
        {
            json.WriteText("{}"u8);
        }
        else if (IsObject(arguments))
        {
            json.WriteText(arguments, place);
        }
        else
        {
            json.Wire.Note(QuirkKind.Adapted, place);
            json.WriteText(Invalid(arguments, place), place);
        }
    }

    // Writes an object that contains the invalid arguments.
    private static void WriteInvalid(JsonWriter json, string arguments, string place)
    {
        json.StartObject();
        json.WriteMember("INVALID_JSON"u8, arguments, place);
        json.EndObject();
    }

    // Returns that object as text.
    private static string Invalid(string arguments, string place)
    {
        using var wire = new WireRequest { BaseUrl = new Uri("about:blank") };
        WriteInvalid(new JsonWriter(wire), arguments, place);
        return Encoding.UTF8.GetString(wire.Body.Span);
    }
}
