using System.Text.Json;

namespace RawLlm.Testing;

/// <summary>Gemini's generateContent.</summary>
internal sealed class ServedGemini : ServedWire
{
    public override string Name => "Gemini's wire";

    public override byte[] Whole(ServedAnswer answer)
    {
        answer.ForbidRefusal(Name);
        return Response(answer, answer.Parts, isEnd: true);
    }

    public override IEnumerable<WireFrame> Stream(ServedAnswer answer)
    {
        answer.ForbidRefusal(Name);
        foreach (var part in answer.Parts)
        {
            // Arguments come whole.
            if (part is ToolCallPart)
            {
                yield return new(Sse(Response(answer, [part], isEnd: false)), FrameRole.Piece);
                continue;
            }
            foreach (string word in AnswerPieces.Words(ScriptedAnswer.Say(part)))
                yield return new(Sse(Response(answer, [part is ReasoningPart ? new ReasoningPart(word) : new TextPart(word)], isEnd: false)), FrameRole.Piece);
        }
        yield return new(Sse(Response(answer, [], isEnd: true)), FrameRole.EndMark);
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
        return new(status, JsonBytes.Object(json => json.WriteObject("error", error =>
        {
            error.WriteNumber("code", status);
            error.WriteText("message", Words(kind, message, tellsByMessage: true));
            error.WriteString("status", word);
            // The quota of a day is told from the rate of a minute by its name alone.
            if (kind == LlmErrorKind.QuotaExhausted)
            {
                error.WriteStartArray("details");
                error.WriteElement(detail =>
                {
                    detail.WriteString("@type", "type.googleapis.com/google.rpc.QuotaFailure");
                    detail.WriteStartArray("violations");
                    detail.WriteElement(violation => violation.WriteString("quotaId", "GenerateRequestsPerDayPerProjectPerModel-FreeTier"));
                    detail.WriteEndArray();
                });
                error.WriteEndArray();
            }
        })));
    }

    public override byte[] ErrorFrame(LlmErrorKind kind, string? message) => Sse(Error(kind, message).Body);

    private byte[] Response(ServedAnswer answer, IReadOnlyList<Part> parts, bool isEnd) => JsonBytes.Object(json =>
    {
        json.WriteStartArray("candidates");
        json.WriteElement(candidate =>
        {
            candidate.WriteObject("content", content =>
            {
                content.WriteStartArray("parts");
                foreach (var part in parts)
                    content.WriteElement(value => WritePart(part, value));
                content.WriteEndArray();
                content.WriteString("role", "model");
            });
            if (isEnd)
                candidate.WriteString("finishReason", Finish(answer));
            candidate.WriteNumber("index", 0);
        });
        json.WriteEndArray();
        if (isEnd && answer.Usage is { } usage)
        {
            json.WriteObject("usageMetadata", counts =>
            {
                counts.WriteCount("promptTokenCount", usage.InputTokens);
                counts.WriteCount("candidatesTokenCount", usage.OutputTokens);
                counts.WriteCount("totalTokenCount", answer.Total(usage.ReasoningTokens));
                counts.WriteCount("thoughtsTokenCount", usage.ReasoningTokens);
                counts.WriteCount("cachedContentTokenCount", usage.CachedInputTokens);
            });
        }
        json.WriteString("modelVersion", answer.Model);
        json.WriteString("responseId", answer.Id);
    });

    private void WritePart(Part part, Utf8JsonWriter value)
    {
        if (part is ToolCallPart { Call: var call })
        {
            value.WriteObject("functionCall", function =>
            {
                function.WriteString("id", call.Id);
                function.WriteString("name", call.Name);
                function.WriteArguments("args", call, Name);
            });
            return;
        }
        value.WriteText("text", ScriptedAnswer.Say(part));
        if (part is ReasoningPart)
            value.WriteBoolean("thought", true);
    }

    private static string Finish(ServedAnswer answer) => answer.Word(answer.Stop switch
    {
        StopReason.EndTurn => "STOP",
        StopReason.ToolUse when answer.HasCalls => "STOP",
        StopReason.ContentFilter => "SAFETY",
        StopReason.Error => "MALFORMED_FUNCTION_CALL",
        var other => AnyWord(other).ToUpperInvariant(),
    });
}
