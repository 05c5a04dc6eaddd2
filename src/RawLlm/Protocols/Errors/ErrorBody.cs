using System.Globalization;
using System.Text;
using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>The content of an error's body, in whatever form it arrived, and the words by which it is classified.</summary>
internal sealed class ErrorBody
{
    /// <summary>The maximum number of characters read of a message.</summary>
    public const int LongestMessage = 16 << 10;

    private const int JsonDepth = 64;
    private const int MaxCodes = 16;
    private const int LongestCode = 128;

    /// <summary>The options for reading errors.</summary>
    public static JsonReaderOptions Lenient => new() { MaxDepth = JsonDepth, AllowTrailingCommas = true };

    public ErrorBody(ErrorForm form) => Form = form;

    /// <summary>The form of the body.</summary>
    public ErrorForm Form { get; private set; }

    /// <summary>The service's message.</summary>
    public string? Message { get; set; }

    /// <summary>The message of the service behind a gateway.</summary>
    public string? UpstreamMessage { get; set; }

    /// <summary>The name of the service behind a gateway.</summary>
    public string? UpstreamName { get; set; }

    /// <summary>The gateway's name for the service behind it, if the gateway sends one along with the error.</summary>
    public string? ServiceName { get; set; }

    /// <summary>The title of a web page.</summary>
    public string? Title { get; private set; }

    /// <summary>The code: text, or a number as text.</summary>
    public string? Code { get; private set; }

    /// <summary>Whether the code is more than a repetition of the status.</summary>
    public bool HasOwnCode => Code is not null && !IsStatus(Code);

    /// <summary>The type.</summary>
    public string? Type { get; private set; }

    /// <summary>The status as a word.</summary>
    public string? StatusText { get; private set; }

    /// <summary>The HTTP status according to the body.</summary>
    public int? Status { get; private set; }

    /// <summary>The request's ID according to the body.</summary>
    public string? RequestId { get; set; }

    /// <summary>How long to wait, if a member says so.</summary>
    public TimeSpan? RetryAfter { get; set; }

    /// <summary>Whether a daily limit is used up.</summary>
    public bool IsDailyQuota { get; set; }

    /// <summary>Whether a moderation gives its reasons.</summary>
    public bool IsModerated { get; set; }

    /// <summary>Whether the rest of a budget is held by requests in progress.</summary>
    public bool IsInFlight { get; set; }

    /// <summary>The number of tokens in the prompt, if a member says so.</summary>
    public long? RequestedTokens { get; set; }

    /// <summary>The maximum number of tokens that the model accepts, if a member says so.</summary>
    public long? MaximumTokens { get; set; }

    /// <summary>Whether something in the body is named as an exception.</summary>
    public bool NamesException { get; set; }

    /// <summary>Whether the body describes a failure: with a message, or with the name of an exception.</summary>
    public bool IsExplained => Message is not null || NamesException;

    /// <summary>All words by which the error can be classified.</summary>
    public List<string> Codes { get; } = [];

    /// <summary>Reads a body.</summary>
    public static ErrorBody Read(ReadOnlySpan<byte> utf8)
    {
        utf8 = EventData(WebPage.Trim(utf8));
        if (utf8.IsEmpty || utf8.SequenceEqual("null"u8))
            return new ErrorBody(ErrorForm.Empty);
        if (WebPage.Is(utf8))
            return new ErrorBody(ErrorForm.WebPage) { Title = WebPage.Title(utf8) };
        if (utf8[0] is not ((byte)'{' or (byte)'[' or (byte)'"'))
            return new ErrorBody(ErrorForm.Text) { Message = Encoding.UTF8.GetString(utf8[..Math.Min(utf8.Length, LongestMessage)]) };
        var body = new ErrorBody(ErrorForm.BrokenJson);
        if (new ErrorShapes(body).TryRead(utf8))
            body.Form = ErrorForm.Json;
        return body;
    }

    /// <summary>Adds a word by which the error can be classified.</summary>
    public void AddCode(string? code)
    {
        if (code is { Length: > 0 and <= LongestCode } && Codes.Count < MaxCodes && !Codes.Contains(code))
            Codes.Add(code);
    }

    /// <summary>Reads a code. A code other than a repetition of the status takes precedence.</summary>
    public void SetCode(string? text)
    {
        if (Word(text) is not { } code)
            return;
        // A number that is a status (OpenRouter's number, LiteLLM's text) counts as the status if HTTP itself gave none.
        if (IsStatus(code))
            Status ??= int.Parse(code, NumberStyles.None, CultureInfo.InvariantCulture);
        Code = HasOwnCode ? Code : code;
        AddCode(code);
    }

    /// <summary>Reads a type.</summary>
    public void SetType(string? text)
    {
        // The envelope's own type and the URL of a problem description are not error types.
        if (
            Word(text) is not { } type
            || type is "error"
            || IsOfAnswer(type)
            || type.StartsWith("response.", StringComparison.Ordinal)
            || type.Contains("://", StringComparison.Ordinal)
            || type.StartsWith("about:", StringComparison.Ordinal)
        )
        {
            return;
        }

        Type ??= type;
        AddCode(type);
    }

    /// <summary>Reads a status: a number or a word.</summary>
    /// <param name="word">The status.</param>
    /// <param name="key">The name of the member.</param>
    public void SetStatus(string? word, string key)
    {
        if (Word(word) is not { } text)
            return;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number))
        {
            if (number is >= 400 and < 600)
                Status ??= number;
            // MiniMax: its own number in status_code; 0 is success.
            else if (key == "statuscode" && number != 0)
                SetCode(text);
            return;
        }
        if (text is "error" or "failed" or "failure" or "fail" || IsOfAnswer(text))
            return;
        StatusText ??= text;
        AddCode(text);
    }

    // The wires' event names, and how far an answer has come, appear next to an error in the last event.
    private static bool IsOfAnswer(string word) =>
        word
            is "completed"
                or "incomplete"
                or "in_progress"
                or "queued"
                or "cancelled"
                or "canceled"
                or "message"
                or "message_start"
                or "message_delta"
                or "message_stop"
                or "content_block_start"
                or "content_block_delta"
                or "content_block_stop"
                or "ping";

    // A refused stream sometimes contains its error as its only event.
    private static ReadOnlySpan<byte> EventData(ReadOnlySpan<byte> body)
    {
        if (!body.StartsWith("data:"u8) && !body.StartsWith("event:"u8) && !body.StartsWith("id:"u8) && !body.StartsWith(":"u8))
            return body;
        var rest = body;
        while (!rest.IsEmpty)
        {
            int end = rest.IndexOfAny((byte)'\r', (byte)'\n');
            var line = end < 0 ? rest : rest[..end];
            if (line.StartsWith("data:"u8))
                return WebPage.Trim(line[5..]);
            rest = end < 0 ? default : rest[(end + 1)..];
        }
        return body;
    }

    private static bool IsStatus(string code) =>
        code is [>= '4' and <= '5', _, _] && char.IsAsciiDigit(code[1]) && char.IsAsciiDigit(code[2]);

    private static string? Word(string? text) =>
        text?.Trim() is { Length: > 0 and <= LongestCode } word
        && !word.Equals("none", StringComparison.OrdinalIgnoreCase)
        && word != "null"
            ? word
            : null;
}
