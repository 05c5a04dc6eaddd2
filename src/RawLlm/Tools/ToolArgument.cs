using System.Globalization;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

namespace RawLlm;

/// <summary>An argument of a call or a member of an answer, or part of one, for code that the source generator emits. Reading is tolerant:
/// a number, a bool or an object may also arrive as a string.</summary>
/// <remarks>
/// Every method throws <see cref="ToolArgumentException"/>, which names the value, if the value is missing or does not fit. For a call, the
/// message is written for the model and shows the given value. For an answer, the message does not show the value, and tolerated deviations
/// are recorded as quirks.
/// </remarks>
public readonly struct ToolArgument
{
    private const int ShownCharacters = 40;
    private const string Whole = "text";

    private readonly JsonElement _value;
    private readonly ToolArguments? _all;
    private readonly string _path;

    // Null for the arguments of a call.
    private readonly ICollection<Quirk>? _quirks;

    private ToolArgument(JsonElement value, string path, ICollection<Quirk>? quirks)
    {
        _value = value;
        _path = path;
        _quirks = quirks;
    }

    internal ToolArgument(ToolArguments all)
    {
        _all = all;
        _path = "";
    }

    /// <summary>Whether the value is missing or null.</summary>
    public bool IsMissing => _all is null && _value.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null;

    /// <summary>The path of the argument, such as <c>order.items[2].count</c>; empty for the whole arguments object.</summary>
    public string Path => _path ?? "";

    /// <summary>Returns all arguments of a call.</summary>
    public static ToolArgument Of(ToolCall call)
    {
        ArgumentNullException.ThrowIfNull(call);
        var arguments = call.ReadArguments();
        return arguments.Quirk is { Kind: QuirkKind.ToolArgumentsUnreadable }
            ? throw new ToolArgumentException("The arguments are not a JSON object.")
            : new(arguments);
    }

    /// <summary>Reads an answer.</summary>
    /// <param name="utf8">The JSON text, as the model wrote it.</param>
    /// <param name="quirks">Receives the tolerated deviations from the schema; null to discard them.</param>
    /// <param name="read">Reads the value. It must not keep the <see cref="ToolArgument"/> that it receives.</param>
    /// <exception cref="ToolArgumentException">The text is not JSON or does not fit; the message contains nothing of the
    /// answer.</exception>
    public static T ReadAnswer<T>(ReadOnlySpan<byte> utf8, ICollection<Quirk>? quirks, Func<ToolArgument, T> read)
    {
        ArgumentNullException.ThrowIfNull(read);
        quirks ??= [];
        byte[] own = utf8.ToArray();
        // The parser checks the bytes inside strings only when they are read.
        if (!System.Text.Unicode.Utf8.IsValid(own))
            throw new ToolArgumentException("It is not JSON: it contains bytes that are not UTF-8.");
        if (ToolArguments.MendSurrogates(own))
            quirks.Add(new(QuirkKind.LoneSurrogate, Whole));
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(own);
        }
        catch (JsonException e)
        {
            throw new ToolArgumentException($"It is not JSON (line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}).");
        }
        using (document)
            return read(new(document.RootElement, "", quirks));
    }

    /// <summary>
    /// Returns a member of an object, or a missing value if there is none. If a name occurs twice, the last value counts.
    /// </summary>
    public ToolArgument Member(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        string path = Path.Length == 0 ? name : $"{Path}.{name}";
        if (_all is not null)
            return new(_all.TryGetValue(name, out var given) ? given : default, path, quirks: null);
        if (_value.ValueKind == JsonValueKind.Object && _value.TryGetProperty(name, out var value))
            return new(value, path, _quirks);
        var missing = new ToolArgument(default, path, _quirks);
        missing.Note(QuirkKind.ReplyMemberMissing);
        return missing;
    }

    /// <summary>Returns a member that may be missing: unlike <see cref="Member"/>, this never records that it is.</summary>
    public ToolArgument OptionalMember(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return _all is null && !(_value.ValueKind == JsonValueKind.Object && _value.TryGetProperty(name, out _))
            ? new(default, Path.Length == 0 ? name : $"{Path}.{name}", _quirks)
            : Member(name);
    }

    /// <summary>Returns the value as the JSON that it is. JSON's <c>null</c> is a value like any other, and a string that contains JSON
    /// stays a string.</summary>
    public RawJson ReadJson() => RawJson.FromChecked(JsonMarshal.GetRawUtf8Value(Given()).ToArray());

    /// <summary>Returns the value as an element that does not depend on the call or answer. JSON's <c>null</c> is a value like any other,
    /// and a string that contains JSON stays a string.</summary>
    public JsonElement ReadElement() => Given().Clone();

    private JsonElement Given() => _value.ValueKind == JsonValueKind.Undefined ? throw Misfit("a JSON value") : _value;

    /// <summary>Returns the value as text; a value that is not a string returns its JSON text.</summary>
    public string ReadText()
    {
        if (IsMissing)
            throw Misfit("a string");
        Note(isConverted: _value.ValueKind != JsonValueKind.String);
        return Text;
    }

    /// <summary>Returns the value as a bool.</summary>
    public bool ReadBoolean()
    {
        if (_value.ValueKind is JsonValueKind.True or JsonValueKind.False)
            return _value.ValueKind == JsonValueKind.True;
        if (!bool.TryParse(TextOrNone, out bool value))
            throw Misfit("true or false");
        Note(isConverted: true);
        return value;
    }

    /// <summary>Returns the value as a number of the given type; <c>3.0</c> also counts as an integer.</summary>
    public T ReadNumber<T>()
        where T : struct, INumber<T>
    {
        bool isInteger = T.IsInteger(T.One / (T.One + T.One));
        if (!IsMissing && _value.ValueKind is JsonValueKind.Number or JsonValueKind.String)
        {
            string text = Text.Trim();
            Note(isConverted: _value.ValueKind == JsonValueKind.String);
            if (
                T.TryParse(
                    text,
                    isInteger ? NumberStyles.AllowLeadingSign : NumberStyles.Float,
                    CultureInfo.InvariantCulture,
                    out var value
                ) && T.IsFinite(value)
            )
            {
                return value;
            }

            if (
                isInteger
                && decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal exact)
                && decimal.IsInteger(exact)
                && T.TryParse(
                    exact.ToString("0", CultureInfo.InvariantCulture),
                    NumberStyles.AllowLeadingSign,
                    CultureInfo.InvariantCulture,
                    out value
                )
            )
            {
                return value;
            }
        }
        throw Misfit(isInteger ? $"an integer ({typeof(T).Name})" : "a number");
    }

    /// <summary>Returns the index of the value among the given words, ignoring case.</summary>
    public int ReadChoice(params ReadOnlySpan<string> words)
    {
        string text = IsMissing ? "" : Text.Trim();
        for (int i = 0; i < words.Length; i++)
        {
            if (words[i] == text)
            {
                Note(isConverted: _value.ValueKind != JsonValueKind.String || !_value.ValueEquals(text));
                return i;
            }
        }
        for (int i = 0; i < words.Length; i++)
        {
            if (words[i].Equals(text, StringComparison.OrdinalIgnoreCase))
            {
                Note(isConverted: true);
                return i;
            }
        }
        throw Misfit($"one of {string.Join(", ", words!)}");
    }

    /// <summary>Returns the value as a date and time. Without a time zone, its kind is <see cref="DateTimeKind.Unspecified"/>.</summary>
    public DateTime ReadDateTime()
    {
        if (!DateTime.TryParse(TextOrNone, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var value))
            throw Misfit("a date and time such as 2026-01-31T12:00:00Z");
        Note(isConverted: !_value.TryGetDateTime(out _) || !HasTime(_value.GetString()));
        return value;
    }

    /// <summary>Returns the value as a date and time. Without a time zone, it counts as UTC.</summary>
    public DateTimeOffset ReadDateTimeOffset()
    {
        if (!DateTimeOffset.TryParse(TextOrNone, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var value))
            throw Misfit("a date and time such as 2026-01-31T12:00:00Z");
        Note(isConverted: !_value.TryGetDateTimeOffset(out _) || !HasTime(_value.GetString()) || !HasZone(_value.GetString()));
        return value;
    }

    /// <summary>Returns the value as a date.</summary>
    public DateOnly ReadDateOnly()
    {
        if (!DateOnly.TryParse(TextOrNone, CultureInfo.InvariantCulture, DateTimeStyles.None, out var value))
        {
            // A date and time is a date only at midnight.
            if (
                !DateTimeOffset.TryParse(TextOrNone, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
                || time.TimeOfDay != TimeSpan.Zero
            )
            {
                throw Misfit("a date such as 2026-01-31");
            }

            value = DateOnly.FromDateTime(time.Date);
        }

        Note(isConverted: !_value.ValueEquals(value.ToString("O", CultureInfo.InvariantCulture)));
        return value;
    }

    /// <summary>Returns the value as a time of day. A UTC offset after the time, which JSON Schema's <c>time</c> format requires, is
    /// dropped without conversion.</summary>
    public TimeOnly ReadTimeOnly()
    {
        var text = TextOrNone.AsSpan();
        int zone = text.IndexOfAny("Zz+-");
        if (
            !TimeOnly.TryParse(zone < 0 ? text : text[..zone], CultureInfo.InvariantCulture, DateTimeStyles.None, out var value)
            || (zone >= 0 && !IsZone(text[zone..]))
        )
        {
            throw Misfit("a time such as 12:30:00");
        }

        Note(
            isConverted: (zone >= 0 && text[zone..] is not ("Z" or "z" or "+00:00" or "-00:00"))
                || !TimeOnly.TryParseExact(
                    zone < 0 ? text : text[..zone],
                    "HH:mm:ss.FFFFFFF",
                    CultureInfo.InvariantCulture,
                    DateTimeStyles.None,
                    out _
                )
        );
        return value;
    }

    /// <summary>Returns the value as a <see cref="Guid"/>.</summary>
    public Guid ReadGuid()
    {
        if (!Guid.TryParse(TextOrNone, out var value))
            throw Misfit("a UUID");
        Note(isConverted: !_value.TryGetGuid(out _));
        return value;
    }

    /// <summary>Returns the value as an absolute or relative URI.</summary>
    public Uri ReadUri() =>
        TextOrNone is { Length: > 0 } text && Uri.TryCreate(text, UriKind.RelativeOrAbsolute, out var value)
            ? value
            : throw Misfit("a URI");

    /// <summary>Reads each item of an array with the given delegate. The array may also arrive as JSON text in a string.</summary>
    public T[] ReadList<T>(Func<ToolArgument, T> read)
    {
        ArgumentNullException.ThrowIfNull(read);
        var list = Unwrapped(JsonValueKind.Array, "an array");
        var items = new T[list.GetArrayLength()];
        int i = 0;
        foreach (var item in list.EnumerateArray())
        {
            items[i] = read(new ToolArgument(item, $"{Path}[{i}]", _quirks));
            i++;
        }
        return items;
    }

    /// <summary>
    /// Reads each member of an object with the given delegate. If a name occurs twice, the last value counts. The object may also arrive as
    /// JSON text in a string.
    /// </summary>
    public Dictionary<string, T> ReadMap<T>(Func<ToolArgument, T> read)
    {
        ArgumentNullException.ThrowIfNull(read);
        var map = new Dictionary<string, T>(StringComparer.Ordinal);
        foreach (var member in Unwrapped(JsonValueKind.Object, "an object").EnumerateObject())
            map[member.Name] = read(new ToolArgument(member.Value, $"{Path}.{member.Name}", _quirks));
        return map;
    }

    /// <summary>Returns the value as an object. The object may also arrive as JSON text in a string.</summary>
    public ToolArgument ReadObject() => _all is not null ? this : new(Unwrapped(JsonValueKind.Object, "an object"), Path, _quirks);

    /// <summary>Reads the value with the given delegate; null if the value is missing or null.</summary>
    public T? ReadNullable<T>(Func<ToolArgument, T> read)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(read);
        return IsMissing ? null : read(this);
    }

    /// <summary>Reads the value with the given delegate; null if the value is missing or null.</summary>
    public T? ReadNullableValue<T>(Func<ToolArgument, T> read)
        where T : struct
    {
        ArgumentNullException.ThrowIfNull(read);
        return IsMissing ? null : read(this);
    }

    /// <summary>Creates the exception to throw if the value is not what was expected.</summary>
    /// <param name="expected">What the value should be, such as <c>a string</c>.</param>
    public ToolArgumentException Misfit(string expected)
    {
        string name =
            Path.Length > 0 ? $"\"{Path}\""
            : _quirks is null ? "The arguments"
            : "It";
        string given = _value.ValueKind switch
        {
            JsonValueKind.Undefined => "it is missing",
            JsonValueKind.Null => "it is null",
            JsonValueKind.Object => "it is an object",
            JsonValueKind.Array => "it is an array",
            _ when _quirks is null => $"it is {Shown(_value.GetRawText())}",
            JsonValueKind.String => "it is a string that does not fit",
            JsonValueKind.Number => "it is a number that does not fit",
            _ => "it is a Boolean",
        };
        return new($"{name} must be {expected}, but {given}.", Path.Length == 0 ? null : Path);
    }

    private string Text => _value.ValueKind == JsonValueKind.String ? _value.GetString()! : _value.GetRawText();

    private string? TextOrNone => _value.ValueKind == JsonValueKind.String ? _value.GetString()!.Trim() : null;

    // The parser accepts a date alone and a time without a zone. JSON Schema's date-time (RFC 3339, 5.6) requires both.
    private static bool HasTime(string? text) => text is not null && text.Contains('T', StringComparison.Ordinal);

    private static bool HasZone(string? text) =>
        text is [.., 'Z'] || (text is { Length: > 6 } && text[^6] is '+' or '-' && IsZone(text.AsSpan(text.Length - 6)));

    private static bool IsZone(ReadOnlySpan<char> text) =>
        text is "Z" or "z"
        || (text.Length == 6 && TimeOnly.TryParseExact(text[1..], "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out _));

    private void Note(bool isConverted)
    {
        if (isConverted)
            Note(QuirkKind.ReplyValueConverted);
    }

    // Recorded once for all items of a list (choices[].delta): there can be very many.
    private void Note(QuirkKind kind)
    {
        if (_quirks is null)
            return;
        var place = new StringBuilder(Path.Length == 0 ? Whole : "");
        for (int i = 0; i < Path.Length; i++)
        {
            bool isNumber = Path[i] == '[';
            place.Append(Path[i]);
            while (isNumber && i + 1 < Path.Length && char.IsAsciiDigit(Path[i + 1]))
                i++;
        }
        var quirk = new Quirk(kind, place.ToString());
        if (!_quirks.Contains(quirk))
            _quirks.Add(quirk);
    }

    private static string Shown(string text) => text.Length <= ShownCharacters ? text : TextCut.Of(text, ShownCharacters) + "…";

    private JsonElement Unwrapped(JsonValueKind kind, string expected)
    {
        if (_value.ValueKind == kind)
            return _value;
        if (_value.ValueKind == JsonValueKind.String)
        {
            try
            {
                byte[] inner = Encoding.UTF8.GetBytes(_value.GetString()!);
                bool isMended = ToolArguments.MendSurrogates(inner);
                using var document = JsonDocument.Parse(inner);
                if (document.RootElement.ValueKind == kind)
                {
                    Note(isConverted: true);
                    if (isMended)
                        Note(QuirkKind.LoneSurrogate);
                    return document.RootElement.Clone();
                }
            }
            catch (JsonException) { }
        }
        throw Misfit(expected);
    }
}
