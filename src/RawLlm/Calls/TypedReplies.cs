using System.Text;

namespace RawLlm;

/// <summary>Reads whole answers as values of types that are marked with <see cref="JsonSchemaAttribute"/>.</summary>
public static class TypedReplies
{
    private const string Fence = "```";

    // The places where the writers of the wires record that they left out a schema.
    private static readonly string[] PlacesOfFormat = ["response_format", "output_config.format", "outputConfig.textFormat"];

    /// <summary>
    /// Reads the value in an answer: the final text of its first choice (<see cref="ChatReply.FinalText"/>). The request must have had
    /// <see cref="ReplyFormat.Of{T}"/> as its <see cref="ChatRequest.Format"/>.
    /// </summary>
    /// <param name="reply">The whole answer, which may come from a stream (<see cref="ChatStream.ReplyAsync"/>).</param>
    /// <param name="strict">Whether to reject deviations from the schema that are otherwise tolerated and recorded as quirks.</param>
    /// <exception cref="LlmException">
    /// The answer was cut off, withheld or declined, or it calls tools (<see cref="LlmErrorKind.ReplyUnfinished"/>); or it is not JSON that
    /// fits the type (<see cref="LlmErrorKind.ReplyMismatch"/>). <see cref="LlmException.Reply"/> contains the answer; the message names
    /// members of the type, but nothing that the model said.
    /// </exception>
    public static TypedReply<T> Read<T>(this ChatReply reply, bool strict = false)
        where T : IJsonSchema<T> => ReadAs<T>(reply, strict, asked: null);

    private static TypedReply<T> ReadAs<T>(ChatReply reply, bool strict, string? asked)
        where T : IJsonSchema<T>
    {
        ArgumentNullException.ThrowIfNull(reply);
        ThrowIfUnfinished(reply, asked);
        var quirks = new List<Quirk>();
        var text = Unfenced(reply.FinalText, quirks);
        T value;
        try
        {
            byte[] utf8 = new byte[Encoding.UTF8.GetByteCount(text)];
            Encoding.UTF8.GetBytes(text, utf8);
            value = T.Read(utf8, quirks);
        }
        catch (ToolArgumentException e)
        {
            throw Mismatch(reply, asked, e.Message, inner: null);
        }
        // Exceptions from a constructor or converter come from the type's author.
        catch (Exception e) when (e is not LlmException)
        {
            throw Mismatch(reply, asked, $"The type {typeof(T).Name} does not accept its value ({e.GetType().Name}).", e);
        }
        if (strict && quirks.Count > 0)
            throw Mismatch(reply, asked, $"Strict reading does not tolerate this deviation: {quirks[0]}.", inner: null);
        return new(value, quirks.Count == 0 ? reply : reply with { Quirks = [.. reply.Quirks, .. quirks] });
    }

    /// <summary>Reads the value in an answer to a known request, whose secrets no error repeats.</summary>
    /// <param name="reply">The whole answer.</param>
    /// <param name="strict">As for <see cref="Read"/>.</param>
    /// <param name="givers">The clients that may have given the answer, each with its request.</param>
    internal static TypedReply<T> ReadAs<T>(ChatReply reply, bool strict, params (LlmClient Client, ChatRequest Asked)[] givers)
        where T : IJsonSchema<T>
    {
        try
        {
            return ReadAs<T>(reply, strict, givers is [var (client, asked)] ? asked.Model ?? client.Model : null);
        }
        catch (LlmException e)
        {
            foreach (var (giver, request) in givers)
            {
                e = e.With(
                    redaction: giver.Errors.Redaction([.. KeyHeaders.Secrets(request.Headers) ?? [], .. request.Credential?.Secrets ?? []])
                );
            }

            throw e;
        }
    }

    /// <summary>Returns the request with the type's schema, unless it has a format of its own.</summary>
    internal static ChatRequest Ask<T>(ChatRequest request)
        where T : IJsonSchema<T>
    {
        ArgumentNullException.ThrowIfNull(request);
        return request.Format is null ? request with { Format = T.Format } : request;
    }

    private static void ThrowIfUnfinished(ChatReply reply, string? asked)
    {
        var (ending, cause) = reply.StopReason switch
        {
            _ when !reply.IsComplete => ("broke off", null),
            StopReason.MaxTokens => ("was cut off at the token limit (MaxTokens)", null),
            StopReason.ContextOverflow => ("was cut off because the model's context was full", LlmErrorKind.ContextLengthExceeded),
            StopReason.ContentFilter => ("was withheld by the service", LlmErrorKind.ContentFiltered),
            StopReason.Refusal => ("was declined by the model", null),
            StopReason.Paused => ("was paused by the service", null),
            StopReason.Error => ("was broken off by an error of the service", null),
            _ when reply.ToolCalls.Count > 0 || reply.StopReason == StopReason.ToolUse => ("calls tools", null),
            _ when reply.Refusal.Length > 0 => ("was declined by the model", null),
            _ => ((string?)null, (LlmErrorKind?)null),
        };
        if (ending is not null)
        {
            throw Failure(
                LlmErrorKind.ReplyUnfinished,
                reply,
                asked,
                $"The answer {ending}, so it contains no value. LlmException.Reply contains what was received.",
                cause
            );
        }
    }

    // Some servers without schema support wrap their answer in a code fence. Text around it is an error: which JSON of it is meant would be
    // a guess.
    private static ReadOnlySpan<char> Unfenced(string text, List<Quirk> quirks)
    {
        var inner = text.AsSpan().Trim();
        int line = inner.IndexOf('\n');
        if (line < 0 || !inner.StartsWith(Fence) || !inner.EndsWith(Fence) || line > inner.Length - Fence.Length)
            return text;
        foreach (char letter in inner[Fence.Length..line].Trim())
        {
            if (!char.IsAsciiLetterOrDigit(letter))
                return text;
        }
        quirks.Add(new(QuirkKind.ReplyInFence, "text"));
        return inner[(line + 1)..^Fence.Length];
    }

    private static LlmException Mismatch(ChatReply reply, string? asked, string what, Exception? inner)
    {
        bool wasLeftOut = false;
        foreach (var quirk in reply.Quirks)
            wasLeftOut |= quirk.Kind is QuirkKind.LeftOut or QuirkKind.Adapted && Array.IndexOf(PlacesOfFormat, quirk.Place) >= 0;
        string hint = wasLeftOut ? " The service accepts no schema on this wire: describe the expected JSON in the prompt." : "";
        return Failure(LlmErrorKind.ReplyMismatch, reply, asked, $"The answer does not fit its schema. {what}{hint}", cause: null, inner);
    }

    private static LlmException Failure(
        LlmErrorKind kind,
        ChatReply reply,
        string? asked,
        string message,
        LlmErrorKind? cause,
        Exception? inner = null
    ) =>
        WithAttempts(
            new(kind, message, inner)
            {
                CauseKind = cause,
                Phase = LlmPhase.Done,
                OutputCommitted = true,
                Provider = reply.Provider,
                Model = asked ?? reply.Model,
                RequestId = reply.RequestId,
                Usage = reply.Usage,
                RateLimits = reply.RateLimits,
                Reply = reply,
            },
            reply,
            asked
        );

    // The duration of the last attempt is not known for a complete answer.
    private static LlmException WithAttempts(LlmException failure, ChatReply reply, string? asked) =>
        reply.Attempts.Count == 0
            ? failure
            : failure.With(
                attempts: [.. reply.Attempts, LlmAttempt.Of($"{reply.Provider}:{asked ?? reply.Model}", failure, TimeSpan.Zero)]
            );
}
