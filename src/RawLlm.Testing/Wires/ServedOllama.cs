using System.Text.Json;

namespace RawLlm.Testing;

/// <summary>Ollama's chat.</summary>
internal sealed class ServedOllama : ServedWire
{
    public override string Name => "Ollama's wire";

    public override bool HasCitations => false;

    public override string StreamType => "application/x-ndjson";

    public override byte[] KeepAlive => "\n"u8.ToArray();

    public override byte[] WriteWhole(ServedAnswer answer)
    {
        answer.ForbidRefusal(Name);
        return Line(answer, answer.Thoughts, answer.Text, answer.Calls, isEnd: true);
    }

    public override IEnumerable<WireFrame> Stream(ServedAnswer answer)
    {
        answer.ForbidRefusal(Name);
        foreach (var part in answer.Parts)
        {
            // Arguments are not streamed.
            if (part is ToolCallPart { Call: var call })
            {
                yield return Frame(Line(answer, "", "", [call], isEnd: false), FrameRole.Piece);
                continue;
            }
            foreach (string word in AnswerPieces.Words(ScriptedAnswer.TextOf(part)))
            {
                yield return Frame(
                    part is ReasoningPart ? Line(answer, word, "", [], isEnd: false) : Line(answer, "", word, [], isEnd: false),
                    FrameRole.Piece
                );
            }
        }
        yield return Frame(Line(answer, "", "", [], isEnd: true), FrameRole.EndMark);
    }

    public override WireError Error(LlmErrorKind kind, string? message) =>
        new(StatusOf(kind), JsonBytes.Object(json => json.WriteText("error", ErrorText(kind, message, tellsByMessage: true))));

    // Without an HTTP status, the body contains the number as well, as gateways for Ollama send it.
    public override byte[] ErrorDocument(LlmErrorKind kind, string? message) =>
        JsonBytes.Object(json =>
            json.WriteObject(
                "error",
                error =>
                {
                    error.WriteText("message", ErrorText(kind, message, tellsByMessage: true));
                    error.WriteNumber("code", StatusOf(kind));
                }
            )
        );

    public override byte[] ErrorFrame(LlmErrorKind kind, string? message) => Frame(ErrorDocument(kind, message), FrameRole.Frame).Bytes;

    private static WireFrame Frame(byte[] line, FrameRole role) => new([.. line, (byte)'\n'], role);

    private byte[] Line(ServedAnswer answer, string thoughts, string text, IEnumerable<ToolCall> calls, bool isEnd) =>
        JsonBytes.Object(json =>
        {
            json.WriteString("model", answer.Model);
            json.WriteString("created_at", "2026-01-01T00:00:00Z");
            json.WriteObject(
                "message",
                message =>
                {
                    message.WriteString("role", "assistant");
                    message.WriteText("content", text);
                    if (thoughts.Length > 0)
                        message.WriteText("thinking", thoughts);
                    bool isOpen = false;
                    foreach (var call in calls)
                    {
                        if (!isOpen)
                            message.WriteStartArray("tool_calls");
                        isOpen = true;
                        message.WriteElement(item =>
                        {
                            item.WriteString("id", call.Id);
                            item.WriteObject(
                                "function",
                                function =>
                                {
                                    function.WriteString("name", call.Name);
                                    function.WriteArguments("arguments", call, Name);
                                }
                            );
                        });
                    }
                    if (isOpen)
                        message.WriteEndArray();
                }
            );
            json.WriteBoolean("done", isEnd);
            if (!isEnd)
                return;
            json.WriteString("done_reason", Finish(answer));
            json.WriteCount("prompt_eval_count", answer.Usage?.InputTokens);
            json.WriteCount("eval_count", answer.Usage?.OutputTokens);
        });

    private static string Finish(ServedAnswer answer) =>
        answer.StopWordOr(
            answer.Stop switch
            {
                StopReason.EndTurn => "stop",
                StopReason.ToolUse when answer.HasCalls => "stop",
                StopReason.MaxTokens => "length",
                var other => AnyWord(other),
            }
        );
}
