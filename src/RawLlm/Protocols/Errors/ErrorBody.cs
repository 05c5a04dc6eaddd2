using System.Globalization;
using System.Text;
using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>What the body of an error says, in whatever form it came, and which of its words count.</summary>
internal sealed class ErrorBody
{
    /// <summary>The most characters of a message that are taken.</summary>
    public const int LongestMessage = 16 << 10;

    private const int JsonDepth = 64;
    private const int MostCodes = 16;
    private const int LongestCode = 128;

    /// <summary>How errors are read.</summary>
    public static JsonReaderOptions Lenient => new() { MaxDepth = JsonDepth, AllowTrailingCommas = true };

    public ErrorBody(ErrorForm form) => Form = form;

    /// <summary>What it came in.</summary>
    public ErrorForm Form { get; private set; }

    /// <summary>What the service says.</summary>
    public string? Message { get; set; }

    /// <summary>What the service behind a gateway said.</summary>
    public string? UpstreamMessage { get; set; }

    /// <summary>The name of the service behind a gateway.</summary>
    public string? UpstreamName { get; set; }

    /// <summary>What a gateway that names the service behind it beside the error calls it.</summary>
    public string? ServiceName { get; set; }

    /// <summary>A web page's title.</summary>
    public string? Title { get; private set; }

    /// <summary>The code; a text, or a number as text.</summary>
    public string? Code { get; private set; }

    /// <summary>True when the code is more than the status once again.</summary>
    public bool HasOwnCode => Code is not null && !IsStatus(Code);

    /// <summary>The type.</summary>
    public string? Type { get; private set; }

    /// <summary>The status as a word.</summary>
    public string? StatusText { get; private set; }

    /// <summary>The HTTP status as the body tells it.</summary>
    public int? Status { get; private set; }

    /// <summary>The request's id as the body tells it.</summary>
    public string? RequestId { get; set; }

    /// <summary>How long to wait, where a member says so.</summary>
    public TimeSpan? RetryAfter { get; set; }

    /// <summary>True when a limit per day is used up.</summary>
    public bool IsDailyQuota { get; set; }

    /// <summary>True when a moderation tells its reasons.</summary>
    public bool IsModerated { get; set; }

    /// <summary>True when what is left of a budget is held by requests that are still under way.</summary>
    public bool IsInFlight { get; set; }

    /// <summary>The tokens that the prompt has, where a member says so.</summary>
    public long? RequestedTokens { get; set; }

    /// <summary>The tokens that the model takes, where a member says so.</summary>
    public long? MaximumTokens { get; set; }

    /// <summary>True where something in it is named as an exception.</summary>
    public bool NamesException { get; set; }

    /// <summary>True where it tells of a failure: in words, or by the name of an exception.</summary>
    public bool SaysSomething => Message is not null || NamesException;

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
        if (code is { Length: > 0 and <= LongestCode } && Codes.Count < MostCodes && !Codes.Contains(code))
            Codes.Add(code);
    }

    /// <summary>Takes a code; one that is more than the status once again wins over one that is not.</summary>
    public void TakeCode(string? text)
    {
        if (Word(text) is not { } code)
            return;
        // A number that is a status (OpenRouter's number, LiteLLM's text) counts as one where HTTP itself gave none.
        if (IsStatus(code))
            Status ??= int.Parse(code, NumberStyles.None, CultureInfo.InvariantCulture);
        Code = HasOwnCode ? Code : code;
        AddCode(code);
    }

    /// <summary>Takes a type.</summary>
    public void TakeType(string? text)
    {
        // The envelope's own type, and the address of a problem's description, are none.
        if (Word(text) is not { } type || type is "error" || IsOfAnswer(type) || type.StartsWith("response.", StringComparison.Ordinal) || type.Contains("://", StringComparison.Ordinal) || type.StartsWith("about:", StringComparison.Ordinal))
            return;
        Type ??= type;
        AddCode(type);
    }

    /// <summary>Takes a status: a number, or a word.</summary>
    /// <param name="word">The status.</param>
    /// <param name="key">The name of its member.</param>
    public void TakeStatus(string? word, string key)
    {
        if (Word(word) is not { } text)
            return;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number))
        {
            if (number is >= 400 and < 600)
                Status ??= number;
            // MiniMax: a number of its own under status_code; 0 is success.
            else if (key == "statuscode" && number != 0)
                TakeCode(text);
            return;
        }
        if (text is "error" or "failed" or "failure" or "fail" || IsOfAnswer(text))
            return;
        StatusText ??= text;
        AddCode(text);
    }

    // What the wires call their events, and how far an answer has come, stands beside an error in its last event.
    private static bool IsOfAnswer(string word) => word is "completed" or "incomplete" or "in_progress" or "queued" or "cancelled"
        or "message" or "message_start" or "message_delta" or "message_stop" or "content_block_start" or "content_block_delta" or "content_block_stop" or "ping";

    // A refused stream sometimes carries its error as the one event of a stream.
    private static ReadOnlySpan<byte> EventData(ReadOnlySpan<byte> body)
    {
        if (!body.StartsWith("data:"u8) && !body.StartsWith("event:"u8) && !body.StartsWith("id:"u8) && !body.StartsWith(":"u8))
            return body;
        foreach (var range in body.SplitAny("\r\n"u8))
        {
            var line = body[range];
            if (line.StartsWith("data:"u8))
                return WebPage.Trim(line[5..]);
        }
        return body;
    }

    private static bool IsStatus(string code) => code is [>= '4' and <= '5', _, _] && char.IsAsciiDigit(code[1]) && char.IsAsciiDigit(code[2]);

    private static string? Word(string? text) =>
        text?.Trim() is { Length: > 0 and <= LongestCode } word && !word.Equals("none", StringComparison.OrdinalIgnoreCase) && word != "null" ? word : null;
}
