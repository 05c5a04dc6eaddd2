using System.Text.Json;

namespace RawLlm.Testing;

/// <summary>Bedrock's Converse, in Amazon's binary event stream.</summary>
internal sealed class ServedConverse : ServedWire
{
    public override string Name => "Converse";

    public override string StreamType => "application/vnd.amazon.eventstream";

    public override byte[] KeepAlive => [];

    public override byte[] WriteWhole(ServedAnswer answer)
    {
        answer.ForbidRefusal(Name);
        return JsonBytes.Object(json =>
        {
            json.WriteObject(
                "output",
                output =>
                    output.WriteObject(
                        "message",
                        message =>
                        {
                            message.WriteString("role", "assistant");
                            message.WriteStartArray("content");
                            foreach (var part in answer.Parts)
                                message.WriteElement(block => WriteBlock(part, answer.CitationsOf(part), block));
                            message.WriteEndArray();
                        }
                    )
            );
            json.WriteString("stopReason", Stop(answer));
            WriteUsage(answer, json);
        });
    }

    public override IEnumerable<WireFrame> Stream(ServedAnswer answer)
    {
        answer.ForbidRefusal(Name);
        yield return Event("messageStart", null, static json => json.WriteString("role", "assistant"));
        for (int i = 0; i < answer.Parts.Count; i++)
        {
            int? index = answer.LeavesOutIndexes ? null : i;
            var part = answer.Parts[i];
            if (part is ToolCallPart { Call: var call })
            {
                yield return Event(
                    "contentBlockStart",
                    index,
                    json =>
                        json.WriteObject(
                            "start",
                            start =>
                                start.WriteObject(
                                    "toolUse",
                                    use =>
                                    {
                                        use.WriteString("toolUseId", call.Id);
                                        use.WriteString("name", call.Name);
                                    }
                                )
                        )
                );
                foreach (string fragment in AnswerPieces.Fragments(call.Arguments))
                {
                    yield return Delta(index, delta => delta.WriteObject("toolUse", use => use.WriteText("input", fragment))) with
                    {
                        Role = FrameRole.Piece,
                    };
                }
            }
            else
            {
                foreach (string word in AnswerPieces.Words(ScriptedAnswer.TextOf(part)))
                {
                    yield return Delta(index, delta => WriteWord(part, word, delta)) with
                    {
                        Role = FrameRole.Piece,
                    };
                }
            }
            foreach (var citation in answer.CitationsOf(part))
                yield return Delta(index, delta => delta.WriteObject("citation", source => WriteSource(citation, source)));
            if (part is ReasoningPart)
            {
                yield return Delta(
                    index,
                    static delta => delta.WriteObject("reasoningContent", thoughts => thoughts.WriteString("signature", Signature))
                );
            }

            yield return Event("contentBlockStop", index, static _ => { });
        }
        yield return Event("messageStop", null, json => json.WriteString("stopReason", Stop(answer)));
        yield return Event("metadata", null, json => WriteUsage(answer, json)) with
        {
            Role = FrameRole.EndMark,
        };
    }

    public override WireError Error(LlmErrorKind kind, string? message)
    {
        var (status, type) = TypeOf(kind);
        return new(status, Body(kind, message)) { Header = ("x-amzn-errortype", $"{char.ToUpperInvariant(type[0])}{type[1..]}") };
    }

    public override byte[] ErrorDocument(LlmErrorKind kind, string? message) =>
        JsonBytes.Object(json =>
        {
            json.WriteString("__type", TypeOf(kind).Type);
            json.WriteText("message", ErrorText(kind, message, tellsByMessage: true));
        });

    public override byte[] ErrorFrame(LlmErrorKind kind, string? message) =>
        AwsEventFrame.Exception(TypeOf(kind).Type, Body(kind, message));

    private static byte[] Body(LlmErrorKind kind, string? message) =>
        JsonBytes.Object(json => json.WriteText("message", ErrorText(kind, message, tellsByMessage: true)));

