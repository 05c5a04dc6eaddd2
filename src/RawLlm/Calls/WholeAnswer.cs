using RawLlm.Protocols;
using RawLlm.Transport;

namespace RawLlm;

/// <summary>Reads answers that come in one body, and records what is odd about them.</summary>
internal static class WholeAnswer
{
    /// <summary>The quirk of an answer whose request went out more often than the client sent it.</summary>
    public static Quirk SentAgain { get; } = new(QuirkKind.SentAgain, "HttpClient");

    /// <summary>The quirk of an answer whose media type is missing or not the wire's own.</summary>
    public static Quirk UnexpectedType { get; } = new(QuirkKind.UnexpectedContentType, "Content-Type");

    /// <summary>Reads the answer to a call that is not a conversation: it is complete, or the request is sent again.</summary>
    /// <param name="call">The call.</param>
    /// <param name="limit">The maximum number of bytes in the body.</param>
    /// <param name="read">Reads a body that is neither empty nor a web page.</param>
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

    /// <summary>Whether a body contains only white space.</summary>
    public static bool IsEmpty(ReadOnlySpan<byte> body) => !body.ContainsAnyExcept(" \t\r\n"u8);

    /// <summary>
    /// Returns a copy of a body for <see cref="ChatReply.Json"/>; default if the body is not a single JSON value, which some wires
    /// tolerate.
    /// </summary>
    public static RawJson Json(ReadOnlySpan<byte> body)
    {
        body = AnswerErrors.Text(body);
        return JsonValidity.IsWhole(body, JsonValidity.MaxLevels) ? RawJson.FromChecked(body.ToArray()) : default;
    }

    /// <summary>Returns the error for an empty body.</summary>
    public static LlmException Empty() =>
        new(LlmErrorKind.MalformedResponse, "The body is empty.") { Phase = LlmPhase.AwaitFirstEvent, IsRetryable = true };

    /// <summary>Returns the error for JSON that is not what was requested.</summary>
    // A service may report an error with a success status.
    public static LlmException NotExpected(ReadOnlySpan<byte> body, LlmLimits limits, string otherwise) =>
        body.TrimStart(" \t\r\n"u8) is [(byte)'{' or (byte)'[', ..] && ErrorReader.IsError(body)
            ? ErrorReader.ReadInBody(body, inStream: false, limits: limits)
            : new LlmException(LlmErrorKind.MalformedResponse, otherwise) { Phase = LlmPhase.Streaming };
}
