using RawLlm.Cli.Commands;
using RawLlm.Cli.Targets;
using RawLlm.Protocols;

namespace RawLlm.Cli.Output;

/// <summary>Prints the events of an answer for programs, each as a line of JSON as soon as it arrives, and at last how it ended.</summary>
internal sealed class EventPrinter(Stream output) : IDisposable
{
    private readonly EventLines _lines = new(output);

    /// <summary>Prints the stream of an answer up to its last event, which <see cref="End"/> replaces.</summary>
    /// <returns>How the answer ended, without its contents.</returns>
    public async Task<ChatOutcome> PrintAsync(LlmClient client, ChatRequest request, Target target, CancellationToken cancellationToken)
    {
        await using var stream = await client.StreamAsync(request, cancellationToken).ConfigureAwait(false);
        var ending = new ReplyBuilder();
        bool hasContent = false;
        LlmException? error = null;
        bool isCancelled = false;
        try
        {
            while (await stream.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                // What arrived together is printed together.
                do hasContent |= Add(stream.Current, target, client.Model, ending);
                while (stream.TryRead());
                _lines.Flush();
                cancellationToken.ThrowIfCancellationRequested();
            }
        }
        catch (LlmException e)
        {
            error = e;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            isCancelled = true;
        }
        _lines.Flush();
        return new ChatOutcome
        {
            Reply = ending.Build(stream),
            HasContent = hasContent || (error is null && !isCancelled),
            Events = stream.FrameCount,
            Error = error,
            IsCancelled = isCancelled,
        };
    }

    /// <summary>Prints the last line.</summary>
    /// <param name="target">The service; null if none was chosen yet.</param>
    /// <param name="outcome">How the answer ended.</param>
    /// <param name="model">The model that was asked, for an answer that does not name its model.</param>
    public void End(Target? target, ChatOutcome outcome, string? model)
    {
        var reply = outcome.Reply ?? outcome.Error?.Partial;
        _lines.Add(
            outcome.Error is null && !outcome.IsCancelled ? nameof(StreamEventKind.Done) : "Error",
            file: null,
            json =>
            {
                ReplyJson.WriteSource(json, target, reply, model);
                ReplyJson.WriteEnd(json, reply ?? new ReplyBuilder().Build(), outcome.Events, outcome.Error, outcome.IsCancelled);
                ReplyJson.WriteCircumstances(json, reply, outcome.Error);
            }
        );
        _lines.Flush();
    }

    public void Dispose() => _lines.Dispose();

    // Returns whether the event is part of the answer itself.
    private bool Add(in StreamEvent e, Target target, string model, ReplyBuilder ending)
    {
        switch (e.Kind)
        {
            case StreamEventKind.Connected:
                AddConnected(target, model);
                return false;
            case StreamEventKind.Done:
                ending.Add(e);
                return false;
            case StreamEventKind.Stop or StreamEventKind.Usage:
                ending.Add(e);
                _lines.Add(e);
                return false;
            default:
                _lines.Add(e);
                return e.Kind
                    is StreamEventKind.Text
                        or StreamEventKind.Reasoning
                        or StreamEventKind.Refusal
                        or StreamEventKind.ToolCallStarted
                        or StreamEventKind.ToolArguments
                        or StreamEventKind.ToolCall
                        or StreamEventKind.WireData
                        or StreamEventKind.Media
                        or StreamEventKind.Transcript;
        }
    }

    private void AddConnected(Target target, string model) =>
        _lines.Add(
            nameof(StreamEventKind.Connected),
            file: null,
            json =>
            {
                json.WriteString("provider", target.Provider.Name);
                json.WriteString("model", model);
            }
        );
}
