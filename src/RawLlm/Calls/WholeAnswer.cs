using RawLlm.Protocols;
using RawLlm.Transport;

namespace RawLlm;

/// <summary>Reads answers that come in one body, and says what is odd about them.</summary>
internal static class WholeAnswer
{
    /// <summary>What is said of an answer whose request went out more often than it was sent.</summary>
    public static Quirk SentAgain { get; } = new(QuirkKind.SentAgain, "HttpClient");

    /// <summary>What is said of an answer whose media type is missing or not the wire's own.</summary>
    public static Quirk UnexpectedType { get; } = new(QuirkKind.UnexpectedContentType, "Content-Type");

    /// <summary>Reads the answer to whatever is no conversation: it is whole, or the request is sent again.</summary>
    /// <param name="call">The call.</param>
    /// <param name="limit">The most bytes that the body may have.</param>
    /// <param name="read">Takes what is not empty, and no web page.</param>
    public static async Task ReadAsync(LlmCall call, int limit, Action<HttpAnswer, PooledBody> read)
    {
        while (true)
        {
            using var answer = await call.OpenAsync(CancellationToken.None).ConfigureAwait(false);
            PooledBody? body = null;
            try
            {
                body = await BodyReader.ReadAsync(answer, limit).ConfigureAwait(false);
                if (ContentTypeCheck.Check(answer.Status, answer.MediaType, body.Span) is { } page)
                    throw page;
                if (IsEmpty(body.Span))
                    throw Empty();
                read(answer, body);
                call.Succeeded();
                return;
            }
            catch (LlmException e)
            {
                await call.EndBrokenAsync(answer, e, body is null ? default : body.Span).ConfigureAwait(false);
            }
            finally
            {
                body?.Dispose();
            }
        }
    }

    /// <summary>Whether a body holds nothing but white space.</summary>
    public static bool IsEmpty(ReadOnlySpan<byte> body) => !body.ContainsAnyExcept(" \t\r\n"u8);

    /// <summary>A copy of a body that was read, for <see cref="ChatReply.Json"/>; none of one that is not a single JSON value, which some wires let pass.</summary>
    public static RawJson Json(ReadOnlySpan<byte> body)
    {
        body = AnswerErrors.Text(body);
        return JsonValidity.IsWhole(body, JsonValidity.MostLevels) ? RawJson.FromChecked(body.ToArray()) : default;
    }

    /// <summary>The error for a body without a byte.</summary>
    public static LlmException Empty() =>
        new(LlmErrorKind.MalformedResponse, "The body is empty.") { Phase = LlmPhase.AwaitFirstEvent, IsRetryable = true };

    /// <summary>The error for JSON that is not what was asked for.</summary>
    // A service may say what is wrong with a status of success.
    public static LlmException NotExpected(ReadOnlySpan<byte> body, LlmLimits limits, string otherwise) => body.TrimStart(" \t\r\n"u8) is [(byte)'{' or (byte)'[', ..] && ErrorReader.IsError(body)
        ? ErrorReader.ReadInBody(body, inStream: false, limits: limits)
        : new LlmException(LlmErrorKind.MalformedResponse, otherwise) { Phase = LlmPhase.Streaming };
}
