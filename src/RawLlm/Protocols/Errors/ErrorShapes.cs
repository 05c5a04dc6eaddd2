using System.Text;
using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>Reads an error's body in any of the shapes that services use. Order and case of its members do not matter.</summary>
/// <remarks>
/// An inner object takes precedence over what surrounds it, and of two members with one name the first that says something counts. Never
/// throws: what is not understood is ignored.
/// </remarks>
/// <param name="body">Receives the content.</param>
internal ref struct ErrorShapes(ErrorBody body)
{
    // Anything larger is not an error that someone wrote.
    private const int LargestBody = 1 << 20;
    private const int MaxLevels = 8;
    private const int MaxItems = 3;
    private const int NoMessage = 8;
    private const string FaultType = "__type";

    private int _depth;
    private bool _isInError;

    /// <summary>Reads a body. Returns false if it is not JSON, or longer than any error.</summary>
    public bool TryRead(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > LargestBody)
            return false;
        try
        {
            // Checks all of it first: nothing is read from invalid JSON.
            var reader = new Utf8JsonReader(utf8, ErrorBody.Lenient);
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
        if (_depth >= MaxLevels)
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
        // Deeper objects come first, because they know more than what surrounds them.
        for (var member = value.Values; member.MoveNext(); )
            ReadInner(member.Key, member);
        ErrorValue text = default;
        ErrorValue plain = default;
        bool hasCode = false;
        int rank = NoMessage;
        string? label = null;
        for (var member = value.Values; member.MoveNext(); )
        {
            string key = member.Key;
            int memberRank = MessageRank(key);
            hasCode |= key == "errorcode" && member.Value.Kind == JsonValueKind.Number && member.Value.Text != "0";
            if (key == "text" && member.Value.Kind == JsonValueKind.String)
                plain = member.Value;
            if (key == "error" && member.Value.Kind == JsonValueKind.String)
            {
                label ??= member.Value.Text;
            }
            else if (memberRank < rank && member.Value.CanBeMessage && (key != "details" || member.Value.Kind == JsonValueKind.String))
            {
                text = member.Value;
                rank = memberRank;
            }
        }
        // FastChat: {"text":"**NETWORK ERROR…**","error_code":50002}. Without an error code, a text there is what a model said.
        if (rank == NoMessage && hasCode)
            text = plain;
        // An object there was read before: reading nested ones again would double the reads at each level.
        if (rank != MessageRank("detail") || text.Kind != JsonValueKind.Object)
            ReadText(text);
        for (var member = value.Values; member.MoveNext(); )
            ReadMember(member.Key, member.Name, member.Value);
        ReadPlacedNumber(value);
        // Next to a message, the word is its label; alone, it is the message.
        if (body.Message is null)
            ReadMessage(label);
        else if (label != body.Message)
            body.SetCode(label);
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
            // Azure (2026) refuses with the filtered answer, and gives the reason next to its message.
            case "contentfilterresults" when isObject && HasError(value):
                ReadAny(value);
                break;
            // Databricks (2026) puts the error of the service behind it there, as text inside its own message.
            case "externalmodelerror" when isObject || isArray:
                ReadAny(value);
                break;
            case "externalmodelerror" when value.Kind == JsonValueKind.String:
                ReadMessage(value.Text);
                break;
            case "innererror" or "providerspecificfields" when isObject:
                ReadCodes(value);
                break;
            case "metadata" when isObject && _isInError:
                ReadMetadata(value);
                break;
            // Next to its own message, Vercel's gateway (2026) puts here what it could not read as a chunk: the error of the service behind
            // it.
            case "value" when isObject && _isInError && IsUpstream(value):
                ReadUpstream(value);
                break;
            case "details" when isObject:
                ReadCodes(value);
                break;
            case "details" when isArray:
                for (var detail = value.Values; detail.MoveNext(); )
                    new RpcDetail(body).Read(detail.Value);
                break;
            case "detail" when isObject:
                ReadAny(value);
                break;
            // AWS (2025) returns 200, in a wire format that was not requested, for a URL without an operation.
            case "output" when isObject && NamesFault(value):
                ReadAny(value);
                break;
            case not "" when isObject && key.EndsWith("exception", StringComparison.Ordinal):
                body.NamesException = true;
                body.SetCode(member.Name);
                ReadAny(value);
                break;
        }
    }

    private void ReadMember(string key, string name, ErrorValue value)
    {
        switch (key)
        {
            case "code" or "errorcode":
                ReadCode(value);
                break;
            case "type" or "errortype":
                if (name == FaultType && body.Message is null)
                    ReadFault(value);
                body.SetType(value.Text);
                break;
            case "provider":
                body.ServiceName ??= value.Text;
                break;
            // Novita (2026) has its code here. Some of its codes are words that mean something else for other services.
            case "reason" when value.Kind == JsonValueKind.String:
                body.AddCode("reason " + value.Text);
                break;
            case "status" or "statuscode" or "rawstatuscode" or "httpstatus":
                body.SetStatus(value.Text, key);
                break;
            case "requestid" or "xrequestid" or "traceid":
                body.RequestId ??= value.Text;
                break;
            case "retryafter" or "retryafterseconds":
                body.RetryAfter ??= value.ToWait(1);
                break;
            case "retryafterms":
                body.RetryAfter ??= value.ToWait(1e-3);
                break;
            // Databricks (2026) has it next to what its guardrails found, as text inside its own message.
            case "finishreason" when value.Text is { } reason && reason.EndsWith("_guardrail_triggered", StringComparison.Ordinal):
                body.AddCode(reason);
                break;
            // MiniMax: {"status_code":0,"status_msg":"success"} accompanies every successful answer.
            case "baseresp" when value.Kind == JsonValueKind.Object && StatusCode(value) is var code && code != "0":
                ReadAny(value);
                if (code is not null)
                    body.AddCode("base_resp " + code);
                break;
            case "nprompttokens":
                body.RequestedTokens ??= value.Count;
                break;
            case "nctx":
                body.MaximumTokens ??= value.Count;
                break;
        }
    }

    // The names of members that contain a message, most specific first.
    private static int MessageRank(string key) =>
        key switch
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
                body.Message ??= text.Text;
                break;
            case JsonValueKind.Object or JsonValueKind.Array:
                ReadAny(text);
                break;
        }
    }

    private void ReadMessage(string? text)
    {
        if (string.IsNullOrWhiteSpace(text) || body.Message is not null)
            return;
        if (text.Length > ErrorBody.LongestMessage)
            text = text[..ErrorBody.LongestMessage];
        // Gateways put the whole error of the service behind them into their own message.
        if (text.AsSpan().TrimStart() is ['{' or '[', ..] && TryReadNested(text) && body.Message is not null)
            return;
        body.Message = text;
    }

    private bool TryReadNested(string text)
    {
        if (_depth >= MaxLevels)
            return false;
        _depth++;
        bool isRead = TryRead(WebPage.Trim(Encoding.UTF8.GetBytes(text)));
        _depth--;
        return isRead;
    }

    private void ReadArray(ErrorValue array)
    {
        string? texts = null;
        int count = 0;
        for (var items = array.Values; items.MoveNext() && count < MaxItems; )
        {
            var item = items.Value;
            switch (item.Kind)
            {
                case JsonValueKind.String:
                    texts = texts is null ? item.Text ?? "" : $"{texts}; {item.Text}";
                    count++;
                    break;
                case JsonValueKind.Object when ValidationProblem.Read(item) is { } problem:
                    texts = texts is null ? problem : $"{texts}; {problem}";
                    count++;
                    break;
                case JsonValueKind.Object:
                    ReadAny(item);
                    if (body.Message is not null)
                        return;
                    break;
            }
        }
        ReadMessage(texts);
    }

    // OpenRouter: the error of the service behind it, as text or as JSON in a string.
    private void ReadMetadata(ErrorValue metadata)
    {
        for (var member = metadata.Values; member.MoveNext(); )
        {
            switch (member.Key)
            {
                case "raw" when member.Value.Kind is JsonValueKind.String or JsonValueKind.Object or JsonValueKind.Array:
                    ReadUpstream(member.Value);
                    break;
                case "providername":
                    body.UpstreamName ??= member.Value.Text;
                    break;
                case "reasons":
                    body.IsModerated |= member.Value.Kind == JsonValueKind.Array && member.Value.Values.MoveNext();
                    break;
                case "errortype" or "errorcode":
                    body.AddCode(member.Value.Text);
                    break;
                case "reason":
                    body.IsInFlight |= member.Value.Text is "in_flight_budget_exhausted";
                    break;
                case "headers":
                    ReadWait(member.Value);
                    break;
                case "retryafter" or "retryafterseconds":
                    body.RetryAfter ??= member.Value.ToWait(1);
                    break;
            }
        }
    }

    private void ReadWait(ErrorValue headers)
    {
        if (headers.Kind != JsonValueKind.Object)
            return;
        for (var header = headers.Values; header.MoveNext(); )
        {
            if (header.Key == "retryafter")
                body.RetryAfter ??= header.Value.ToWait(1);
        }
    }

    private void ReadUpstream(ErrorValue raw)
    {
        var upstream = new ErrorBody(ErrorForm.Json);
        new ErrorShapes(upstream) { _depth = _depth }.ReadAny(raw);
        body.UpstreamMessage ??= upstream.Message;
        body.RetryAfter ??= upstream.RetryAfter;
        body.IsDailyQuota |= upstream.IsDailyQuota;
        body.RequestedTokens ??= upstream.RequestedTokens;
        body.MaximumTokens ??= upstream.MaximumTokens;
        foreach (string code in upstream.Codes)
            body.AddCode(code);
    }

    // Codes next to the message, at any depth: innererror.code, details.error_code.
    private void ReadCodes(ErrorValue value)
    {
        if (_depth >= MaxLevels)
            return;
        _depth++;
        for (var member = value.Values; member.MoveNext(); )
        {
            switch (member.Key)
            {
                case "code" or "errorcode" or "type" or "reason":
                    body.AddCode(member.Value.Text);
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
            body.SetCode(value.Text);
    }

    private static string? StatusCode(ErrorValue value)
    {
        for (var member = value.Values; member.MoveNext(); )
        {
            if (member.Key == "statuscode")
                return member.Value.Text;
        }
        return null;
    }

    // Numbers that have a meaning only if it is certain which service sent them.
    private void ReadPlacedNumber(ErrorValue value)
    {
        string? text = null;
        string? number = null;
        string? errorNumber = null;
        bool hasParam = false;
        bool hasData = false;
        bool hasErrorMessage = false;
        bool hasSession = false;
        for (var member = value.Values; member.MoveNext(); )
        {
            switch (member.Key)
            {
                case "code" when member.Value.Kind == JsonValueKind.String:
                    text = member.Value.Text;
                    break;
                case "code" when member.Value.Kind == JsonValueKind.Number:
                    number = member.Value.Text;
                    break;
                case "errorcode" when member.Value.Kind == JsonValueKind.Number:
                    errorNumber = member.Value.Text;
                    break;
                case "param":
                    hasParam = true;
                    break;
                case "data":
                    hasData = true;
                    break;
                case "errormsg":
                    hasErrorMessage = true;
                    break;
                case "sid":
                    hasSession = true;
                    break;
            }
        }
        // GLM (2026) sends four digits as a string in its error, without OpenAI's other members.
        if (_isInError && text is { Length: 4 } && !hasParam)
            body.AddCode("glm " + text);
        // SiliconFlow (2026): {"code":30001,"message":"…","data":null}.
        if (!_isInError && number is not null && hasData)
            body.AddCode("data " + number);
        // Qianfan (2025): {"error_code":336501,"error_msg":"…"}.
        if (!_isInError && errorNumber is not null && hasErrorMessage)
            body.AddCode("error_msg " + errorNumber);
        // iFlytek (2026): {"code":10013,"message":"…","sid":"cha000b…"}.
        if (!_isInError && number is not null && hasSession)
            body.AddCode("sid " + number);
    }

    // com.amazon.coral.service#UnknownOperationException, without any other content.
    private void ReadFault(ErrorValue value)
    {
        if (value.Text is not { } type || !type.EndsWith("Exception", StringComparison.Ordinal))
            return;
        body.NamesException = true;
        body.SetCode(type[(type.IndexOf('#') + 1)..]);
    }

    private static bool NamesFault(ErrorValue value)
    {
        for (var member = value.Values; member.MoveNext(); )
        {
            if (member.Name == FaultType)
                return true;
        }
        return false;
    }

    private static bool IsUpstream(ErrorValue value)
    {
        if (HasError(value))
            return true;
        for (var member = value.Values; member.MoveNext(); )
        {
            if (member.Key == "errormessage")
                return true;
        }
        return false;
    }

    private static bool HasError(ErrorValue value)
    {
        if (value.Kind == JsonValueKind.Object)
        {
            for (var member = value.Values; member.MoveNext(); )
            {
                if (member.Key == "error" && member.Value.Kind is (JsonValueKind.Object or JsonValueKind.String))
                    return true;
                if (member.Key == "contentfilterresults" && member.Value.Kind == JsonValueKind.Object && HasError(member.Value))
                    return true;
            }
            return false;
        }
        for (var item = value.Values; item.MoveNext(); )
        {
            if (item.Value.Kind == JsonValueKind.Object && HasError(item.Value))
                return true;
        }
        return false;
    }
}
