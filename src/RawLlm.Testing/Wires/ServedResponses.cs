using System.Text.Json;

namespace RawLlm.Testing;

/// <summary>OpenAI's Responses.</summary>
internal sealed class ServedResponses : ServedWire
{
    public override string Name => "The Responses wire";

    public override void AddLimits(RateLimits limits, DateTimeOffset now, Dictionary<string, string> headers) =>
        ServedHeaders.AddAsOpenAI(limits, now, headers);

    public override byte[] WriteWhole(ServedAnswer answer) => JsonBytes.Object(json => WriteResponse(answer, json, isEnded: true));

    public override IEnumerable<WireFrame> Stream(ServedAnswer answer)
    {
        var events = new ResponsesEvents();
        yield return events.Next(
            "response.created",
            null,
            json => json.WriteObject("response", response => WriteResponse(answer, response, isEnded: false))
        );
        for (int i = 0; i < answer.Parts.Count; i++)
        {
            foreach (var frame in StreamItem(answer, answer.Parts[i], i, events))
                yield return frame;
        }
        yield return events.Next(
            IsComplete(answer) ? "response.completed" : "response.incomplete",
            null,
            json => json.WriteObject("response", response => WriteResponse(answer, response, isEnded: true))
        ) with
        {
            Role = FrameRole.EndMark,
        };
    }

    public override WireError Error(LlmErrorKind kind, string? message) =>
        OpenAIErrors.Of(kind, ErrorText(kind, message, tellsByMessage: false));

    public override byte[] ErrorFrame(LlmErrorKind kind, string? message)
    {
        // The same members as in the body of an error response, in addition to the type of the event.
        using var error = JsonDocument.Parse(Error(kind, message).Body);
        var members = error.RootElement.GetProperty("error");
        return Sse(
            JsonBytes.Object(json =>
            {
                json.WriteString("type", "error");
                json.WritePropertyName("error");
                members.WriteTo(json);
            }),
            "error"
        );
    }

    private static IEnumerable<WireFrame> StreamItem(ServedAnswer answer, Part part, int item, ResponsesEvents events)
    {
        int? index = answer.LeavesOutIndexes ? null : item;
        yield return events.Next(
            "response.output_item.added",
            index,
            json => json.WriteObject("item", value => WriteItem(answer, part, item, value, isDone: false))
        );
        if (part is TextPart or RefusalPart)
            yield return ContentPart("added", "");
        string type = part switch
        {
            TextPart => "response.output_text.delta",
            RefusalPart => "response.refusal.delta",
            ReasoningPart => "response.reasoning_summary_text.delta",
            _ => "response.function_call_arguments.delta",
        };
        foreach (
            string piece in part is ToolCallPart { Call.Arguments: var arguments }
                ? AnswerPieces.Fragments(arguments)
                : AnswerPieces.Words(ScriptedAnswer.TextOf(part))
        )
        {
            var delta = events.Next(
                type,
                index,
                json =>
                {
                    json.WriteString("item_id", ItemId(part, item));
                    if (part is ReasoningPart)
                        json.WriteNumber("summary_index", 0);
                    else if (part is not ToolCallPart)
                        json.WriteNumber("content_index", 0);
                    json.WriteText("delta", piece);
                }
            );
            yield return delta with
            {
                Role = FrameRole.Piece,
            };
        }
        if (part is ToolCallPart { Call.Arguments: var whole })
        {
            yield return events.Next(
                "response.function_call_arguments.done",
                index,
                json =>
                {
                    json.WriteString("item_id", ItemId(part, item));
                    json.WriteText("arguments", whole);
                }
            );
        }
        int number = 0;
        foreach (var citation in answer.CitationsOf(part))
        {
            int annotation = number++;
            yield return events.Next(
                "response.output_text.annotation.added",
                index,
                json =>
                {
                    json.WriteString("item_id", ItemId(part, item));
                    json.WriteNumber("content_index", 0);
                    json.WriteNumber("annotation_index", annotation);
                    json.WriteObject("annotation", source => WriteAnnotation(citation, ScriptedAnswer.TextOf(part), source));
                }
            );
        }
        if (part is TextPart or RefusalPart)
            yield return ContentPart("done", ScriptedAnswer.TextOf(part));
        yield return events.Next(
            "response.output_item.done",
            index,
            json => json.WriteObject("item", value => WriteItem(answer, part, item, value, isDone: true))
        );

        WireFrame ContentPart(string state, string text) =>
            events.Next(
                $"response.content_part.{state}",
                index,
                json =>
                {
                    json.WriteString("item_id", ItemId(part, item));
                    json.WriteNumber("content_index", 0);
                    json.WriteObject("part", content => WriteContent(part, text, text.Length > 0 ? answer.CitationsOf(part) : [], content));
                }
            );
    }

