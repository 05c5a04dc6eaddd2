using System.Text;
using System.Text.Json;

namespace RawLlm.Testing;

/// <summary>Gemini's generateContent.</summary>
internal sealed class ServedGemini : ServedWire
{
    public override string Name => "Gemini's wire";

    public override bool HasChoices => true;

    public override byte[] WriteWhole(ServedAnswer answer)
    {
        foreach (var choice in answer.Choices)
            choice.ForbidRefusal(Name);
        return Response(
            answer,
            json =>
            {
                foreach (var choice in answer.Choices)
                    WriteCandidate(choice, choice.Parts, isEnd: true, json);
            },
            isEnd: true
        );
    }

    public override IEnumerable<WireFrame> Stream(ServedAnswer answer)
    {
        foreach (var choice in answer.Choices)
            choice.ForbidRefusal(Name);
        foreach (var frame in InTurns(answer.Choices.Select(StreamChoice)))
            yield return frame;
        yield return new(
            Sse(
                Response(
                    answer,
                    json =>
                    {
                        foreach (var choice in answer.Choices)
                            WriteCandidate(choice, [], isEnd: true, json);
                    },
                    isEnd: true
                )
            ),
            FrameRole.EndMark
        );
    }

    public override WireError Error(LlmErrorKind kind, string? message)
    {
        var (status, word) = kind switch
        {
            LlmErrorKind.Authentication => (401, "UNAUTHENTICATED"),
            LlmErrorKind.PermissionDenied => (403, "PERMISSION_DENIED"),
            LlmErrorKind.NotFound => (404, "NOT_FOUND"),
            LlmErrorKind.RequestTooLarge => (413, "INVALID_ARGUMENT"),
            LlmErrorKind.QuotaExhausted or LlmErrorKind.RateLimited => (429, "RESOURCE_EXHAUSTED"),
            LlmErrorKind.Overloaded => (503, "UNAVAILABLE"),
            LlmErrorKind.ServerError => (500, "INTERNAL"),
            _ => (400, "INVALID_ARGUMENT"),
        };
        return new(
            status,
            JsonBytes.Object(json =>
                json.WriteObject(
                    "error",
                    error =>
                    {
                        error.WriteNumber("code", status);
                        error.WriteText("message", ErrorText(kind, message, tellsByMessage: true));
                        error.WriteString("status", word);
                        // Only its name distinguishes the daily quota from the rate per minute.
                        if (kind == LlmErrorKind.QuotaExhausted)
                        {
                            error.WriteStartArray("details");
                            error.WriteElement(detail =>
                            {
                                detail.WriteString("@type", "type.googleapis.com/google.rpc.QuotaFailure");
                                detail.WriteStartArray("violations");
                                detail.WriteElement(violation =>
                                    violation.WriteString("quotaId", "GenerateRequestsPerDayPerProjectPerModel-FreeTier")
                                );
                                detail.WriteEndArray();
                            });
                            error.WriteEndArray();
                        }
                    }
                )
            )
        );
    }

    public override byte[] ErrorFrame(LlmErrorKind kind, string? message) => Sse(Error(kind, message).Body);

    private IEnumerable<WireFrame> StreamChoice(ServedAnswer answer)
    {
        foreach (var part in answer.Parts)
        {
            // Arguments are not streamed.
            if (part is ToolCallPart)
            {
                yield return Piece(part);
                continue;
            }
            foreach (string word in AnswerPieces.Words(ScriptedAnswer.TextOf(part)))
                yield return Piece(part is ReasoningPart ? new ReasoningPart(word) : new TextPart(word));
        }

        WireFrame Piece(Part part) =>
            new(Sse(Response(answer, json => WriteCandidate(answer, [part], isEnd: false, json), isEnd: false)), FrameRole.Piece);
    }

