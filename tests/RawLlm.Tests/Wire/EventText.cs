using System.Globalization;
using System.Text;

namespace RawLlm.Tests.Wire;

/// <summary>Events as lines of text, in the format of a wire case's <c>events.txt</c>.</summary>
internal static class EventText
{
    /// <summary>One event as one line: its kind, <c>choice.part</c> if it has one, and its content.</summary>
    public static string Line(in StreamEvent e)
    {
        string place = $"{e.Choice}.{e.Index}";
        return e.Kind switch
        {
            StreamEventKind.Connected => "Connected",
            StreamEventKind.Text or StreamEventKind.Reasoning or StreamEventKind.Refusal or StreamEventKind.Transcript =>
                $"{e.Kind} {place} {Quote(e.ToString())}{(e.Phase is { } phase ? " " + Word(phase) : "")}",
            StreamEventKind.ToolCallStarted => $"ToolCallStarted {place} {Word(e.Id)} {Word(e.Name)}",
            StreamEventKind.ToolArguments => $"ToolArguments {place} {Quote(e.ToString())}",
            StreamEventKind.ToolCall => $"ToolCall {place} {Word(e.Id)} {Word(e.Name)} {Quote(e.ToString())}",
            StreamEventKind.LogProbs => $"LogProbs {place} {Tokens(e.LogProbs!)}",
            StreamEventKind.Media => $"Media {place} {Word(e.Name)} {e.ToString()}",
            StreamEventKind.WireData => $"WireData {place} {Word(e.Name)} {e.ToString()}",
            StreamEventKind.Citation => $"Citation {place} {Source(e.Citation!)} {e.ToString()}",
            StreamEventKind.Stop =>
                $"Stop {e.Choice} {e.StopReason} {Word(e.RawStopReason)}{(e.StopMessage is { } message ? " " + Quote(message) : "")}{(e.StopSequence is { } sequence ? " sequence=" + Quote(sequence) : "")}",
            StreamEventKind.Usage => "Usage " + Numbers(e.Usage!),
            StreamEventKind.Done => $"Done {Word(e.Id)} {Word(e.Name)}",
            _ => $"{e.Kind} {place} {Word(e.Name)}",
        };
    }

    /// <summary>The reported numbers, by name.</summary>
    public static string Numbers(Usage usage)
    {
        var text = new StringBuilder();
        Add("input", usage.InputTokens);
        Add("output", usage.OutputTokens);
        Add("total", usage.TotalTokens);
        Add("cached", usage.CachedInputTokens);
        Add("cacheWrite", usage.CacheWriteTokens);
        Add("cacheWrite1h", usage.CacheWriteOneHourTokens);
        Add("reasoning", usage.ReasoningTokens);
        Add("audioIn", usage.AudioInputTokens);
        Add("audioOut", usage.AudioOutputTokens);
        Add("accepted", usage.AcceptedPredictionTokens);
        Add("rejected", usage.RejectedPredictionTokens);
        if (usage.WebSearchRequests is not 0)
            Add("webSearches", usage.WebSearchRequests);
        if (usage.Compaction is { } compaction)
            text.Append(CultureInfo.InvariantCulture, $" compaction({Numbers(compaction)})");
        if (usage.ReportedCost is { } cost)
            text.Append(CultureInfo.InvariantCulture, $" cost={cost}");
        return text.ToString().TrimStart();

        void Add(string name, long? value)
        {
            if (value is not null)
                text.Append(CultureInfo.InvariantCulture, $" {name}={value}");
        }
    }

    private static string Tokens(LogProbs logProbs) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"average={logProbs.Average}{string.Concat(logProbs.Tokens.Select(token => " " + Token(token)))}"
        );

    private static string Token(TokenLogProb token)
    {
        string more =
            (token.Bytes.Length > 0 ? $" bytes={Convert.ToHexString(token.Bytes.Span)}" : "") + (token.Id is { } id ? $" id={id}" : "");
        string alternatives = token.Alternatives.Count > 0 ? $" ({string.Join(' ', token.Alternatives.Select(Token))})" : "";
        return string.Create(CultureInfo.InvariantCulture, $"{Quote(token.Token)}={token.LogProb}{more}{alternatives}");
    }

    // The members of the citation that were read.
    private static string Source(Citation citation)
    {
        var text = new StringBuilder();
        Add("url", citation.Url);
        Add("title", citation.Title);
        Add("text", citation.CitedText);
        Add("file", citation.FileId);
        Add("document", citation.DocumentIndex?.ToString(CultureInfo.InvariantCulture));
        return text.ToString().TrimStart();

        void Add(string name, string? value)
        {
            if (value is not null)
                text.Append(CultureInfo.InvariantCulture, $" {name}={Word(value)}");
        }
    }

    private static string Word(string? text) =>
        text is null ? "-"
        : text.Length > 0 && !text.AsSpan().ContainsAny(" \"\n\r\t") ? text
        : Quote(text);

    private static string Quote(string text) =>
        $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal).Replace("\r", "\\r", StringComparison.Ordinal).Replace("\t", "\\t", StringComparison.Ordinal)}\"";
}
