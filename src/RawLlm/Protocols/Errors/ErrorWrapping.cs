using System.Globalization;
using System.Text;

namespace RawLlm.Protocols;

/// <summary>
/// Removes the prefixes that gateways and servers put before the original error message: "litellm.BadRequestError: OpenAIException - ",
/// "Input validation error: ".
/// </summary>
internal static class ErrorWrapping
{
    /// <summary>The maximum number of prefixes that are removed.</summary>
    public const int MaxLayers = 8;

    private const int LongestName = 64;
    private const string StatusWords = "Error code: ";
    private const string GoStatusWords = "error, status code: ";
    private const string SessionWords = "request failed with Sid: ";
    private const string SessionCodeWords = " code: ";
    private const string SessionMessageWords = ", msg: ";
    private const string RpcWords = " desc = ";

    /// <summary>Returns a message without any prefix.</summary>
    /// <param name="body">Provides the service name that the gateway sends along with the message.</param>
    /// <param name="text">The message.</param>
    public static ReadOnlySpan<char> RemovePrefixes(ErrorBody body, string? text)
    {
        var message = text.AsSpan().TrimStart();
        for (int i = 0; i < MaxLayers; i++)
        {
            int length = Length(message, body.ServiceName);
            if (length == 0)
                break;
            message = message[length..].TrimStart();
        }
        return message;
    }

    /// <summary>Returns the status in one of the prefixes; null if there is none.</summary>
    /// <param name="body">Provides the service name that the gateway sends along with the message.</param>
    /// <param name="text">The message.</param>
    public static int? Status(ErrorBody body, string? text)
    {
        var message = text.AsSpan().TrimStart();
        for (int i = 0; i < MaxLayers; i++)
        {
            if (StatusLength(message) > 0)
                return Number(message[StatusWords.Length..]);
            if (GoStatusLength(message) > 0)
                return Number(message[GoStatusWords.Length..]);
            int length = Length(message, body.ServiceName);
            if (length == 0)
                break;
            message = message[length..].TrimStart();
        }
        return null;
    }

    /// <summary>Returns the length of the outermost prefix; 0 if there is none.</summary>
    /// <param name="message">The rest of the message.</param>
    /// <param name="service">The gateway's name for the service behind it, if it sends one.</param>
    public static int Length(ReadOnlySpan<char> message, string? service)
    {
        int known = PhraseList.BeginningLength(
            message,
            """
            The model returned the following errors:
            Input validation error:
            Validation error:
            Bad request:
            Invalid request:
            The request is invalid:
            Error:
            Upstream error:
            Upstream request failed:
            <400> InternalError.Algo.InvalidParameter:
            InternalError.Algo.InvalidParameter:
            Engine protocol predict stream returned an error:
            model inference failed:
            Invalid request. Please check the parameters and try again. Details:
            """u8
        );
        if (known > 0 && known < message.Length && message[known] == ' ')
            return known + 1;
        int status = Math.Max(StatusLength(message), GoStatusLength(message));
        if (status > 0)
            return status;
        int session = SessionLength(message, out _);
        if (session > 0)
            return session;
        // OpenCode (2026): "Error from provider (Console Go): ".
        int colon = message.StartsWith("Error from provider", StringComparison.OrdinalIgnoreCase)
            ? message.IndexOf(": ", StringComparison.Ordinal)
            : -1;
        if (colon is > 0 and < LongestName)
            return colon + 2;
        // LocalAI (2026), in gRPC's format: "rpc error: code = Internal desc = ".
        int rpc = message.StartsWith("rpc error: code = ", StringComparison.Ordinal)
            ? message.IndexOf(RpcWords, StringComparison.Ordinal)
            : -1;
        if (rpc is > 0 and < LongestName)
            return rpc + RpcWords.Length;
        // watsonx (2025): "Invalid input argument for Model 'x': ".
        int model = message.StartsWith("Invalid input argument for Model '", StringComparison.OrdinalIgnoreCase)
            ? message.IndexOf("': ", StringComparison.Ordinal)
            : -1;
        if (model is > 0 and < 2 * LongestName)
            return model + 3;
        // Portkey (2026) puts the service's name before the message, and sends it separately as well.
        if (
            service is { Length: > 0 and < LongestName }
            && message.StartsWith(service, StringComparison.OrdinalIgnoreCase)
            && message[service.Length..].StartsWith(" error: ", StringComparison.Ordinal)
        )
        {
            return service.Length + " error: ".Length;
        }

        int word = ClassLength(message);
        if (word > 0)
        {
            var rest = message[word..];
            if (rest.StartsWith(": ", StringComparison.Ordinal))
                return word + 2;
            if (rest.StartsWith(" - ", StringComparison.Ordinal))
                return word + 3;
            // iFlytek (2026) omits the space: "EngineInternalError:1105|{…}", "RecvFromEngineError:Engine Busy".
            if (rest is [':', _, ..])
                return word + 1 + NumberLength(rest[1..]);
            // LiteLLM (2026): "AzureException BadRequestError - ".
            if (rest is [' ', ..] && ClassLength(rest[1..]) > 0)
                return word + 1;
        }
        return BracketLength(message);
    }