    private static void WriteResponse(ServedAnswer answer, Utf8JsonWriter json, bool isEnded)
    {
        json.WriteString("id", answer.Id);
        json.WriteString("object", "response");
        json.WriteString("model", answer.Model);
        json.WriteString(
            "status",
            !isEnded ? "in_progress"
                : IsComplete(answer) ? "completed"
                : "incomplete"
        );
        json.WriteNull("error");
        if (isEnded && !IsComplete(answer))
        {
            json.WriteObject(
                "incomplete_details",
                details =>
                    details.WriteString(
                        "reason",
                        answer.StopWordOr(answer.Stop == StopReason.MaxTokens ? "max_output_tokens" : AnyWord(answer.Stop))
                    )
            );
        }
        else
            json.WriteNull("incomplete_details");
        json.WriteStartArray("output");
        for (int i = 0; isEnded && i < answer.Parts.Count; i++)
        {
            int item = i;
            json.WriteElement(value => WriteItem(answer, answer.Parts[item], item, value, isDone: true));
        }
        json.WriteEndArray();
        if (isEnded && answer.Usage is { } usage)
            json.WriteObject("usage", counts => WriteUsage(answer, usage, counts));
        else
            json.WriteNull("usage");
    }

    // The status "completed" only says that the answer ended normally; every other stop reason makes it incomplete.
    private static bool IsComplete(ServedAnswer answer) =>
        answer.Script.RawStopReason is null or "completed"
        && (
            answer.Stop == StopReason.EndTurn
            || (answer.Stop == StopReason.ToolUse && answer.HasCalls)
            || (answer.Stop == StopReason.Refusal && answer.Refusal.Length > 0)
        );

    private static string ItemId(Part part, int index) =>
        $"{part switch { ToolCallPart => "fc", ReasoningPart => "rs", _ => "msg" }}_{index}";

    private static void WriteItem(ServedAnswer answer, Part part, int index, Utf8JsonWriter item, bool isDone)
    {
        item.WriteString("id", ItemId(part, index));
        switch (part)
        {
            case ToolCallPart { Call: var call }:
                item.WriteString("type", "function_call");
                item.WriteString("status", isDone ? "completed" : "in_progress");
                item.WriteText("arguments", isDone ? call.Arguments : "");
                item.WriteString("call_id", call.Id);
                item.WriteString("name", call.Name);
                break;
            case ReasoningPart thoughts:
                item.WriteString("type", "reasoning");
                item.WriteStartArray("summary");
                if (isDone)
                {
                    item.WriteElement(summary =>
                    {
                        summary.WriteString("type", "summary_text");
                        summary.WriteText("text", thoughts.Text);
                    });
                }
                item.WriteEndArray();
                if (isDone)
                    item.WriteString("encrypted_content", Signature);
                break;
            default:
                item.WriteString("type", "message");
                item.WriteString("role", "assistant");
                item.WriteString("status", isDone ? "completed" : "in_progress");
                item.WriteStartArray("content");
                if (isDone)
                    item.WriteElement(content => WriteContent(part, ScriptedAnswer.TextOf(part), answer.CitationsOf(part), content));
                item.WriteEndArray();
                break;
        }
    }

    private static void WriteAnnotation(Citation citation, string text, Utf8JsonWriter annotation)
    {
        annotation.WriteString("type", "url_citation");
        WriteCitation(citation, text, annotation);
    }

    private static void WriteContent(Part part, string text, IReadOnlyList<Citation> citations, Utf8JsonWriter content)
    {
        if (part is RefusalPart)
        {
            content.WriteString("type", "refusal");
            content.WriteText("refusal", text);
            return;
        }
        content.WriteString("type", "output_text");
        content.WriteText("text", text);
        content.WriteStartArray("annotations");
        foreach (var citation in citations)
            content.WriteElement(annotation => WriteAnnotation(citation, text, annotation));
        content.WriteEndArray();
    }

    private static void WriteUsage(ServedAnswer answer, Usage usage, Utf8JsonWriter counts)
    {
        counts.WriteCount("input_tokens", usage.InputTokens);
        counts.WriteObject(
            "input_tokens_details",
            details =>
            {
                details.WriteCount("cached_tokens", usage.CachedInputTokens);
                details.WriteCount("cache_write_tokens", usage.CacheWriteTokens);
                details.WriteCount("audio_tokens", usage.AudioInputTokens);
            }
        );
        counts.WriteCount("output_tokens", usage.OutputTokens);
        counts.WriteObject(
            "output_tokens_details",
            details =>
            {
                details.WriteCount("reasoning_tokens", usage.ReasoningTokens);
                details.WriteCount("audio_tokens", usage.AudioOutputTokens);
                details.WriteCount("accepted_prediction_tokens", usage.AcceptedPredictionTokens);
                details.WriteCount("rejected_prediction_tokens", usage.RejectedPredictionTokens);
            }
        );
        counts.WriteCount("total_tokens", answer.Total());
        if (usage.ReportedCost is { } cost)
            counts.WriteNumber("cost", cost);
    }
}
