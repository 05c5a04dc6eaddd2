using System.Text;

namespace RawLlm.Cli.Output;

/// <summary>Prints an answer as it arrives: its text on standard output, everything else on standard error.</summary>
internal sealed class AnswerPrinter(Shell shell, bool showsReasoning)
{
    private bool _isMidText;
    private bool _isMidReasoning;
    private bool _holdsTextReturn;
    private bool _holdsReasoningReturn;

    /// <summary>Prints an event of the first choice.</summary>
    public void Print(in StreamEvent e)
    {
        if (e.Choice != 0)
            return;
        switch (e.Kind)
        {
            case StreamEventKind.Text or StreamEventKind.Refusal:
                Text(e.Utf8);
                break;
            case StreamEventKind.Reasoning when showsReasoning:
                Reasoning(e.ToString());
                break;
            case StreamEventKind.ToolCall:
                Call(e.Name ?? "", e.ToString(), e.Id ?? "", isComplete: true);
                break;
        }
    }

    /// <summary>Prints a whole answer.</summary>
    public void Print(ChatReply reply)
    {
        foreach (var part in reply.Message.Parts)
        {
            switch (part)
            {
                case TextPart text:
                    Text(Encoding.UTF8.GetBytes(text.Text));
                    break;
                case RefusalPart refusal:
                    Text(Encoding.UTF8.GetBytes(refusal.Text));
                    break;
                case ReasoningPart reasoning when showsReasoning:
                    Reasoning(reasoning.Text);
                    break;
                case ToolCallPart { Call: { IsComplete: true } call }:
                    Call(call.Name, call.Arguments, call.Id, isComplete: true);
                    break;
            }
        }
    }

    /// <summary>Ends the current line.</summary>
    public void EndLine()
    {
        EndReasoning();
        if (!_isMidText)
            return;
        _isMidText = false;
        shell.Out.Write(_holdsTextReturn ? "\u240D\n"u8 : "\n"u8);
        _holdsTextReturn = false;
        shell.Out.Flush();
    }

    /// <summary>Ends the answer and prints a summary.</summary>
    /// <param name="reply">The answer; null if there was none.</param>
    /// <param name="model">The model that was asked, for an answer that does not name its model.</param>
    public void End(ChatReply? reply, string? model)
    {
        EndLine();
        if (reply is null)
            return;
        foreach (var call in reply.ToolCalls.Where(call => !call.IsComplete))
            Call(call.Name, call.Arguments, call.Id, isComplete: false);
        foreach (var image in reply.Images)
            WriteNotice($"image: {image.Url?.OriginalString ?? $"{image.MediaType}, {image.Data.Length} bytes"}");
        foreach (var sound in reply.Audio)
            WriteNotice(
                $"audio: {sound.MediaType}, {sound.Data.Length} bytes{(sound.Transcript is { Length: > 0 } transcript ? $": {transcript}" : "")}"
            );
        Sources(reply.Citations);
        WriteNotice(Summary(reply, model));
        if (reply.Quirks.Count > 0)
            WriteNotice("tolerated: " + string.Join("; ", reply.Quirks));
    }

    private void Text(ReadOnlySpan<byte> utf8)
    {
        if (utf8.IsEmpty)
            return;
        EndReasoning();
        if (shell.IsOutTerminal)
            shell.Out.Write(Encoding.UTF8.GetBytes(SafeText.Lines(Encoding.UTF8.GetString(utf8), ref _holdsTextReturn)));
        else
            shell.Out.Write(utf8);
        shell.Out.Flush();
        _isMidText = utf8[^1] != '\n';
    }

    private void Reasoning(string text)
    {
        if (text.Length == 0)
            return;
        if (!_isMidReasoning)
            BreakLine();
        _isMidReasoning = true;
        shell.Error.Write(TerminalColor.Dim(shell, SafeText.Lines(text, ref _holdsReasoningReturn)));
    }

    // On a terminal both outputs meet, so the line must end. Elsewhere, standard output contains only the answer.
    private void BreakLine()
    {
        if (shell.IsOutTerminal)
            EndLine();
        else
            EndReasoning();
    }

    private void EndReasoning()
    {
        if (!_isMidReasoning)
            return;
        _isMidReasoning = false;
        _holdsReasoningReturn = false;
        shell.Error.WriteLine();
    }

    private void Call(string name, string arguments, string id, bool isComplete)
    {
        BreakLine();
        shell.Error.WriteLine(SafeText.Line($"{(isComplete ? "tool call" : "tool call, incomplete")}: {name}({arguments}) [{id}]"));
    }

    // Each citation once, in the service's order, which the numbers in some services' text follow.
    private void Sources(IReadOnlyList<Citation> citations)
    {
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (var citation in citations)
        {
            string source = citation.ToString();
            if (source.Length > 0 && known.Add(source))
                shell.Error.WriteLine(SafeText.Line($"citation {known.Count}: {source}"));
        }
    }

    private void WriteNotice(string text) => shell.Error.WriteLine(TerminalColor.Dim(shell, "rawllm: " + SafeText.Line(text)));

    private static string Summary(ChatReply reply, string? model)
    {
        var summary = new StringBuilder(reply.Model ?? model ?? "(unnamed model)");
        summary.Append(", ").Append(reply.IsComplete ? reply.StopReason.ToString() : "broken off");
        if (reply.RawStopReason is { } raw)
            summary.Append(" (").Append(raw).Append(')');
        if (reply.Usage is { } usage)
        {
            summary.Append(", tokens: ").Append(usage.InputTokens?.ToString() ?? "?").Append(" in");
            if (usage.CachedInputTokens > 0)
                summary.Append(" (").Append(usage.CachedInputTokens).Append(" cached)");
            summary.Append(", ").Append(usage.OutputTokens?.ToString() ?? "?").Append(" out");
            if (usage.ReasoningTokens > 0)
                summary.Append(" (").Append(usage.ReasoningTokens).Append(" reasoning)");
        }
        if (reply.Cost is { } cost)
            summary.Append(", ").Append(cost);
        return summary.ToString();
    }
}
