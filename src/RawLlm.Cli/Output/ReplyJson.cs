using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using RawLlm.Cli.Targets;

namespace RawLlm.Cli.Output;

/// <summary>Writes answers for programs: one JSON object per line, always in UTF-8, whatever the console's encoding.</summary>
internal static class ReplyJson
{
    /// <summary>What the help says of the members that <c>chat</c> and <c>decode</c> have in common.</summary>
    public const string HelpOfMembers = """
          refusal                      only if the model refused
          toolCalls                    [{id, name, arguments, complete}]
          stopReason, rawStopReason
          stopMessage                  only if the service sent one
          stopSequence                 only if the service names the one that ended the answer
          images                       [{url, mediaType, data}], only if there are any
          audio                        [{transcript, url, mediaType, data}], only if there is any
          citations                    only if there are any
          usage, events, complete, quirks
          choices                      only if there are several
        """;

    public static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes one object and ends the line.</summary>
    public static void WriteLine(Stream output, Action<Utf8JsonWriter> members)
    {
        using var line = new MemoryStream();
        using (var json = new Utf8JsonWriter(line, Options))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }
        line.WriteByte((byte)'\n');
        output.Write(line.GetBuffer().AsSpan(0, (int)line.Length));
        output.Flush();
    }

    /// <summary>Writes which service and which model answered.</summary>
    /// <param name="json">Where to write.</param>
    /// <param name="target">The service; null if none was chosen yet.</param>
    /// <param name="reply">The answer; null if there is none.</param>
    /// <param name="model">The model that was asked, for an answer that does not name its model.</param>
    public static void WriteSource(Utf8JsonWriter json, Target? target, ChatReply? reply, string? model)
    {
        json.WriteString("provider", target?.Provider.Name);
        json.WriteString("id", reply?.Id);
        json.WriteString("model", reply?.Model ?? model);
    }

    /// <summary>Writes the contents of an answer, complete or as far as it arrived.</summary>
    /// <param name="json">Where to write.</param>
    /// <param name="reply">The answer.</param>
    /// <param name="events">The number of wire events; null if unknown.</param>
    /// <param name="error">Why the answer is incomplete; null if it is complete or the call was canceled.</param>
    /// <param name="isCancelled">Whether the call was canceled.</param>
    public static void WriteReply(Utf8JsonWriter json, ChatReply reply, long? events, LlmException? error, bool isCancelled = false)
    {
        WriteChoice(json, reply.Choices[0]);
        WriteFacts(json, reply, events, error, isCancelled);
        if (reply.Choices.Count > 1)
        {
            json.WriteStartArray("choices");
            foreach (var choice in reply.Choices)
            {
                json.WriteStartObject();
                json.WriteNumber("index", choice.Index);
                WriteChoice(json, choice);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        WriteError(json, error, isCancelled);
    }

    /// <summary>Writes how an answer ended, without its contents. The parameters are those of <see cref="WriteReply"/>.</summary>
    public static void WriteEnd(Utf8JsonWriter json, ChatReply reply, long? events, LlmException? error, bool isCancelled)
    {
        WriteStop(json, reply.Choices[0]);
        WriteFacts(json, reply, events, error, isCancelled);
        WriteError(json, error, isCancelled);
    }

    /// <summary>Writes what is known about an answer, complete or not, from the head of the response and from the price list.</summary>
    public static void WriteCircumstances(Utf8JsonWriter json, ChatReply? reply, LlmException? error)
    {
        WriteCost(json, reply?.Cost);
        json.WritePropertyName("rateLimits");
        WriteRateLimits(json, reply?.RateLimits ?? error?.RateLimits);
        json.WriteString("requestId", reply?.RequestId ?? error?.RequestId);
    }

    public static void WriteUsage(Utf8JsonWriter json, Usage? usage)
    {
        if (usage is null)
        {
            json.WriteNullValue();
            return;
        }
        json.WriteStartObject();
        WriteNumber(json, "inputTokens", usage.InputTokens);
        WriteNumber(json, "outputTokens", usage.OutputTokens);
        WriteNumber(json, "cachedInputTokens", usage.CachedInputTokens);
        WriteNumber(json, "reasoningTokens", usage.ReasoningTokens);
        WriteNumber(json, "totalTokens", usage.TotalTokens);
        // Few services report these.
        WriteIfKnown(json, "webSearchRequests", usage.WebSearchRequests);
        WriteIfKnown(json, "cacheWriteTokens", usage.CacheWriteTokens);
        WriteIfKnown(json, "cacheWriteOneHourTokens", usage.CacheWriteOneHourTokens);
        WriteIfKnown(json, "audioInputTokens", usage.AudioInputTokens);
        WriteIfKnown(json, "audioOutputTokens", usage.AudioOutputTokens);
        WriteIfKnown(json, "acceptedPredictionTokens", usage.AcceptedPredictionTokens);
        WriteIfKnown(json, "rejectedPredictionTokens", usage.RejectedPredictionTokens);
        if (usage.Compaction is { } compaction)
        {
            json.WritePropertyName("compaction");
            WriteUsage(json, compaction);
        }
        if (usage.ReportedCost is { } cost)
            json.WriteNumber("reportedCost", cost);
        json.WriteEndObject();
    }

    /// <summary>Writes a citation; unknown members are left out.</summary>
    public static void WriteCitation(Utf8JsonWriter json, Citation citation)
    {
        json.WriteStartObject();
        WriteIfKnown(json, "url", citation.Url);
        WriteIfKnown(json, "title", citation.Title);
        WriteIfKnown(json, "citedText", citation.CitedText);
        WriteIfKnown(json, "fileId", citation.FileId);
        WriteIfKnown(json, "documentIndex", citation.DocumentIndex);
        WriteIfKnown(json, "part", citation.PartIndex);
        WriteIfKnown(json, "start", citation.Start);
        WriteIfKnown(json, "end", citation.End);
        json.WriteEndObject();
    }

    /// <summary>Writes the cost of an answer and its source, or null if the cost is unknown.</summary>
    public static void WriteCost(Utf8JsonWriter json, Cost? cost)
    {
        if (cost is null)
        {
            json.WriteNull("cost");
            return;
        }
        json.WriteStartObject("cost");
        json.WriteNumber("usd", cost.Amount);
        json.WriteString("source", cost.Source == CostSource.Reported ? "reported" : "table");
        if (cost.PricesAsOf is { } day)
            json.WriteString("pricesAsOf", day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        json.WriteEndObject();
    }

    public static void WriteError(Utf8JsonWriter json, LlmException? error)
    {
        if (error is null)
        {
            json.WriteNullValue();
            return;
        }
        json.WriteStartObject();
        json.WriteString("kind", error.Kind.ToString());
        json.WriteString("message", error.Message);
        json.WriteString("code", error.ProviderCode);
        if (error.CauseKind is { } cause)
            json.WriteString("causeKind", cause.ToString());
        WriteNumber(json, "status", error.Status);
        if (error.RetryAfter is { } wait)
            json.WriteNumber("retryAfterSeconds", wait.TotalSeconds);
        else
            json.WriteNull("retryAfterSeconds");
        json.WriteBoolean("isRetryable", error.IsRetryable);
        json.WriteStartArray("attempts");
        foreach (var attempt in error.Attempts)
        {
            json.WriteStartObject();
            json.WriteString("endpoint", attempt.Endpoint);
            json.WriteString("kind", attempt.Kind.ToString());
            WriteNumber(json, "status", attempt.Status);
            json.WriteString("code", attempt.ProviderCode);
            json.WriteString("requestId", attempt.RequestId);
            json.WriteString("message", attempt.Message);
            json.WriteNumber("elapsedMs", attempt.Elapsed.TotalMilliseconds);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Writes the error of a canceled call, for which the library has no error of its own.</summary>
    public static void WriteCancelled(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("kind", "Cancelled");
        json.WriteString("message", "The call was canceled.");
        json.WriteNull("code");
        json.WriteNull("status");
        json.WriteNull("retryAfterSeconds");
        json.WriteBoolean("isRetryable", false);
        json.WriteStartArray("attempts");
        json.WriteEndArray();
        json.WriteEndObject();
    }

    public static void WriteRateLimits(Utf8JsonWriter json, RateLimits? limits)
    {
        if (limits is null)
        {
            json.WriteNullValue();
            return;
        }
        json.WriteStartObject();
        WriteRateLimit(json, "requests", limits.Requests);
        WriteRateLimit(json, "tokens", limits.Tokens);
        WriteRateLimit(json, "inputTokens", limits.InputTokens);
        WriteRateLimit(json, "outputTokens", limits.OutputTokens);
        json.WriteEndObject();
    }

    public static void WriteNumber(Utf8JsonWriter json, string name, long? number)
    {
        if (number is { } value)
            json.WriteNumber(name, value);
        else
            json.WriteNull(name);
    }

    private static void WriteIfKnown(Utf8JsonWriter json, string name, string? text)
    {
        if (text is not null)
            json.WriteString(name, text);
    }

    private static void WriteIfKnown(Utf8JsonWriter json, string name, long? number)
    {
        if (number is not null)
            WriteNumber(json, name, number);
    }

    private static void WriteChoice(Utf8JsonWriter json, ChatChoice choice)
    {
        json.WriteString("text", choice.Text);
        json.WriteString("reasoning", choice.Reasoning);
        if (choice.Refusal is { Length: > 0 } refusal)
            json.WriteString("refusal", refusal);
        json.WriteStartArray("toolCalls");
        foreach (var call in choice.ToolCalls)
        {
            json.WriteStartObject();
            json.WriteString("id", call.Id);
            json.WriteString("name", call.Name);
            json.WriteString("arguments", call.Arguments);
            json.WriteBoolean("complete", call.IsComplete);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        WriteStop(json, choice);
        WriteMedia(json, choice);
        // Few services send any.
        if (choice.Citations.Count == 0)
            return;
        json.WriteStartArray("citations");
        foreach (var citation in choice.Citations)
            WriteCitation(json, citation);
        json.WriteEndArray();
    }

    private static void WriteStop(Utf8JsonWriter json, ChatChoice choice)
    {
        json.WriteString("stopReason", choice.StopReason.ToString());
        json.WriteString("rawStopReason", choice.RawStopReason);
        WriteIfKnown(json, "stopMessage", choice.StopMessage);
        WriteIfKnown(json, "stopSequence", choice.StopSequence);
    }

    private static void WriteFacts(Utf8JsonWriter json, ChatReply reply, long? events, LlmException? error, bool isCancelled)
    {
        json.WritePropertyName("usage");
        WriteUsage(json, reply.Usage ?? error?.Usage);
        WriteNumber(json, "events", events);
        json.WriteBoolean("complete", reply.IsComplete && error is null && !isCancelled);
        json.WriteStartArray("quirks");
        foreach (var quirk in reply.Quirks)
            json.WriteStringValue(quirk.ToString());
        json.WriteEndArray();
    }

    /// <summary>Writes the member <c>error</c>.</summary>
    public static void WriteError(Utf8JsonWriter json, LlmException? error, bool isCancelled)
    {
        json.WritePropertyName("error");
        if (isCancelled)
            WriteCancelled(json);
        else
            WriteError(json, error);
    }

    // Few models generate any.
    private static void WriteMedia(Utf8JsonWriter json, ChatChoice choice)
    {
        var (images, audio) = (choice.Images, choice.Audio);
        if (images.Count > 0)
        {
            json.WriteStartArray("images");
            foreach (var image in images)
                WriteMedia(json, image.Url, image.MediaType, image.Data.Span);
            json.WriteEndArray();
        }
        if (audio.Count == 0)
            return;
        json.WriteStartArray("audio");
        foreach (var sound in audio)
            WriteMedia(json, sound.Url, sound.MediaType, sound.Data.Span, sound.Transcript);
        json.WriteEndArray();
    }

    private static void WriteMedia(Utf8JsonWriter json, Uri? url, string? mediaType, ReadOnlySpan<byte> data, string? transcript = null)
    {
        json.WriteStartObject();
        WriteIfKnown(json, "transcript", transcript);
        WriteIfKnown(json, "url", url?.OriginalString);
        WriteIfKnown(json, "mediaType", mediaType);
        if (url is null)
            json.WriteBase64String("data", data);
        json.WriteEndObject();
    }

    private static void WriteRateLimit(Utf8JsonWriter json, string name, RateLimit? limit)
    {
        if (limit is null)
        {
            json.WriteNull(name);
            return;
        }
        json.WriteStartObject(name);
        WriteNumber(json, "limit", limit.Limit);
        WriteNumber(json, "remaining", limit.Remaining);
        if (limit.ResetAfter is { } after)
            json.WriteNumber("resetAfterSeconds", after.TotalSeconds);
        if (limit.ResetAt is { } at)
            json.WriteString("resetAt", at);
        json.WriteEndObject();
    }
}
