using System.Text;
using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>
/// What a service says when it refuses a request: whether it names a member that it does not know or support. A value out of range is no
/// such refusal: the caller is to learn of it.
/// </summary>
internal sealed class RequestRefusal
{
    private const int MaxLevels = 6;

    // What follows a refused name is not refused: "property 'store' is unsupported, did you mean 'stop'?" (Groq, 2024).
    private static readonly string[] Suggestions =
    [
        "did you mean",
        "expected one of",
        "must be one of",
        "is not one of",
        "supported values",
    ];

    // By which services say that they do not know or support something (OpenAI, Azure, vLLM, TGI, Gemini, Groq, Cerebras, Fireworks,
    // xAI, LiteLLM, Anthropic; 2023 to 2026).
    private static readonly string[] Phrases =
    [
        "unsupported",
        "not support",
        "n't support",
        "not permitted",
        "unrecognized",
        "unknown",
        "unexpected",
        "cannot find field",
        "not allowed",
        "not implemented",
        "only the default",
        "deprecated",
        "extra_forbidden",
        "additional properties",
        "不支持",
    ];

    // A value out of range, which the caller is to learn of, even if the text also says "unexpected" or "not allowed".
    private static readonly string[] Ranges =
    [
        "must be between",
        "out of range",
        "less than or equal",
        "greater than or equal",
        "must be at most",
        "must be at least",
        "the maximum is",
        "the minimum is",
        " above ",
        " below ",
        "greater than ",
        "less than ",
        "exceeds",
        "too large",
        "<=",
        ">=",
    ];

    private readonly List<string> _clauses = [];

    private RequestRefusal(string text, string? parameter)
    {
        Text = text;
        Parameter = parameter;
        // The next line of pydantic's text says what is wrong with the member on this one.
        foreach (
            string line in text.Replace("\n  ", " ", StringComparison.Ordinal).Replace("\\n", "\n", StringComparison.Ordinal).Split('\n')
        )
        {
            foreach (string sentence in line.Split(["; ", ". "], StringSplitOptions.RemoveEmptyEntries))
                _clauses.Add(sentence);
        }
    }

    /// <summary>All that the service says.</summary>
    public string Text { get; }

    /// <summary>The member that the error itself names as its place, such as <c>messages[0].role</c>; null if it names none.</summary>
    public string? Parameter { get; }

    /// <summary>Reads the body of a refusal.</summary>
    public static RequestRefusal Read(ReadOnlySpan<byte> body)
    {
        var error = ErrorBody.Read(body);
        string text = string.Join('\n', error.UpstreamMessage, error.Message);
        // Python servers repeat what was sent, and with it the prompt.
        int input = text.IndexOf("'input':", StringComparison.Ordinal);
        if (input >= 0)
            text = text[..input];
        return new(text, error.Form == ErrorForm.Json ? FindParameter(body) : null) { Codes = string.Join(' ', error.Codes) };
    }

    /// <summary>Returns the refusal in an error whose body is not at hand, such as one inside a stream.</summary>
    public static RequestRefusal Of(string message) => new(message, parameter: null);

    private string Codes { get; init; } = "";

    /// <summary>Whether the text contains a phrase, ignoring case.</summary>
    public bool Says(string phrase) => Text.Contains(phrase, StringComparison.OrdinalIgnoreCase);

    /// <summary>Whether the service does not know or support a member, or not with the value that it has.</summary>
    /// <param name="name">The name of the member.</param>
    public bool Refuses(string name)
    {
        // The schema of a tool has names of its own.
        if (Says("schema for function") || Says("invalid schema"))
            return false;
        if (Parameter is not null && IsPlace(Parameter, name) && (IsRefusal(Text) || (!IsAboutRange(Text) && IsRefusal(Codes))))
            return true;
        foreach (string clause in _clauses)
        {
            if (IsRefusal(clause) && Mentions(WithoutSuggestions(clause), name))
                return true;
        }
        return false;
    }

    /// <summary>Whether the service does not know or support something that it names in these words, ignoring case.</summary>
    public bool RefusesInWords(string words)
    {
        foreach (string clause in _clauses)
        {
            if (clause.Contains(words, StringComparison.OrdinalIgnoreCase) && IsRefusal(clause))
                return true;
        }
        return false;
    }

    /// <summary>Whether the service does not know or support the role <c>developer</c>. Any text may mention developers.</summary>
    public bool RefusesDeveloperRole() =>
        RefusesInWords("developer") || Says("developer is not one of") || Says("invalid value: 'developer'");

    /// <summary>Whether the service refuses a member with a text about its value, such as "must be".</summary>
    /// <param name="name">The name of the member.</param>
    /// <param name="phrase">The text.</param>
    public bool Says(string name, string phrase)
    {
        bool isPlace = Parameter is not null && IsPlace(Parameter, name);
        foreach (string clause in _clauses)
        {
            if (clause.Contains(phrase, StringComparison.OrdinalIgnoreCase) && (isPlace || Mentions(clause, name)))
                return true;
        }
        return false;
    }

    /// <summary>Returns the words in quotes that follow a list's introduction, such as "Supported values are:".</summary>
    public List<string> Supported()
    {
        var words = new List<string>();
        int start = -1;
        foreach (string introduction in (ReadOnlySpan<string>)["supported values are", "expected one of", "must be one of", "should be"])
        {
            if (start < 0)
                start = Text.IndexOf(introduction, StringComparison.OrdinalIgnoreCase);
        }
        if (start < 0)
            return words;
        var rest = Text.AsSpan(start);
        while (rest.IndexOfAny("'`\"") is var open and >= 0)
        {
            rest = rest[(open + 1)..];
            int length = rest.IndexOfAny("'`\"");
            if (length < 0)
                break;
            words.Add(rest[..length].ToString());
            rest = rest[(length + 1)..];
        }
        return words;
    }

