using System.Text.Json;

namespace RawLlm.Testing;

/// <summary>The Messages wire of Anthropic.</summary>
internal sealed class ServedAnthropic : ServedWire
{
    public override string Name => "Anthropic's wire";

    public override byte[] KeepAlive => Event("ping", static _ => { }).Bytes;

    public override void AddLimits(RateLimits limits, DateTimeOffset now, Dictionary<string, string> headers) =>
        ServedHeaders.AddAsAnthropic(limits, now, headers);

    public override byte[] WriteWhole(ServedAnswer answer)
    {
        answer.ForbidRefusal(Name);
        return JsonBytes.Object(json =>
        {
            WriteHead(answer, json);
            json.WriteStartArray("content");
            foreach (var part in answer.Parts)
                json.WriteElement(block => WriteBlock(part, answer.CitationsOf(part), block));
            json.WriteEndArray();
            json.WriteString("stop_reason", Stop(answer));
            json.WriteNull("stop_sequence");
            if (answer.Usage is { } usage)
                json.WriteObject("usage", counts => WriteUsage(usage, counts));
        });
    }

    public override IEnumerable<WireFrame> Stream(ServedAnswer answer)
    {
        answer.ForbidRefusal(Name);
        yield return Event(
            "message_start",
            json =>
                json.WriteObject(
                    "message",
                    message =>
                    {
                        WriteHead(answer, message);
                        message.WriteStartArray("content");
                        message.WriteEndArray();
                        message.WriteNull("stop_reason");
                        message.WriteNull("stop_sequence");
                        if (answer.Usage is { } usage)
                        {
                            message.WriteObject(
                                "usage",
                                counts =>
                                    WriteUsage(
                                        usage with
                                        {
                                            OutputTokens = usage.OutputTokens is null ? null : 1,
                                            ReasoningTokens = null,
                                        },
                                        counts
                                    )
                            );
                        }
                    }
                )
        );
        for (int i = 0; i < answer.Parts.Count; i++)
        {
            int? index = answer.LeavesOutIndexes ? null : i;
            var part = answer.Parts[i];
            yield return Event("content_block_start", index, json => json.WriteObject("content_block", block => WriteStart(part, block)));
            foreach (var frame in StreamBlock(part, index))
                yield return frame;
            foreach (var citation in answer.CitationsOf(part))
            {
                yield return Event(
                    "content_block_delta",
                    index,
                    json =>
                        json.WriteObject(
                            "delta",
                            delta =>
                            {
                                delta.WriteString("type", "citations_delta");
                                delta.WriteObject("citation", source => WriteSource(citation, source));
                            }
                        )
                );
            }
            yield return Event("content_block_stop", index, static _ => { });
        }
        yield return Event(
            "message_delta",
            json =>
            {
                json.WriteObject(
                    "delta",
                    delta =>
                    {
                        delta.WriteString("stop_reason", Stop(answer));
                        delta.WriteNull("stop_sequence");
                    }
                );
                if (answer.Usage is { } usage)
                    json.WriteObject("usage", counts => WriteUsage(usage, counts));
            }
        );
        yield return Event("message_stop", static _ => { }) with
        {
            Role = FrameRole.EndMark,
        };
    }

    public override WireError Error(LlmErrorKind kind, string? message)
    {
        var (status, type) = kind switch
        {
            LlmErrorKind.Authentication => (401, "authentication_error"),
            LlmErrorKind.PermissionDenied => (403, "permission_error"),
            LlmErrorKind.NotFound => (404, "not_found_error"),
            LlmErrorKind.RequestTooLarge => (413, "request_too_large"),
            LlmErrorKind.QuotaExhausted => (402, "billing_error"),
            LlmErrorKind.RateLimited => (429, "rate_limit_error"),
            LlmErrorKind.Overloaded => (529, "overloaded_error"),
            LlmErrorKind.ServerError => (500, "api_error"),
            _ => (400, "invalid_request_error"),
        };
        return new(
            status,
            JsonBytes.Object(json =>
            {
                json.WriteString("type", "error");
                json.WriteObject(
                    "error",
                    error =>
                    {
                        error.WriteString("type", type);
                        error.WriteText("message", ErrorText(kind, message, tellsByMessage: true));
                    }
                );
            })
        );
    }

    public override byte[] ErrorFrame(LlmErrorKind kind, string? message) => Sse(Error(kind, message).Body, "error");

    /// <summary>Returns the data of a stream's event, for services with their own framing.</summary>
    public static byte[] Data(WireFrame frame)
    {
        var data = frame.Bytes.AsSpan();
        data = data[(data.IndexOf("data: "u8) + "data: "u8.Length)..];
        return data[..data.IndexOf((byte)'\n')].ToArray();
    }

