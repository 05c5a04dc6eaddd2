using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>
/// Writes a nested object of a request, including the members of the extra member with the same name. The first member opens the object.
/// </summary>
/// <param name="json">Receives the object.</param>
/// <param name="name">The name of the object.</param>
/// <param name="isSame">Whether the service treats two names as the same.</param>
internal sealed class InnerObject(JsonWriter json, string name, Func<string, string, bool> isSame)
{
    private readonly List<string> _written = [];
    private bool _isOpen;

    /// <summary>Starts the object unless it is already open.</summary>
    public void Open()
    {
        if (_isOpen)
            return;
        _isOpen = true;
        json.WriteName(name, name);
        json.StartObject();
    }

    /// <summary>Writes the name of a member.</summary>
    public void Name(string member)
    {
        Open();
        _written.Add(member);
        json.WriteName(member, name);
    }

    public void Text(string member, ReadOnlySpan<byte> text)
    {
        Name(member);
        json.WriteText(text);
    }

    public void Number(string member, long value)
    {
        Name(member);
        json.WriteNumber(value);
    }

    public void Number(string member, double value)
    {
        Name(member);
        json.WriteNumber(value, $"{name}.{member}");
    }

    public void Boolean(string member, bool value)
    {
        Name(member);
        json.WriteBoolean(value);
    }

    public void Texts(string member, IReadOnlyList<string> texts)
    {
        Name(member);
        json.WriteTexts(texts, $"{name}.{member}[]");
    }

    /// <summary>Writes the members of the extra member unchanged.</summary>
    /// <exception cref="ArgumentException">It is not an object, or it repeats a member of the request or of its own.</exception>
    public void WriteExtra(RawJson extra)
    {
        var reader = WireJson.DeepReader(extra.Utf8);
        if (extra.IsEmpty || !reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            RequestErrors.Throw($"The extra member '{name}' is not an object.");
        int saidBefore = _written.Count;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            string member = reader.GetString()!;
            for (int i = 0; i < _written.Count; i++)
            {
                if (!isSame(member, _written[i]))
                    continue;
                if (i < saidBefore)
                    RequestErrors.ThrowRepeatsProperty($"{name}.{member}");
                RequestErrors.ThrowTwice(name, member);
            }
            reader.Read();
            int start = (int)reader.TokenStartIndex;
            reader.Skip();
            Name(member);
            json.WriteRaw(extra.Utf8[start..(int)reader.BytesConsumed]);
        }
    }

    /// <summary>Ends the object if it is open.</summary>
    public void Close()
    {
        if (_isOpen)
            json.EndObject();
    }
}
