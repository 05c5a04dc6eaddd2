using System.Globalization;
using System.Numerics;
using System.Text.Json;

namespace RawLlm;

/// <summary>One argument of a call, or a part of it, read with tolerance: a number, a bool or an object may also come as text. What generated tools read with.</summary>
/// <remarks>Every method throws <see cref="ToolArgumentException"/>, which names the argument for the model, where the value is missing or does not fit.</remarks>
public readonly struct ToolArgument
{
    private const int ShownCharacters = 40;

    private readonly JsonElement _value;
    private readonly ToolArguments? _all;
    private readonly string _path;

    private ToolArgument(JsonElement value, string path)
    {
        _value = value;
        _path = path;
    }

    private ToolArgument(ToolArguments all)
    {
        _all = all;
        _path = "";
    }

    /// <summary>True where nothing was given, or null.</summary>
    public bool IsMissing => _all is null && _value.ValueKind is JsonValueKind.Undefined or JsonValueKind.Null;

    /// <summary>The name of the argument, as in <c>order.items[2].count</c>; empty for all of them.</summary>
    public string Path => _path ?? "";

    /// <summary>All arguments of a call.</summary>
    public static ToolArgument Of(ToolCall call)
    {
        ArgumentNullException.ThrowIfNull(call);
        var arguments = call.ReadArguments();
        return arguments.Quirk is { Kind: QuirkKind.ToolArgumentsUnreadable } ? throw new ToolArgumentException("The arguments are not a JSON object.") : new(arguments);
    }

    /// <summary>A member of an object; it is missing where there is none. Of a name that occurs twice the last value counts.</summary>
    public ToolArgument Member(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        string path = Path.Length == 0 ? name : $"{Path}.{name}";
        if (_all is not null)
            return new(_all.TryGetValue(name, out var given) ? given : default, path);
        return new(_value.ValueKind == JsonValueKind.Object && _value.TryGetProperty(name, out var value) ? value : default, path);
    }

    /// <summary>The value as text; what is no string gives its JSON text.</summary>
    public string ReadText() => IsMissing ? throw Misfit("a string") : Text;

    /// <summary>The value as a bool.</summary>
    public bool ReadBoolean() => _value.ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.String when bool.TryParse(Text, out bool value) => value,
        _ => throw Misfit("true or false"),
    };

    /// <summary>The value as a number of a type; <c>3.0</c> is an integer too.</summary>
    public T ReadNumber<T>()
        where T : struct, INumber<T>
    {
        bool isInteger = T.IsInteger(T.One / (T.One + T.One));
        if (!IsMissing && _value.ValueKind is JsonValueKind.Number or JsonValueKind.String)
        {
            string text = Text.Trim();
            if (T.TryParse(text, isInteger ? NumberStyles.AllowLeadingSign : NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && T.IsFinite(value))
                return value;
            if (isInteger && decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out decimal exact) && decimal.IsInteger(exact)
                && T.TryParse(exact.ToString("0", CultureInfo.InvariantCulture), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value))
                return value;
        }
        throw Misfit(isInteger ? $"an integer ({typeof(T).Name})" : "a number");
    }

    /// <summary>The place of the value among some words, whose letters' case does not matter.</summary>
    public int ReadChoice(params ReadOnlySpan<string> words)
    {
        string text = IsMissing ? "" : Text.Trim();
        for (int i = 0; i < words.Length; i++)
        {
            if (words[i] == text)
                return i;
        }
        for (int i = 0; i < words.Length; i++)
        {
            if (words[i].Equals(text, StringComparison.OrdinalIgnoreCase))
                return i;
        }
        throw Misfit($"one of {string.Join(", ", words!)}");
    }

    /// <summary>The value as a date and time; one without a zone is of none.</summary>
    public DateTime ReadDateTime() =>
        DateTime.TryParse(TextOrNone, CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var value) ? value : throw Misfit("a date and time such as 2026-01-31T12:00:00Z");

    /// <summary>The value as a date and time; one without a zone is UTC.</summary>
    public DateTimeOffset ReadDateTimeOffset() =>
        DateTimeOffset.TryParse(TextOrNone, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var value) ? value : throw Misfit("a date and time such as 2026-01-31T12:00:00Z");

    /// <summary>The value as a date.</summary>
    public DateOnly ReadDateOnly() =>
        DateOnly.TryParse(TextOrNone, CultureInfo.InvariantCulture, DateTimeStyles.None, out var value) ? value : throw Misfit("a date such as 2026-01-31");

    /// <summary>The value as a time of day.</summary>
    public TimeOnly ReadTimeOnly() =>
        TimeOnly.TryParse(TextOrNone, CultureInfo.InvariantCulture, DateTimeStyles.None, out var value) ? value : throw Misfit("a time such as 12:30:00");

    /// <summary>The value as a <see cref="Guid"/>.</summary>
    public Guid ReadGuid() => Guid.TryParse(TextOrNone, out var value) ? value : throw Misfit("a UUID");

    /// <summary>The value as an address, whole or relative.</summary>
    public Uri ReadUri() => TextOrNone is { Length: > 0 } text && Uri.TryCreate(text, UriKind.RelativeOrAbsolute, out var value) ? value : throw Misfit("a URI");

    /// <summary>The items of the value, each read in the same way; an array may also come as the text of one.</summary>
    public T[] ReadList<T>(Func<ToolArgument, T> read)
    {
        ArgumentNullException.ThrowIfNull(read);
        var list = Unwrapped(JsonValueKind.Array, "an array");
        var items = new T[list.GetArrayLength()];
        int i = 0;
        foreach (var item in list.EnumerateArray())
        {
            items[i] = read(new ToolArgument(item, $"{Path}[{i}]"));
            i++;
        }
        return items;
    }

    /// <summary>The value as an object; one may also come as the text of one.</summary>
    public ToolArgument ReadObject() => _all is not null ? this : new(Unwrapped(JsonValueKind.Object, "an object"), Path);

    /// <summary>The value read in some way, or null where there is none.</summary>
    public T? ReadNullable<T>(Func<ToolArgument, T> read)
        where T : class
    {
        ArgumentNullException.ThrowIfNull(read);
        return IsMissing ? null : read(this);
    }

    /// <summary>The value read in some way, or null where there is none.</summary>
    public T? ReadNullableValue<T>(Func<ToolArgument, T> read)
        where T : struct
    {
        ArgumentNullException.ThrowIfNull(read);
        return IsMissing ? null : read(this);
    }

    /// <summary>What to throw where the value is not what was expected.</summary>
    /// <param name="expected">What it should be, as in <c>a string</c>.</param>
    public ToolArgumentException Misfit(string expected)
    {
        string name = Path.Length == 0 ? "The arguments" : $"\"{Path}\"";
        string given = _value.ValueKind switch
        {
            JsonValueKind.Undefined => "it is missing",
            JsonValueKind.Null => "it is null",
            JsonValueKind.Object => "it is an object",
            JsonValueKind.Array => "it is an array",
            _ => $"it is {Shown(_value.GetRawText())}",
        };
        return new($"{name} must be {expected}, but {given}.", Path.Length == 0 ? null : Path);
    }

    private string Text => _value.ValueKind == JsonValueKind.String ? _value.GetString()! : _value.GetRawText();

    private string? TextOrNone => _value.ValueKind == JsonValueKind.String ? _value.GetString()!.Trim() : null;

    private static string Shown(string text) => text.Length <= ShownCharacters ? text : text[..(char.IsHighSurrogate(text[ShownCharacters - 1]) ? ShownCharacters - 1 : ShownCharacters)] + "…";

    private JsonElement Unwrapped(JsonValueKind kind, string expected)
    {
        if (_value.ValueKind == kind)
            return _value;
        if (_value.ValueKind == JsonValueKind.String)
        {
            try
            {
                using var document = JsonDocument.Parse(_value.GetString()!);
                if (document.RootElement.ValueKind == kind)
                    return document.RootElement.Clone();
            }
            catch (JsonException)
            {
            }
        }
        throw Misfit(expected);
    }
}