    private static byte[] Response(ServedAnswer answer, Action<Utf8JsonWriter> candidates, bool isEnd) =>
        JsonBytes.Object(json =>
        {
            json.WriteStartArray("candidates");
            candidates(json);
            json.WriteEndArray();
            if (isEnd && answer.Usage is { } usage)
            {
                json.WriteObject(
                    "usageMetadata",
                    counts =>
                    {
                        counts.WriteCount("promptTokenCount", usage.InputTokens);
                        counts.WriteCount("candidatesTokenCount", usage.OutputTokens);
                        counts.WriteCount("totalTokenCount", answer.Total(usage.ReasoningTokens));
                        counts.WriteCount("thoughtsTokenCount", usage.ReasoningTokens);
                        counts.WriteCount("cachedContentTokenCount", usage.CachedInputTokens);
                    }
                );
            }
            json.WriteString("modelVersion", answer.Model);
            json.WriteString("responseId", answer.Id);
        });

    private void WriteCandidate(ServedAnswer answer, IReadOnlyList<Part> parts, bool isEnd, Utf8JsonWriter json) =>
        json.WriteElement(candidate =>
        {
            candidate.WriteObject(
                "content",
                content =>
                {
                    content.WriteStartArray("parts");
                    foreach (var part in parts)
                        content.WriteElement(value => WritePart(part, value));
                    content.WriteEndArray();
                    content.WriteString("role", "model");
                }
            );
            if (isEnd)
                candidate.WriteString("finishReason", Finish(answer));
            candidate.WriteNumber("index", answer.Index);
            if (isEnd && answer.Script.Citations.Count > 0)
                candidate.WriteObject("groundingMetadata", metadata => WriteGrounding(answer, metadata));
        });

    // One list contains the sources, another the cited passages, with offsets in bytes.
    private static void WriteGrounding(ServedAnswer answer, Utf8JsonWriter metadata)
    {
        metadata.WriteStartArray("groundingChunks");
        foreach (var citation in answer.Script.Citations)
        {
            metadata.WriteElement(chunk =>
                chunk.WriteObject(
                    "web",
                    web =>
                    {
                        if (citation.Url is not null)
                            web.WriteText("uri", citation.Url);
                        if (citation.Title is not null)
                            web.WriteText("title", citation.Title);
                    }
                )
            );
        }
        metadata.WriteEndArray();
        metadata.WriteStartArray("groundingSupports");
        for (int i = 0; i < answer.Script.Citations.Count; i++)
        {
            if (answer.Script.Citations[i] is not { Start: { } start, End: { } end })
                continue;
            int number = i;
            metadata.WriteElement(support =>
            {
                support.WriteObject(
                    "segment",
                    segment =>
                    {
                        segment.WriteNumber("startIndex", Encoding.UTF8.GetByteCount(answer.Text.AsSpan(0, start)));
                        segment.WriteNumber("endIndex", Encoding.UTF8.GetByteCount(answer.Text.AsSpan(0, end)));
                        segment.WriteText("text", answer.Text[start..end]);
                    }
                );
                support.WriteStartArray("groundingChunkIndices");
                support.WriteNumberValue(number);
                support.WriteEndArray();
            });
        }
        metadata.WriteEndArray();
    }

    private void WritePart(Part part, Utf8JsonWriter value)
    {
        if (part is ToolCallPart { Call: var call })
        {
            value.WriteObject(
                "functionCall",
                function =>
                {
                    function.WriteString("id", call.Id);
                    function.WriteString("name", call.Name);
                    function.WriteArguments("args", call, Name);
                }
            );
            return;
        }
        value.WriteText("text", ScriptedAnswer.TextOf(part));
        if (part is ReasoningPart)
            value.WriteBoolean("thought", true);
    }

    private static string Finish(ServedAnswer answer) =>
        answer.StopWordOr(
            answer.Stop switch
            {
                StopReason.EndTurn => "STOP",
                StopReason.ToolUse when answer.HasCalls => "STOP",
                StopReason.ContentFilter => "SAFETY",
                StopReason.Error => "MALFORMED_FUNCTION_CALL",
                var other => AnyWord(other).ToUpperInvariant(),
            }
        );
}
