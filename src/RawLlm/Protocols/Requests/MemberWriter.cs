using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>Writes the members of a request's outermost object, and keeps their names if extra members must not repeat them.</summary>
/// <param name="json">Receives the members.</param>
/// <param name="hasExtra">Whether there are extra members; without them, no names are kept.</param>
internal sealed class MemberWriter(JsonWriter json, bool hasExtra)
{
    private const string Tools = "tools";

    private readonly List<string>? _written = hasExtra ? [] : null;
    private bool _areToolsJoined;

    /// <summary>Receives the members and what they contain.</summary>
    public JsonWriter Json => json;

    public void Name(string name)
    {
        _written?.Add(name);
        json.WriteName(name, name);
    }

    public void Text(string name, string value)
    {
        Name(name);
        json.WriteText(value, name);
    }

    public void Number(string name, long value)
    {
        Name(name);
        json.WriteNumber(value);
    }

    public void Number(string name, double value)
    {
        Name(name);
        json.WriteNumber(value, name);
    }

    public void Boolean(string name, bool value)
    {
        Name(name);
        json.WriteBoolean(value);
    }

    /// <summary>Writes an extra member unchanged.</summary>
    /// <param name="name">The name.</param>
    /// <param name="value">The value.</param>
    /// <param name="reserved">Names that belong to the request itself, even if it does not set them.</param>
    /// <exception cref="ArgumentException">The request already sets the member, or the member has no value.</exception>
    public void Extra(string name, RawJson value, params ReadOnlySpan<string> reserved)
    {
        if (_areToolsJoined && Is(name, Tools))
            return;
        foreach (string own in reserved)
        {
            if (Is(name, own))
                RequestErrors.ThrowRepeatsProperty(name);
        }
        if (_written is not null && _written.Exists(other => Is(name, other)))
            RequestErrors.ThrowRepeatsProperty(name);
        if (value.IsEmpty)
            RequestErrors.ThrowNoValue(name);
        json.WriteName(name, "extra");
        json.WriteRaw(value);
    }

    /// <summary>Writes the wire's own tools from the extra member <c>tools</c> into the open list, after the others.</summary>
    /// <exception cref="ArgumentException">The member is not an array, or has no value.</exception>
    public void JoinTools(ChatRequest request)
    {
        if (!hasExtra)
            return;
        foreach (var (name, value) in request.Extra)
        {
            if (Is(name, Tools))
                WriteElements(json, value);
        }
        _areToolsJoined = true;
    }

    /// <summary>Whether an extra member names tools.</summary>
    public static bool HasTools(ChatRequest request) => Names(request, Tools);

    /// <summary>Whether an extra member has this name. A dialect then omits what it would add itself.</summary>
    public static bool Names(ChatRequest request, string name)
    {
        // Enumerating through the interface allocates even if there are no members.
        if (request.Extra.Count == 0)
            return false;
        foreach (string extra in request.Extra.Keys)
        {
            if (Is(extra, name))
                return true;
        }
        return false;
    }

    /// <summary>Writes the elements of an array of tools from an extra member.</summary>
    /// <exception cref="ArgumentException">It is not an array, or has no value.</exception>
    public static void WriteElements(JsonWriter json, RawJson tools)
    {
        if (tools.IsEmpty)
            RequestErrors.ThrowNoValue(Tools);
        var reader = WireJson.DeepReader(tools.Utf8);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
            RequestErrors.Throw("The extra member 'tools' is not an array.");
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            int start = (int)reader.TokenStartIndex;
            reader.Skip();
            json.WriteRaw(tools.Utf8[start..(int)reader.BytesConsumed]);
        }
    }

    /// <summary>Whether two names are the same: servers written in Go ignore case, so "Model" would replace the model.</summary>
    public static bool Is(string name, string other) => string.Equals(name, other, StringComparison.OrdinalIgnoreCase);
}
