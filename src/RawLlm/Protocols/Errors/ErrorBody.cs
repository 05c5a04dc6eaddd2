using System.Globalization;
using System.Text;
using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>What the body of an error says, read from any of the shapes that services use; order and letter case of its members do not matter.</summary>
/// <remarks>
/// The inner object wins over what stands around it, and of two members of one name the first that says something. Total: what is not
/// understood is left out.
/// </remarks>
internal sealed class ErrorBody
{
    // What is larger is no error that anyone wrote by hand.
    private const int LargestBody = 1 << 20;
    private const int JsonDepth = 64;
    private const int ShapeDepth = 8;
    private const int MostCodes = 16;
    private const int LongestCode = 128;
    private const int LongestMessage = 16 << 10;
    private const int MostItems = 3;
    private const int NoMessage = 8;

    /// <summary>How errors are read.</summary>
    public static JsonReaderOptions Lenient => new() { MaxDepth = JsonDepth, AllowTrailingCommas = true };

    private int _depth;
    private bool _isInError;
    private bool _namesException;

    private ErrorBody(ErrorForm form) => Form = form;

    /// <summary>What it came in.</summary>
    public ErrorForm Form { get; private set; }

    /// <summary>What the service says.</summary>
    public string? Message { get; private set; }

    /// <summary>What the service behind a gateway said.</summary>
    public string? UpstreamMessage { get; private set; }

    /// <summary>The name of the service behind a gateway.</summary>
    public string? UpstreamName { get; private set; }

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
    public string? RequestId { get; private set; }

    /// <summary>How long to wait, where a member says so.</summary>
    public TimeSpan? RetryAfter { get; private set; }

    /// <summary>True when a limit per day is used up.</summary>
    public bool IsDailyQuota { get; private set; }

    /// <summary>True when a moderation tells its reasons.</summary>
    public bool IsModerated { get; private set; }

    /// <summary>The tokens that the prompt has, where a member says so.</summary>
    public long? RequestedTokens { get; private set; }

    /// <summary>The tokens that the model takes, where a member says so.</summary>
    public long? MaximumTokens { get; private set; }

