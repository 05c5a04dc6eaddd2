using System.Text;
using System.Text.Json;

namespace RawLlm.Testing;

/// <summary>Writes answers and refusals in the format of one wire.</summary>
internal abstract class ServedWire
{
    /// <summary>The placeholder for the signature of reasoning. Services do not accept reasoning back without one.</summary>
    protected const string Signature = "c2NyaXB0ZWQ=";

    /// <summary>The beginning of a message that identifies a conversation as too long.</summary>
    protected const string TooLong = "prompt is too long: 208310 tokens > 200000 maximum.";

    /// <summary>The beginning of a message that identifies content as filtered.</summary>
    protected const string Filtered = "Output blocked by content filtering policy.";

    /// <summary>The name of the wire in error messages.</summary>
    public abstract string Name { get; }

    /// <summary>The media type of streams.</summary>
    public virtual string StreamType => "text/event-stream";

    /// <summary>The bytes that keep a silent connection open; empty if the wire has none.</summary>
    public virtual byte[] KeepAlive => ": keep-alive\n\n"u8.ToArray();

    /// <summary>Whether the wire supports several choices.</summary>
    public virtual bool HasChoices => false;

    /// <summary>Whether the wire supports citations.</summary>
    public virtual bool HasCitations => true;

    /// <summary>Checks that the wire can carry the scripted answer.</summary>
    /// <exception cref="InvalidOperationException">It cannot.</exception>
    public void Check(ServedAnswer answer)
    {
        if (!HasChoices && answer.Script.OtherChoices.Count > 0)
        {
            throw new InvalidOperationException(
                $"{Name} gives one answer at a time, but the script has {answer.Script.OtherChoices.Count} in OtherChoices."
            );
        }

        foreach (var choice in answer.Choices)
        {
            if (choice.Script.Citations.Count == 0)
                continue;
            if (!HasCitations)
                throw new InvalidOperationException($"{Name} has no place for the scripted citations.");
            if (choice.Text.Length == 0)
                throw new InvalidOperationException("Citations need a text that they belong to, but the scripted answer has no text.");
            foreach (var citation in choice.Script.Citations)
            {
                if (citation is { Start: { } start, End: { } end } && (start < 0 || end < start || end > choice.Text.Length))
                    throw new InvalidOperationException($"The passage from {start} to {end} of a scripted citation lies outside the text.");
            }
        }
    }

    /// <summary>Adds the wire's rate limit headers.</summary>
    /// <exception cref="InvalidOperationException">The wire has none.</exception>
    public virtual void AddLimits(RateLimits limits, DateTimeOffset now, Dictionary<string, string> headers) =>
        throw new InvalidOperationException(
            $"{Name} has no headers for the scripted rate limits. If the service has headers of its own, set them with ScriptedAnswer.Headers."
        );

    /// <summary>Writes the whole answer.</summary>
    public abstract byte[] WriteWhole(ServedAnswer answer);

    /// <summary>Writes the answer as a stream.</summary>
    public abstract IEnumerable<WireFrame> Stream(ServedAnswer answer);

    /// <summary>Writes a refusal.</summary>
    public abstract WireError Error(LlmErrorKind kind, string? message);

    /// <summary>Writes an error as a whole body with a success status.</summary>
    public virtual byte[] ErrorDocument(LlmErrorKind kind, string? message) => Error(kind, message).Body;

    /// <summary>Writes an error inside a stream.</summary>
    public abstract byte[] ErrorFrame(LlmErrorKind kind, string? message);

    /// <summary>Interleaves the frames of several choices, one of each in turn.</summary>
    protected static IEnumerable<WireFrame> InTurns(IEnumerable<IEnumerable<WireFrame>> streams)
    {
        var left = new Queue<IEnumerator<WireFrame>>(streams.Select(static stream => stream.GetEnumerator()));
        while (left.TryDequeue(out var frames))
        {
            if (!frames.MoveNext())
            {
                frames.Dispose();
                continue;
            }
            yield return frames.Current;
            left.Enqueue(frames);
        }
    }

    /// <summary>Writes a citation's members in OpenAI's format; positions count characters (Unicode scalar values).</summary>
    protected static void WriteCitation(Citation citation, string text, Utf8JsonWriter source)
    {
        if (citation.Url is not null)
            source.WriteText("url", citation.Url);
        if (citation.Title is not null)
            source.WriteText("title", citation.Title);
        if (citation is not { Start: { } start, End: { } end })
            return;
        source.WriteNumber("start_index", text[..start].EnumerateRunes().Count());
        source.WriteNumber("end_index", text[..end].EnumerateRunes().Count());
    }

    /// <summary>Returns a server-sent event.</summary>
    public static byte[] Sse(byte[] json, string? type = null) =>
        [.. type is null ? [] : Encoding.UTF8.GetBytes($"event: {type}\n"), .. "data: "u8, .. json, .. "\n\n"u8];

    /// <summary>Returns a stop reason that every decoder understands, whether or not the service itself would send it.</summary>
    protected static string AnyWord(StopReason reason) =>
        reason switch
        {
            StopReason.EndTurn => "end_turn",
            StopReason.MaxTokens => "max_tokens",
            StopReason.StopSequence => "stop_sequence",
            StopReason.ToolUse => "tool_use",
            StopReason.ContentFilter => "content_filter",
            StopReason.Refusal => "refusal",
            StopReason.Paused => "pause_turn",
            StopReason.ContextOverflow => "model_context_window_exceeded",
            StopReason.Error => "error",
            _ => "unknown",
        };

    /// <summary>Returns the message: words that identify the kind, if the wire needs them, followed by the script's own message.</summary>
    protected static string ErrorText(LlmErrorKind kind, string? message, bool tellsByMessage)
    {
        string? telling = !tellsByMessage
            ? null
            : kind switch
            {
                LlmErrorKind.ContextLengthExceeded => TooLong,
                LlmErrorKind.ContentFiltered => Filtered,
                _ => null,
            };
        return telling is null ? message ?? $"The script answers {kind}."
            : message is null ? telling
            : $"{telling} {message}";
    }

    protected static int StatusOf(LlmErrorKind kind) =>
        kind switch
        {
            LlmErrorKind.Authentication => 401,
            LlmErrorKind.QuotaExhausted => 402,
            LlmErrorKind.PermissionDenied => 403,
            LlmErrorKind.NotFound => 404,
            LlmErrorKind.RequestTooLarge => 413,
            LlmErrorKind.RateLimited => 429,
            LlmErrorKind.ServerError => 500,
            LlmErrorKind.Overloaded => 503,
            _ => 400,
        };
}
