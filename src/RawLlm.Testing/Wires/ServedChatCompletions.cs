using System.Text.Json;

namespace RawLlm.Testing;

/// <summary>Chat completions.</summary>
/// <param name="hasDetails">Whether to send reasoning as OpenRouter does, together with the list that it expects back, instead of
/// <c>reasoning_content</c>.</param>
internal sealed class ServedChatCompletions(bool hasDetails = false) : ServedWire
{
    public override string Name => "Chat completions";

    public override bool HasChoices => true;

    public override void AddLimits(RateLimits limits, DateTimeOffset now, Dictionary<string, string> headers) =>
        ServedHeaders.AddAsOpenAI(limits, now, headers);

    public override byte[] WriteWhole(ServedAnswer answer) =>
        Envelope(
            answer,
            "chat.completion",
            json =>
            {
                json.WriteStartArray("choices");
                foreach (var choice in answer.Choices)
                {
                    json.WriteElement(value =>
                    {
                        value.WriteNumber("index", choice.Index);
                        value.WriteObject("message", message => WriteMessage(choice, message, hasDetails));
                        value.WriteString("finish_reason", Finish(choice));
                    });
                }
                json.WriteEndArray();
                WriteUsage(answer, json);
            }
        );

    public override IEnumerable<WireFrame> Stream(ServedAnswer answer)
    {
        foreach (var frame in InTurns(answer.Choices.Select(choice => StreamChoice(choice, hasDetails))))
            yield return frame;
        if (answer.Usage is not null)
        {
            yield return new WireFrame(
                Sse(
                    Envelope(
                        answer,
                        "chat.completion.chunk",
                        json =>
                        {
                            json.WriteStartArray("choices");
                            json.WriteEndArray();
                            WriteUsage(answer, json);
                        }
                    )
                )
            );
        }
        yield return new WireFrame(Sse("[DONE]"u8.ToArray()), FrameRole.EndMark);
    }

    public override WireError Error(LlmErrorKind kind, string? message) =>
        OpenAIErrors.Of(kind, ErrorText(kind, message, tellsByMessage: false));

    public override byte[] ErrorFrame(LlmErrorKind kind, string? message) => Sse(Error(kind, message).Body);

    private static IEnumerable<WireFrame> StreamChoice(ServedAnswer answer, bool hasDetails)
    {
        yield return Delta(
            answer,
            FrameRole.Frame,
            delta =>
            {
                delta.WriteString("role", "assistant");
                delta.WriteString("content", "");
            }
        );
        int calls = 0;
        foreach (var part in answer.Parts)
        {
            string? name = part switch
            {
                TextPart => "content",
                ReasoningPart => "reasoning_content",
                RefusalPart => "refusal",
                _ => null,
            };
            if (part is ToolCallPart { Call: var call })
            {
                foreach (var frame in StreamCall(answer, call, calls++))
                    yield return frame;
            }
            else if (part is ReasoningPart { Text: var thoughts } && hasDetails)
            {
                foreach (string word in AnswerPieces.Words(thoughts))
                    yield return Delta(answer, FrameRole.Piece, delta => WriteReasoning(delta, word, signature: null));
                yield return Delta(answer, FrameRole.Frame, static delta => WriteReasoning(delta, text: null, Signature));
            }
            else
            {
                foreach (string word in AnswerPieces.Words(ScriptedAnswer.TextOf(part)))
                    yield return Delta(answer, FrameRole.Piece, delta => delta.WriteText(name!, word));
            }
        }
        if (answer.Script.Citations.Count > 0)
            yield return Delta(answer, FrameRole.Frame, delta => WriteCitations(answer, delta));
        yield return Chunk(
            answer,
            FrameRole.Frame,
            choice =>
            {
                choice.WriteObject("delta", static _ => { });
                choice.WriteString("finish_reason", Finish(answer));
            }
        );
    }

    private static IEnumerable<WireFrame> StreamCall(ServedAnswer answer, ToolCall call, int index)
    {
        // Without an index, the ID identifies a call, so it is sent in one piece, like the servers that omit the index do.
        if (answer.LeavesOutIndexes)
        {
            yield return Delta(answer, FrameRole.Piece, delta => WriteCalls(delta, [call], index: null));
            yield break;
        }
        yield return Delta(answer, FrameRole.Frame, delta => WriteCalls(delta, [call with { Arguments = "" }], index));
        foreach (string fragment in AnswerPieces.Fragments(call.Arguments))
        {
            yield return Delta(
                answer,
                FrameRole.Piece,
                delta =>
                {
                    delta.WriteStartArray("tool_calls");
                    delta.WriteElement(piece =>
                    {
                        piece.WriteNumber("index", index);
                        piece.WriteObject("function", function => function.WriteText("arguments", fragment));
                    });
                    delta.WriteEndArray();
                }
            );
        }
    }