    private static IEnumerable<WireFrame> StreamBlock(Part part, int? index)
    {
        foreach (
            string piece in part is ToolCallPart { Call.Arguments: var arguments }
                ? AnswerPieces.Fragments(arguments)
                : AnswerPieces.Words(ScriptedAnswer.TextOf(part))
        )
        {
            var (type, member) = part switch
            {
                ToolCallPart => ("input_json_delta", "partial_json"),
                ReasoningPart => ("thinking_delta", "thinking"),
                _ => ("text_delta", "text"),
            };
            yield return Delta(index, type, member, piece) with
            {
                Role = FrameRole.Piece,
            };
        }
        if (part is ReasoningPart)
            yield return Delta(index, "signature_delta", "signature", Signature);
    }

    private static void WriteHead(ServedAnswer answer, Utf8JsonWriter json)
    {
        json.WriteString("id", answer.Id);
        json.WriteString("type", "message");
        json.WriteString("role", "assistant");
        json.WriteString("model", answer.Model);
    }

    private void WriteBlock(Part part, IReadOnlyList<Citation> citations, Utf8JsonWriter block)
    {
        switch (part)
        {
            case ToolCallPart { Call: var call }:
                WriteCall(call, block);
                block.WriteArguments("input", call, Name);
                break;
            case ReasoningPart thoughts:
                block.WriteString("type", "thinking");
                block.WriteText("thinking", thoughts.Text);
                block.WriteString("signature", Signature);
                break;
            default:
                block.WriteString("type", "text");
                block.WriteText("text", ScriptedAnswer.TextOf(part));
                if (citations.Count == 0)
                    break;
                block.WriteStartArray("citations");
                foreach (var citation in citations)
                    block.WriteElement(source => WriteSource(citation, source));
                block.WriteEndArray();
                break;
        }
    }

    private static void WriteSource(Citation citation, Utf8JsonWriter source)
    {
        source.WriteString("type", "web_search_result_location");
        source.WriteText("url", citation.Url ?? "");
        if (citation.Title is not null)
            source.WriteText("title", citation.Title);
        source.WriteText("cited_text", citation.CitedText ?? "");
        source.WriteString("encrypted_index", Signature);
    }

    private static void WriteStart(Part part, Utf8JsonWriter block)
    {
        switch (part)
        {
            case ToolCallPart { Call: var call }:
                WriteCall(call, block);
                block.WriteObject("input", static _ => { });
                break;
            case ReasoningPart:
                block.WriteString("type", "thinking");
                block.WriteString("thinking", "");
                block.WriteString("signature", "");
                break;
            default:
                block.WriteString("type", "text");
                block.WriteString("text", "");
                break;
        }
    }

    private static void WriteCall(ToolCall call, Utf8JsonWriter block)
    {
        block.WriteString("type", "tool_use");
        block.WriteString("id", call.Id);
        block.WriteString("name", call.Name);
    }

    private static void WriteUsage(Usage usage, Utf8JsonWriter counts)
    {
        counts.WriteCount("input_tokens", usage.InputTokens);
        counts.WriteCount("output_tokens", usage.OutputTokens);
        counts.WriteCount("cache_read_input_tokens", usage.CachedInputTokens);
        counts.WriteCount("cache_creation_input_tokens", usage.CacheWriteTokens);
        if (usage.CacheWriteOneHourTokens is { } hour)
            counts.WriteObject("cache_creation", detail => detail.WriteNumber("ephemeral_1h_input_tokens", hour));
        if (usage.ReasoningTokens is { } thinking)
            counts.WriteObject("output_tokens_details", detail => detail.WriteNumber("thinking_tokens", thinking));
    }

    private static string Stop(ServedAnswer answer) => answer.StopWordOr(AnyWord(answer.Stop));

    private static WireFrame Delta(int? index, string type, string member, string piece) =>
        Event(
            "content_block_delta",
            index,
            json =>
                json.WriteObject(
                    "delta",
                    delta =>
                    {
                        delta.WriteString("type", type);
                        delta.WriteText(member, piece);
                    }
                )
        );

    private static WireFrame Event(string type, Action<Utf8JsonWriter> members) => Event(type, null, members);

    private static WireFrame Event(string type, int? index, Action<Utf8JsonWriter> members) =>
        new(
            Sse(
                JsonBytes.Object(json =>
                {
                    json.WriteString("type", type);
                    json.WriteCount("index", index);
                    members(json);
                }),
                type
            )
        );
}