    private static (int Status, string Type) TypeOf(LlmErrorKind kind) =>
        kind switch
        {
            LlmErrorKind.Authentication => (403, "unrecognizedClientException"),
            LlmErrorKind.PermissionDenied => (403, "accessDeniedException"),
            LlmErrorKind.NotFound => (404, "resourceNotFoundException"),
            LlmErrorKind.RequestTooLarge => (413, "requestTooLarge"),
            LlmErrorKind.QuotaExhausted => (400, "serviceQuotaExceededException"),
            LlmErrorKind.RateLimited => (429, "throttlingException"),
            LlmErrorKind.Overloaded => (503, "serviceUnavailableException"),
            LlmErrorKind.ServerError => (500, "internalServerException"),
            _ => (400, "validationException"),
        };

    private void WriteBlock(Part part, IReadOnlyList<Citation> citations, Utf8JsonWriter block)
    {
        switch (part)
        {
            case ToolCallPart { Call: var call }:
                block.WriteObject(
                    "toolUse",
                    use =>
                    {
                        use.WriteString("toolUseId", call.Id);
                        use.WriteString("name", call.Name);
                        use.WriteArguments("input", call, Name);
                    }
                );
                break;
            case ReasoningPart thoughts:
                block.WriteObject(
                    "reasoningContent",
                    content =>
                        content.WriteObject(
                            "reasoningText",
                            text =>
                            {
                                text.WriteText("text", thoughts.Text);
                                text.WriteString("signature", Signature);
                            }
                        )
                );
                break;
            case var _ when citations.Count > 0:
                block.WriteObject(
                    "citationsContent",
                    content =>
                    {
                        content.WriteStartArray("content");
                        content.WriteElement(text => text.WriteText("text", ScriptedAnswer.TextOf(part)));
                        content.WriteEndArray();
                        content.WriteStartArray("citations");
                        foreach (var citation in citations)
                            content.WriteElement(source => WriteSource(citation, source));
                        content.WriteEndArray();
                    }
                );
                break;
            default:
                block.WriteText("text", ScriptedAnswer.TextOf(part));
                break;
        }
    }

    private static void WriteSource(Citation citation, Utf8JsonWriter source)
    {
        if (citation.Title is not null)
            source.WriteText("title", citation.Title);
        if (citation.CitedText is { } cited)
        {
            source.WriteStartArray("sourceContent");
            source.WriteElement(text => text.WriteText("text", cited));
            source.WriteEndArray();
        }
        if (citation.Url is { } url)
            source.WriteObject("location", location => location.WriteObject("web", web => web.WriteText("url", url)));
    }

    private static void WriteWord(Part part, string word, Utf8JsonWriter delta)
    {
        if (part is ReasoningPart)
            delta.WriteObject("reasoningContent", thoughts => thoughts.WriteText("text", word));
        else
            delta.WriteText("text", word);
    }

    private static void WriteUsage(ServedAnswer answer, Utf8JsonWriter json)
    {
        if (answer.Usage is { } usage)
        {
            json.WriteObject(
                "usage",
                counts =>
                {
                    counts.WriteCount("inputTokens", usage.InputTokens);
                    counts.WriteCount("outputTokens", usage.OutputTokens);
                    counts.WriteCount("totalTokens", answer.Total((usage.CachedInputTokens ?? 0) + (usage.CacheWriteTokens ?? 0)));
                    counts.WriteCount("cacheReadInputTokens", usage.CachedInputTokens);
                    counts.WriteCount("cacheWriteInputTokens", usage.CacheWriteTokens);
                }
            );
        }
        json.WriteObject("metrics", static metrics => metrics.WriteNumber("latencyMs", 1));
    }

    private static string Stop(ServedAnswer answer) => answer.StopWordOr(AnyWord(answer.Stop));

    private static WireFrame Delta(int? index, Action<Utf8JsonWriter> members) =>
        Event("contentBlockDelta", index, json => json.WriteObject("delta", members));

    private static WireFrame Event(string type, int? index, Action<Utf8JsonWriter> members) =>
        new(
            AwsEventFrame.Event(
                type,
                JsonBytes.Object(json =>
                {
                    json.WriteCount("contentBlockIndex", index);
                    members(json);
                })
            )
        );
}