    private static void WriteMessage(ServedAnswer answer, Utf8JsonWriter message, bool hasDetails)
    {
        message.WriteString("role", "assistant");
        if (answer.Text.Length > 0 || (!answer.HasCalls && answer.Refusal.Length == 0))
            message.WriteText("content", answer.Text);
        else
            message.WriteNull("content");
        if (answer.Thoughts.Length > 0 && hasDetails)
            WriteReasoning(message, answer.Thoughts, Signature);
        else if (answer.Thoughts.Length > 0)
            message.WriteText("reasoning_content", answer.Thoughts);
        if (answer.Refusal.Length > 0)
            message.WriteText("refusal", answer.Refusal);
        if (answer.HasCalls)
            WriteCalls(message, answer.Calls, index: null);
        if (answer.Script.Citations.Count > 0)
            WriteCitations(answer, message);
    }

    // Source: openrouter.ai/docs, "Reasoning tokens"; clients send back the list.
    private static void WriteReasoning(Utf8JsonWriter json, string? text, string? signature)
    {
        if (text is not null)
            json.WriteText("reasoning", text);
        json.WriteStartArray("reasoning_details");
        json.WriteElement(detail =>
        {
            detail.WriteString("type", "reasoning.text");
            if (text is not null)
                detail.WriteText("text", text);
            if (signature is not null)
                detail.WriteString("signature", signature);
            detail.WriteString("format", "anthropic-claude-v1");
            detail.WriteNumber("index", 0);
        });
        json.WriteEndArray();
    }

    private static void WriteCitations(ServedAnswer answer, Utf8JsonWriter json)
    {
        json.WriteStartArray("annotations");
        foreach (var citation in answer.Script.Citations)
        {
            json.WriteElement(annotation =>
            {
                annotation.WriteString("type", "url_citation");
                annotation.WriteObject("url_citation", source => WriteCitation(citation, answer.Text, source));
            });
        }
        json.WriteEndArray();
    }

    private static void WriteCalls(Utf8JsonWriter json, IEnumerable<ToolCall> calls, int? index)
    {
        json.WriteStartArray("tool_calls");
        foreach (var call in calls)
        {
            json.WriteElement(item =>
            {
                item.WriteCount("index", index);
                item.WriteString("id", call.Id);
                item.WriteString("type", "function");
                item.WriteObject(
                    "function",
                    function =>
                    {
                        function.WriteString("name", call.Name);
                        function.WriteText("arguments", call.Arguments);
                    }
                );
            });
        }
        json.WriteEndArray();
    }

    private static WireFrame Delta(ServedAnswer answer, FrameRole role, Action<Utf8JsonWriter> members) =>
        Chunk(
            answer,
            role,
            choice =>
            {
                choice.WriteObject("delta", members);
                choice.WriteNull("finish_reason");
            }
        );

    private static WireFrame Chunk(ServedAnswer answer, FrameRole role, Action<Utf8JsonWriter> members) =>
        new(
            Sse(
                Envelope(
                    answer,
                    "chat.completion.chunk",
                    json =>
                    {
                        json.WriteStartArray("choices");
                        json.WriteElement(choice =>
                        {
                            choice.WriteNumber("index", answer.Index);
                            members(choice);
                        });
                        json.WriteEndArray();
                    }
                )
            ),
            role
        );

    private static byte[] Envelope(ServedAnswer answer, string type, Action<Utf8JsonWriter> members) =>
        JsonBytes.Object(json =>
        {
            json.WriteString("id", answer.Id);
            json.WriteString("object", type);
            json.WriteNumber("created", 0);
            json.WriteString("model", answer.Model);
            members(json);
        });

    private static void WriteUsage(ServedAnswer answer, Utf8JsonWriter json)
    {
        if (answer.Usage is not { } usage)
            return;
        json.WriteObject(
            "usage",
            counts =>
            {
                counts.WriteCount("prompt_tokens", usage.InputTokens);
                counts.WriteCount("completion_tokens", usage.OutputTokens);
                counts.WriteCount("total_tokens", answer.Total());
                counts.WriteObject(
                    "prompt_tokens_details",
                    details =>
                    {
                        details.WriteCount("cached_tokens", usage.CachedInputTokens);
                        details.WriteCount("cache_write_tokens", usage.CacheWriteTokens);
                        details.WriteCount("audio_tokens", usage.AudioInputTokens);
                    }
                );
                counts.WriteObject(
                    "completion_tokens_details",
                    details =>
                    {
                        details.WriteCount("reasoning_tokens", usage.ReasoningTokens);
                        details.WriteCount("audio_tokens", usage.AudioOutputTokens);
                        details.WriteCount("accepted_prediction_tokens", usage.AcceptedPredictionTokens);
                        details.WriteCount("rejected_prediction_tokens", usage.RejectedPredictionTokens);
                    }
                );
                if (usage.ReportedCost is { } cost)
                    counts.WriteNumber("cost", cost);
            }
        );
    }

    private static string Finish(ServedAnswer answer) =>
        answer.StopWordOr(
            answer.Stop switch
            {
                StopReason.EndTurn => "stop",
                StopReason.MaxTokens => "length",
                StopReason.ToolUse => "tool_calls",
                var other => AnyWord(other),
            }
        );
}