    /// <summary>True where it tells of a failure: in words, or by the name of an exception.</summary>
    public bool SaysSomething => Message is not null || _namesException;

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
        if (body.TryReadJson(utf8))
            body.Form = ErrorForm.Json;
        return body;
    }

    /// <summary>Adds a word by which the error can be classified.</summary>
    public void AddCode(string? code)
    {
        if (code is { Length: > 0 and <= LongestCode } && Codes.Count < MostCodes && !Codes.Contains(code))
            Codes.Add(code);
    }

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

    private bool TryReadJson(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > LargestBody)
            return false;
        try
        {
            // All of it is looked at first: of what is broken nothing is taken.
            var reader = new Utf8JsonReader(utf8, Lenient);
            reader.Read();
            int start = (int)reader.TokenStartIndex;
            reader.Skip();
            ReadAny(new ErrorValue(utf8[start..(int)reader.BytesConsumed]));
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private void ReadAny(ErrorValue value)
    {
        if (_depth >= ShapeDepth)
            return;
        _depth++;
        switch (value.Kind)
        {
            case JsonValueKind.Object:
                ReadObject(value);
                break;
            case JsonValueKind.Array:
                ReadArray(value);
                break;
            case JsonValueKind.String:
                ReadMessage(value.Text);
                break;
        }
        _depth--;
    }

    private void ReadObject(ErrorValue value)
    {
        // What lies deeper comes first, since it knows more than what is around it.
        for (var member = value.Values; member.MoveNext();)
            ReadInner(member.Key, member);
        ErrorValue text = default;
        int rank = NoMessage;
        string? label = null;
        for (var member = value.Values; member.MoveNext();)
        {
            string key = member.Key;
            int memberRank = MessageRank(key);
            if (key == "error" && member.Value.Kind == JsonValueKind.String)
                label ??= member.Value.Text;
            else if (memberRank < rank && HasText(member.Value) && (key != "details" || member.Value.Kind == JsonValueKind.String))
            {
                text = member.Value;
                rank = memberRank;
            }
        }
        // An object there was read before: read again at each level, a nested one would be read twice as often for each.
        if (rank != MessageRank("detail") || text.Kind != JsonValueKind.Object)
            ReadText(text);
        for (var member = value.Values; member.MoveNext();)
            ReadMember(member.Key, member.Value);
        // The word beside a message is its label; alone it is the message.
        if (Message is null)
            ReadMessage(label);
        else if (label != Message)
            ReadCode(label);
    }

    private void ReadInner(string key, ErrorValues member)
    {
        var value = member.Value;
        bool isObject = value.Kind == JsonValueKind.Object;
        bool isArray = value.Kind == JsonValueKind.Array;
        switch (key)
        {
            case "error" or "errors" when isObject || isArray:
                bool isInError = _isInError;
                _isInError = true;
                ReadAny(value);
                _isInError = isInError;
                break;
            case "choices" or "response" when (isObject || isArray) && HasError(value):
                ReadAny(value);
                break;
            case "innererror" or "providerspecificfields" when isObject:
                ReadCodes(value);
                break;
            case "metadata" when isObject && _isInError:
                ReadMetadata(value);
                break;
            case "details" when isObject:
                ReadCodes(value);
                break;
            case "details" when isArray:
                for (var detail = value.Values; detail.MoveNext();)
                    ReadDetail(detail.Value);
                break;
            case "detail" when isObject:
                ReadAny(value);
                break;
            case not "" when isObject && key.EndsWith("exception", StringComparison.Ordinal):
                _namesException = true;
                ReadCode(member.Name);
                ReadAny(value);
                break;
        }
    }

    private void ReadMember(string key, ErrorValue value)
    {
        switch (key)
        {
            case "code" or "errorcode":
                ReadCode(value);
                break;
            case "type" or "errortype":
                ReadType(value.Text);
                break;
            case "status" or "statuscode" or "rawstatuscode" or "httpstatus":
                ReadStatus(value, key);
                break;
            case "requestid" or "xrequestid" or "traceid":
                RequestId ??= value.Text;
                break;
            case "retryafter" or "retryafterseconds":
                RetryAfter ??= Wait(value, 1);
                break;
            case "retryafterms":
                RetryAfter ??= Wait(value, 1e-3);
                break;
            case "baseresp" when value.Kind == JsonValueKind.Object && !IsSuccess(value):
                ReadAny(value);
                break;
            case "nprompttokens":
                RequestedTokens ??= value.Count;
                break;
            case "nctx":
                MaximumTokens ??= value.Count;
                break;
        }
    }

    // The words under which a message stands, the most telling first.
    private static int MessageRank(string key) => key switch
    {
        "message" => 0,
        "errormessage" or "errormsg" or "errordescription" => 1,
        "msg" or "statusmsg" => 2,
        "detail" => 3,
        "htmlmessage" => 4,
        "details" => 5,
        "description" => 6,
        "title" => 7,
        _ => NoMessage,
    };

    private void ReadText(ErrorValue text)
    {
        switch (text.Kind)
        {
            case JsonValueKind.String:
                ReadMessage(text.Text);
                break;
            case JsonValueKind.Number:
                Message ??= text.Text;
                break;
            case JsonValueKind.Object or JsonValueKind.Array:
                ReadAny(text);
                break;
        }
    }

    private void ReadMessage(string? text)
    {
        if (string.IsNullOrWhiteSpace(text) || Message is not null)
            return;
        if (text.Length > LongestMessage)
            text = text[..LongestMessage];
        // Gateways put the whole error of the service behind them into their own message.
        if (text.AsSpan().TrimStart() is ['{' or '[', ..] && TryReadNested(text) && Message is not null)
            return;
        Message = text;
    }

    private bool TryReadNested(string text)
    {
        if (_depth >= ShapeDepth)
            return false;
        _depth++;
        bool isRead = TryReadJson(WebPage.Trim(Encoding.UTF8.GetBytes(text)));
        _depth--;
        return isRead;
    }

    private void ReadArray(ErrorValue array)
    {
        string? texts = null;
        int count = 0;
        for (var items = array.Values; items.MoveNext() && count < MostItems;)
        {
            var item = items.Value;
            switch (item.Kind)
            {
                case JsonValueKind.String:
                    texts = Join(texts, "; ", item.Text);
                    count++;
                    break;
                case JsonValueKind.Object when Validation(item) is { } problem:
                    texts = Join(texts, "; ", problem);
                    count++;
                    break;
                case JsonValueKind.Object:
                    ReadAny(item);
                    if (Message is not null)
                        return;
                    break;
            }
        }
        ReadMessage(texts);
    }

    // FastAPI and its kin: {"loc":["body","messages",0],"msg":"Field required","type":"missing"}.
    private string? Validation(ErrorValue item)
    {
        string? place = null;
        string? problem = null;
        for (var member = item.Values; member.MoveNext();)
        {
            switch (member.Key)
            {
                case "loc" when member.Value.Kind == JsonValueKind.Array:
                    int steps = 0;
                    place = null;
                    for (var step = member.Value.Values; step.MoveNext();)
                    {
                        if (steps++ < ShapeDepth)
                            place = Join(place, ".", step.Value.Text);
                    }
                    place ??= "";
                    break;
                case "msg" or "message":
                    problem ??= member.Value.Text;
                    break;
            }
        }
        if (place is null || problem is null)
            return null;
        return place.Length > 0 ? place + ": " + problem : problem;
    }

    private static string Join(string? text, string separator, string? added) => text is null ? added ?? "" : text + separator + added;

    // google.rpc: what stands in error.details.
    private void ReadDetail(ErrorValue detail)
    {
        if (detail.Kind != JsonValueKind.Object)
            return;
        for (var member = detail.Values; member.MoveNext();)
        {
            switch (member.Key)
            {
                case "retrydelay":
                    RetryAfter ??= Wait(member.Value, 1);
                    break;
                case "reason" or "errorcode" or "code":
                    AddCode(member.Value.Text);
                    break;
                case "violations" when member.Value.Kind == JsonValueKind.Array:
                    for (var violation = member.Value.Values; violation.MoveNext();)
                        ReadQuota(violation.Value);
                    break;
                case "metadata":
                    ReadQuota(member.Value);
                    break;
            }
        }
    }

    private void ReadQuota(ErrorValue violation)
    {
        if (violation.Kind != JsonValueKind.Object)
            return;
        for (var member = violation.Values; member.MoveNext();)
        {
            if (member.Key is "quotaid" or "quotalimit" && member.Value.Text is { } name)
                IsDailyQuota |= name.Contains("PerDay", StringComparison.OrdinalIgnoreCase);
        }
    }

    // OpenRouter: the error of the service behind it, as text or as JSON in a text.
    private void ReadMetadata(ErrorValue metadata)
    {
        for (var member = metadata.Values; member.MoveNext();)
        {
            switch (member.Key)
            {
                case "raw" when member.Value.Kind is JsonValueKind.String or JsonValueKind.Object or JsonValueKind.Array:
                    ReadUpstream(member.Value);
                    break;
                case "providername":
                    UpstreamName ??= member.Value.Text;
                    break;
                case "reasons":
                    IsModerated |= member.Value.Kind == JsonValueKind.Array && member.Value.Values.MoveNext();
                    break;
                case "errortype" or "errorcode":
                    AddCode(member.Value.Text);
                    break;
                case "retryafter" or "retryafterseconds":
                    RetryAfter ??= Wait(member.Value, 1);
                    break;
            }
        }
    }

    private void ReadUpstream(ErrorValue raw)
    {
        var upstream = new ErrorBody(ErrorForm.Json) { _depth = _depth };
        upstream.ReadAny(raw);
        UpstreamMessage ??= upstream.Message;
        RetryAfter ??= upstream.RetryAfter;
        IsDailyQuota |= upstream.IsDailyQuota;
        RequestedTokens ??= upstream.RequestedTokens;
        MaximumTokens ??= upstream.MaximumTokens;
        foreach (string code in upstream.Codes)
            AddCode(code);
    }

    // Codes that stand beside the message, at any depth: innererror.code, details.error_code.
    private void ReadCodes(ErrorValue value)
    {
        if (_depth >= ShapeDepth)
            return;
        _depth++;
        for (var member = value.Values; member.MoveNext();)
        {
            switch (member.Key)
            {
                case "code" or "errorcode" or "type" or "reason":
                    AddCode(member.Value.Text);
                    break;
                case "innererror" or "error" when member.Value.Kind == JsonValueKind.Object:
                    ReadCodes(member.Value);
                    break;
            }
        }
        _depth--;
    }

    private void ReadCode(ErrorValue value)
    {
        if (value.Kind is JsonValueKind.String or JsonValueKind.Number)
            ReadCode(value.Text);
    }

    private void ReadCode(string? text)
    {
        if (Word(text) is not { } code)
            return;
        // A number that is a status (OpenRouter's number, LiteLLM's text) counts as one where HTTP itself gave none.
        if (IsStatus(code))
            Status ??= int.Parse(code, NumberStyles.None, CultureInfo.InvariantCulture);
        Code = HasOwnCode ? Code : Take(code);
        AddCode(code);
    }

    private void ReadType(string? text)
    {
        // The envelope's own type, and the address of a problem's description, are none.
        if (Word(text) is not { } type || type is "error" || type.StartsWith("response.", StringComparison.Ordinal) || type.Contains("://", StringComparison.Ordinal) || type.StartsWith("about:", StringComparison.Ordinal))
            return;
        Type ??= Take(type);
        AddCode(type);
    }

    private void ReadStatus(ErrorValue value, string key)
    {
        if (Word(value.Text) is not { } text)
            return;
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number))
        {
            if (number is >= 400 and < 600)
                Status ??= number;
            // MiniMax: a number of its own under status_code; 0 is success.
            else if (key == "statuscode" && number != 0)
                ReadCode(text);
            return;
        }
        if (text is "error" or "failed" or "failure" or "fail")
            return;
        StatusText ??= Take(text);
        AddCode(text);
    }

    // MiniMax: {"status_code":0,"status_msg":"success"} stands beside every good answer.
    private static bool IsSuccess(ErrorValue value)
    {
        for (var member = value.Values; member.MoveNext();)
        {
            if (member.Key == "statuscode" && member.Value.Text == "0")
                return true;
        }
        return false;
    }

    private static bool HasError(ErrorValue value)
    {
        if (value.Kind == JsonValueKind.Object)
        {
            for (var member = value.Values; member.MoveNext();)
            {
                if (member.Key == "error" && member.Value.Kind is (JsonValueKind.Object or JsonValueKind.String))
                    return true;
            }
            return false;
        }
        for (var item = value.Values; item.MoveNext();)
        {
            if (item.Value.Kind == JsonValueKind.Object && HasError(item.Value))
                return true;
        }
        return false;
    }

    private static bool IsStatus(string code) => code is [>= '4' and <= '5', _, _] && char.IsAsciiDigit(code[1]) && char.IsAsciiDigit(code[2]);

    private static string? Word(string? text) =>
        text?.Trim() is { Length: > 0 and <= LongestCode } word && !word.Equals("none", StringComparison.OrdinalIgnoreCase) && word != "null" ? word : null;

    private static string? Take(string text) => text.Length <= LongestCode ? text : null;

    private static bool HasText(ErrorValue value) => value.Kind switch
    {
        JsonValueKind.String => !string.IsNullOrWhiteSpace(value.Text),
        JsonValueKind.Number or JsonValueKind.Object or JsonValueKind.Array => true,
        _ => false,
    };

    private static TimeSpan? Wait(ErrorValue value, double unit)
    {
        if (value.Text is not { } text)
            return null;
        if (WaitTime.TryReadNumber(text, out double number))
            return WaitTime.Of(number * unit);
        return WaitTime.TryReadDuration(text, out var wait) ? wait : null;
    }
}