    /// <summary>Returns the first number after a text; null if there is none.</summary>
    public int? NumberAfter(string text)
    {
        int start = Text.IndexOf(text, StringComparison.OrdinalIgnoreCase);
        if (start < 0)
            return null;
        var rest = Text.AsSpan(start + text.Length).TrimStart(" :=>");
        int length = rest.IndexOfAnyExceptInRange('0', '9');
        return int.TryParse(length < 0 ? rest : rest[..length], out int number) ? number : null;
    }

    private static bool IsRefusal(string text) => ContainsAny(text, Phrases) && !IsAboutRange(text);

    private static bool IsAboutRange(string text) => ContainsAny(text, Ranges);

    private static bool ContainsAny(string text, string[] phrases)
    {
        foreach (string phrase in phrases)
        {
            if (text.Contains(phrase, StringComparison.OrdinalIgnoreCase))
                return true;
        }
        return false;
    }

    private static ReadOnlySpan<char> WithoutSuggestions(ReadOnlySpan<char> clause)
    {
        foreach (string suggestion in Suggestions)
        {
            int start = clause.IndexOf(suggestion, StringComparison.OrdinalIgnoreCase);
            if (start > 0)
                clause = clause[..start];
        }
        return clause;
    }

    // stream_options, stream_options.include_usage, body.stream_options
    private static bool IsPlace(ReadOnlySpan<char> place, ReadOnlySpan<char> name)
    {
        int start = place.StartsWith(name, StringComparison.Ordinal) ? 0 : place.LastIndexOf(name);
        return start >= 0
            && (start == 0 || place[start - 1] == '.')
            && (start + name.Length == place.Length || place[start + name.Length] is '.' or '[');
    }

    private static bool Mentions(ReadOnlySpan<char> clause, string name)
    {
        // A word of English counts only where it is marked as a name.
        bool isMarked = !name.Contains('_') && name is not ("temperature" or "logprobs");
        return Mentions(clause, name, isMarked) || (name.Contains('_') && Mentions(clause, InCamelCase(name), isMarked: false));
    }

    private static bool Mentions(ReadOnlySpan<char> clause, ReadOnlySpan<char> name, bool isMarked)
    {
        for (int from = 0; clause[from..].IndexOf(name, StringComparison.OrdinalIgnoreCase) is var at and >= 0; from += at + 1)
        {
            var before = clause[..(from + at)];
            var after = clause[(from + at + name.Length)..];
            if (IsPartOfName(before.IsEmpty ? ' ' : before[^1]) || IsPartOfName(after.IsEmpty ? ' ' : after[0]))
                continue;
            if (!isMarked || (IsClosing(after) && (IsOpening(before) || (MayBegin(before) && EndsName(after)))))
                return true;
        }
        return false;
    }

    private static bool IsPartOfName(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '-';

    private static bool IsOpening(ReadOnlySpan<char> before)
    {
        if (before is [.., '\'' or '"' or '`' or '.' or '/' or '(' or '['])
            return true;
        var words = before.TrimEnd();
        return words.Length < before.Length
            && (
                words.EndsWith("parameter", StringComparison.OrdinalIgnoreCase)
                || words.EndsWith("argument", StringComparison.OrdinalIgnoreCase)
                || words.EndsWith("property", StringComparison.OrdinalIgnoreCase)
                || words.EndsWith("field", StringComparison.OrdinalIgnoreCase)
            );
    }

    private static bool MayBegin(ReadOnlySpan<char> before) => before.TrimEnd() is [] or [.., ':'];

    // "seed: Extra inputs are not permitted", "seed is not supported", but not "Thinking mode does not support this tool_choice" (DeepSeek,
    // 2026).
    private static bool EndsName(ReadOnlySpan<char> after) =>
        after is [] or [':' or ',' or '.' or '\'', ..]
        || after.StartsWith(" is ", StringComparison.Ordinal)
        || after.StartsWith(" and ", StringComparison.Ordinal)
        || after.StartsWith(" Extra inputs", StringComparison.OrdinalIgnoreCase);

    // A step of a path is not the member itself: messages.0.user.name
    private static bool IsClosing(ReadOnlySpan<char> after) => after.IsEmpty || after is [not '.' and not '[', ..] or ['.'];

    private static string InCamelCase(string name)
    {
        var text = new StringBuilder(name.Length);
        for (int i = 0; i < name.Length; i++)
        {
            if (name[i] == '_' && i + 1 < name.Length)
                text.Append(char.ToUpperInvariant(name[++i]));
            else
                text.Append(name[i]);
        }
        return text.ToString();
    }

    private static string? FindParameter(ReadOnlySpan<byte> body)
    {
        body = body.TrimStart(" \t\r\n"u8);
        return body is [(byte)'{' or (byte)'[', ..] ? FindParameter(new ErrorValue(body), MaxLevels) : null;
    }

    private static string? FindParameter(ErrorValue value, int levels)
    {
        if (levels == 0 || value.Kind is not (JsonValueKind.Object or JsonValueKind.Array))
            return null;
        for (var member = value.Values; member.MoveNext(); )
        {
            if (member.Name == "param" && member.Value.Kind == JsonValueKind.String && member.Value.Text is { Length: > 0 and <= 128 } name)
                return name;
            if (member.Name is "error" or "errors" or "" && FindParameter(member.Value, levels - 1) is { } inner)
                return inner;
        }
        return null;
    }
}
