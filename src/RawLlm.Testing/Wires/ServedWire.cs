using System.Text;
using System.Text.Json;

namespace RawLlm.Testing;

/// <summary>Says answers and refusals in the bytes of one wire.</summary>
internal abstract class ServedWire
{
    /// <summary>What stands for the proof of thoughts. Those without one are not taken back.</summary>
    protected const string Signature = "c2NyaXB0ZWQ=";

    /// <summary>How a message begins that says by itself that a conversation is too long.</summary>
    protected const string TooLong = "prompt is too long: 208310 tokens > 200000 maximum.";

    /// <summary>How a message begins that says by itself that content was filtered.</summary>
    protected const string Filtered = "Output blocked by content filtering policy.";

    /// <summary>What the wire is called where something cannot be said on it.</summary>
    public abstract string Name { get; }

    /// <summary>The media type of its streams.</summary>
    public virtual string StreamType => "text/event-stream";

    /// <summary>What keeps a silent connection open; empty where the wire has nothing for it.</summary>
    public virtual byte[] KeepAlive => ": keep-alive\n\n"u8.ToArray();

    /// <summary>Whether the wire can give several answers side by side.</summary>
    public virtual bool HasChoices => false;

    /// <summary>Whether the wire can name sources.</summary>
    public virtual bool HasCitations => true;

    /// <summary>Checks that the wire can say what the script wants of it.</summary>
    /// <exception cref="InvalidOperationException">It cannot.</exception>
    public void Check(ServedAnswer answer)
    {
        if (!HasChoices && answer.Script.OtherChoices.Count > 0)
            throw new InvalidOperationException($"{Name} gives one answer at a time, and {answer.Script.OtherChoices.Count} are scripted beside it.");
        foreach (var choice in answer.Choices)
        {
            if (choice.Script.Citations.Count == 0)
                continue;
            if (!HasCitations)
                throw new InvalidOperationException($"{Name} has no place for the sources that are scripted.");
            if (choice.Text.Length == 0)
                throw new InvalidOperationException("Sources are cited by a text, and the scripted answer has none.");
            foreach (var citation in choice.Script.Citations)
            {
                if (citation is { Start: { } start, End: { } end } && (start < 0 || end < start || end > choice.Text.Length))
                    throw new InvalidOperationException($"The passage from {start} to {end} that a source is scripted for lies outside of the text.");
            }
        }
    }

    /// <summary>Adds the headers in which the wire tells of limits.</summary>
    /// <exception cref="InvalidOperationException">It has none.</exception>
    public virtual void AddLimits(RateLimits limits, DateTimeOffset now, Dictionary<string, string> headers) =>
        throw new InvalidOperationException($"{Name} has no headers for the limits that are scripted. Give the headers themselves, if the service has some, with ScriptedAnswer.Headers.");

    /// <summary>The whole answer.</summary>
    public abstract byte[] Whole(ServedAnswer answer);

    /// <summary>The answer as a stream.</summary>
    public abstract IEnumerable<WireFrame> Stream(ServedAnswer answer);

    /// <summary>A refusal.</summary>
    public abstract WireError Error(LlmErrorKind kind, string? message);

    /// <summary>An error as a whole body without a status that tells of it.</summary>
    public virtual byte[] ErrorDocument(LlmErrorKind kind, string? message) => Error(kind, message).Body;

    /// <summary>An error inside a stream that began well.</summary>
    public abstract byte[] ErrorFrame(LlmErrorKind kind, string? message);

    /// <summary>The frames of several answers, one of each in turn.</summary>
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

    /// <summary>A source as OpenAI names it: places count characters.</summary>
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

    /// <summary>A server-sent event.</summary>
    public static byte[] Sse(byte[] json, string? type = null) =>
        [.. type is null ? [] : Encoding.UTF8.GetBytes($"event: {type}\n"), .. "data: "u8, .. json, .. "\n\n"u8];

    /// <summary>The word that every wire understands, whether or not its own service would say it.</summary>
    protected static string AnyWord(StopReason reason) => reason switch
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

    /// <summary>The message: one that tells the kind by itself comes first, the script's own behind it.</summary>
    protected static string Words(LlmErrorKind kind, string? message, bool tellsByMessage)
    {
        string? telling = !tellsByMessage ? null : kind switch
        {
            LlmErrorKind.ContextLengthExceeded => TooLong,
            LlmErrorKind.ContentFiltered => Filtered,
            _ => null,
        };
        return telling is null ? message ?? $"The script answers {kind}." : message is null ? telling : $"{telling} {message}";
    }

    protected static int StatusOf(LlmErrorKind kind) => kind switch
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
