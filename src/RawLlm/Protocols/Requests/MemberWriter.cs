using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>Writes the members of a request's outermost object, and keeps their names where extra members must not repeat them.</summary>
/// <param name="json">Where they are written.</param>
/// <param name="hasExtra">Whether there are extra members; without any no names are kept.</param>
internal sealed class MemberWriter(JsonWriter json, bool hasExtra)
{
    private const string Tools = "tools";

    private readonly List<string>? _written = hasExtra ? [] : null;
    private bool _areToolsJoined;

    /// <summary>Where they are written, for what stands within them.</summary>
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

    /// <summary>Writes an extra member as it stands.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="value">Its value.</param>
    /// <param name="reserved">Names that belong to the request itself, whether it says them or not.</param>
    /// <exception cref="ArgumentException">The request says the member already, or it has no value.</exception>
    public void Extra(string name, RawJson value, params ReadOnlySpan<string> reserved)
    {
        if (_areToolsJoined && Is(name, Tools))
            return;
        foreach (string own in reserved)
        {
            if (Is(name, own))
                RequestErrors.ThrowSaid(name);
        }
        if (_written is not null && _written.Exists(other => Is(name, other)))
            RequestErrors.ThrowSaid(name);
        if (value.IsEmpty)
            RequestErrors.ThrowNoValue(name);
        json.WriteName(name, "extra");
        json.WriteRaw(value);
    }

    /// <summary>Writes the tools of the extra member of that name, which are the wire's own JSON, behind others into the list that is open.</summary>
    /// <exception cref="ArgumentException">The member is no array, or has no value.</exception>
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

    /// <summary>Whether an extra member has a name: what a dialect would add by itself gives way to it.</summary>
    public static bool Names(ChatRequest request, string name)
    {
        // The loop over an interface makes an object even where there is nothing.
        if (request.Extra.Count == 0)
            return false;
        foreach (string extra in request.Extra.Keys)
        {
            if (Is(extra, name))
                return true;
        }
        return false;
    }

    /// <summary>Writes the elements of an array of tools that an extra member holds.</summary>
    /// <exception cref="ArgumentException">It is no array, or has no value.</exception>
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

    /// <summary>Whether two names are one: servers written in Go match them without regard to case, so "Model" would replace the model.</summary>
    public static bool Is(string name, string other) => string.Equals(name, other, StringComparison.OrdinalIgnoreCase);
}