    /// <summary>
    /// Returns the error of another service that the message consists of, as text, or as Python prints bytes or a dictionary; null for any
    /// other message.
    /// </summary>
    // Text after the closing brace belongs to the gateway.
    public static ErrorBody? Inner(ReadOnlySpan<char> message)
    {
        bool isPython = message.StartsWith("b'{", StringComparison.Ordinal);
        if (isPython)
            message = message[2..];
        if (message is not ['{', ..])
            return null;
        var body = ErrorBody.Read(Encoding.UTF8.GetBytes(message.ToString()));
        if (body.Form != ErrorForm.Json)
            body = ErrorBody.Read(isPython ? PythonBytes.Read(message) : PythonDictionary.Read(message));
        return body.Form == ErrorForm.Json ? body : null;
    }

    /// <summary>Returns the number that iFlytek (2026) puts before the error of a service behind it; null for any other message.</summary>
    public static string? SessionCode(ReadOnlySpan<char> message) => SessionLength(message, out var code) > 0 ? code.ToString() : null;

    // "Xunfei request failed with Sid: cht000d@dx19 code: 10110, msg: ", and "Xunfei claude request …" on Messages.
    private static int SessionLength(ReadOnlySpan<char> message, out ReadOnlySpan<char> code)
    {
        code = default;
        if (!message.StartsWith("Xunfei ", StringComparison.Ordinal))
            return 0;
        int session = message[..Math.Min(message.Length, LongestName)].IndexOf(SessionWords, StringComparison.Ordinal);
        var rest = session < 0 ? default : message[session..];
        int number = rest[..Math.Min(rest.Length, 2 * LongestName)].IndexOf(SessionCodeWords, StringComparison.Ordinal);
        if (number < 0)
            return 0;
        rest = rest[(number + SessionCodeWords.Length)..];
        int end = rest[..Math.Min(rest.Length, LongestName)].IndexOf(SessionMessageWords, StringComparison.Ordinal);
        if (end <= 0 || rest[..end].IndexOfAnyExceptInRange('0', '9') >= 0)
            return 0;
        code = rest[..end];
        return session + number + SessionCodeWords.Length + end + SessionMessageWords.Length;
    }

    // 1105| before the original error.
    private static int NumberLength(ReadOnlySpan<char> message)
    {
        int end = message.IndexOfAnyExceptInRange('0', '9');
        return end > 0 && message[end] == '|' ? end + 1 : 0;
    }

    // A Go library used by many gateways: "error, status code: 400, status: 400 Bad Request, message: ".
    private static int GoStatusLength(ReadOnlySpan<char> message)
    {
        if (!message.StartsWith(GoStatusWords, StringComparison.Ordinal) || !IsStatus(message[GoStatusWords.Length..]))
            return 0;
        const string Words = ", message: ";
        int end = message[..Math.Min(message.Length, 2 * LongestName)].IndexOf(Words, StringComparison.Ordinal);
        return end < 0 ? 0 : end + Words.Length;
    }

    private static bool IsStatus(ReadOnlySpan<char> text) =>
        text is [>= '4' and <= '5', _, _, ..] && char.IsAsciiDigit(text[1]) && char.IsAsciiDigit(text[2]);

    private static int Number(ReadOnlySpan<char> text) => int.Parse(text[..3], NumberStyles.None, CultureInfo.InvariantCulture);

    // OpenAI's Python library: "Error code: 400 - {'error': …}", or only the number if there was no body.
    private static int StatusLength(ReadOnlySpan<char> message)
    {
        if (!message.StartsWith(StatusWords, StringComparison.Ordinal))
            return 0;
        var rest = message[StatusWords.Length..];
        if (!IsStatus(rest))
            return 0;
        if (rest.Length == 3)
            return message.Length;
        return rest[3..].StartsWith(" - ", StringComparison.Ordinal) ? StatusWords.Length + 6 : 0;
    }

    // The name of a class that ends in Error or Exception: litellm.BadRequestError, Vertex_aiException, AI21Exception.
    private static int ClassLength(ReadOnlySpan<char> message)
    {
        int length = 0;
        while (
            length < message.Length && length < LongestName && (char.IsAsciiLetterOrDigit(message[length]) || message[length] is '.' or '_')
        )
        {
            length++;
        }

        var word = message[..length];
        return word.EndsWith("Error", StringComparison.Ordinal) || word.EndsWith("Exception", StringComparison.Ordinal) ? length : 0;
    }

    // GLM (2026) puts its code and its ID in brackets: [1113][Insufficient balance ...][20260922...]; OpenCode (2026) puts a code of the
    // service behind it there: [invalid_request_error] This model's ...
    private static int BracketLength(ReadOnlySpan<char> message)
    {
        int close = message is ['[', _, ..] ? message.IndexOf(']') : -1;
        if (close is <= 1 or >= LongestName)
            return 0;
        var rest = message[(close + 1)..];
        if (close <= 8 && message[1..close].IndexOfAnyExceptInRange('0', '9') < 0)
            return close + (rest is ['[', ..] ? 2 : 1);
        foreach (char c in message[1..close])
        {
            if (!char.IsAsciiLetterOrDigit(c) && c != '_')
                return 0;
        }
        return rest is [' ', ..] ? close + 2 : 0;
    }
}
