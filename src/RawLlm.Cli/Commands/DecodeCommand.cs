using System.CommandLine;
using RawLlm.Cli.Output;
using RawLlm.Protocols;

namespace RawLlm.Cli.Commands;

/// <summary><c>rawllm decode</c>: decodes recorded bodies with the same code that the client uses.</summary>
internal sealed class DecodeCommand : TeachingCommand
{
    private const string PiecesRange = "--pieces takes a whole number of at least 1.";
    private const string StatusRange = "--error takes an HTTP status, such as 429.";

    private readonly Shell _shell;

    private readonly Argument<string[]> _files = new("FILE")
    {
        Description = "Response bodies as the service sent them, without the HTTP headers. - reads standard input.",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<string> _protocol = new("--protocol")
    {
        Description = $"Wire protocol of the bodies: {Wires.Names}.",
        Required = true,
        HelpName = "NAME",
    };
    private readonly Option<int?> _pieces = new("--pieces")
    {
        Description = "Feed the decoder N bytes of a stream at a time, as a network might.",
        HelpName = "N",
        CustomParser = NumberParser.Whole(PiecesRange),
    };
    private readonly Switch _events = new("--events")
    {
        Description = "Print each event as a JSON object on its own line, instead of the whole answer.",
    };
    private readonly Switch _strict = new("--strict")
    {
        Description = "Treat every deviation that would be tolerated as a quirk as an error.",
    };
    private readonly Switch _reply = new("--reply") { Description = "Read the bodies as whole answers, not streams." };
    private readonly Option<int?> _error = new("--error")
    {
        Description = "Read the bodies as errors with this HTTP status.",
        HelpName = "STATUS",
        CustomParser = NumberParser.Whole(StatusRange),
    };

    public DecodeCommand(Shell shell)
        : base("decode", "Decode recorded answers: streams, whole answers and errors.")
    {
        _shell = shell;
        Add(_files);
        Add(_protocol);
        Add(_reply);
        Add(_error);
        Add(_pieces);
        Add(_events);
        Add(_strict);
        SetAction(RunAsync);
    }

    public override string Lesson =>
        $$"""
            Prints one JSON object per file, each on its own line:
              file, text, reasoning
            {{ReplyJson.HelpOfMembers}}
              error                        null, or {kind, message, code, causeKind (optional), status, retryAfterSeconds,
                                           isRetryable, attempts}
              For an answer that broke off, the object contains what had arrived, complete: false and the error.

            Members of an event (--events), besides file, by its kind:
              kind, choice, index          the index counts the parts of the answer; not with Error
            {{EventLines.HelpOfMembers}}
              Done                         id, model: the last line of a complete answer
              Error                        error: the last line of an answer that broke off

            Examples:
              rawllm decode --protocol chat-completions answer.sse
              rawllm decode --protocol chat-completions --pieces 1 recordings/*.sse | jq -r .text
              rawllm decode --protocol chat-completions --reply answer.json
              rawllm decode --protocol chat-completions --error 429 error.json
              curl -sN ... | rawllm decode --protocol chat-completions --events -

            Exit codes:
              0    every answer is complete
              2    wrong usage, or a file cannot be read
              3    an answer is incomplete, or is an error
              130  canceled
              141  the output was closed early, for example by head
            """;

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var decoding = ReadOptions(parsed);
        using var lines = decoding.Lines;
        int code = ExitCode.Ok;
        foreach (string file in parsed.GetValue(_files)!)
        {
            cancellationToken.ThrowIfCancellationRequested();
            byte[] body;
            try
            {
                body = await ReadAsync(file, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
            {
                _shell.Error.WriteLine($"error: {CannotRead(file, e)}");
                code = ExitCode.WrongUsage;
                continue;
            }
            if (!Decode(file, body, decoding) && code == ExitCode.Ok)
                code = ExitCode.Incomplete;
        }
        return code;
    }

    private Decoding ReadOptions(ParseResult parsed)
    {
        RefuseUnknownOptions(parsed, _files);
        var decoding = new Decoding(
            Wires.Get(parsed.GetValue(_protocol)!),
            new DecoderOptions { Strict = parsed.GetValue(_strict) },
            parsed.GetValue(_reply),
            parsed.GetValue(_error),
            parsed.GetValue(_pieces),
            parsed.GetValue(_events) ? new EventLines(_shell.Out) : null
        );
        if (parsed.GetValue(_files)!.Count(file => file == "-") > 1)
            throw new UsageException("- stands for standard input, which can be read only once.");
        if (decoding.Pieces <= 0)
            throw new UsageException(PiecesRange);
        if (decoding.Status is < 100 or > 599)
            throw new UsageException(StatusRange);
        if (decoding.IsReply && decoding.Status is not null)
            throw new UsageException("--reply and --error cannot be combined: a body is either an answer or an error.");
        if (decoding.Pieces is not null && (decoding.IsReply || decoding.Status is not null))
            throw new UsageException("--pieces is for streams and cannot be combined with --reply or --error.");
        if (decoding.Lines is not null && decoding.Status is not null)
            throw new UsageException("--events and --error cannot be combined: an error has no events.");
        return decoding;
    }

    private async Task<byte[]> ReadAsync(string file, CancellationToken cancellationToken)
    {
        if (file != "-")
            return await File.ReadAllBytesAsync(file, cancellationToken).ConfigureAwait(false);
        using var body = await _shell.ReadInputAsync(cancellationToken).ConfigureAwait(false);
        return body.ToArray();
    }

    // Decodes one body and prints its contents; returns false if it is not a complete answer.
    private bool Decode(string file, byte[] body, Decoding decoding)
    {
        var builder = new ReplyBuilder();
        IReadOnlyList<Quirk> quirks = [];
        long frames = 1;
        LlmException? error;
        if (decoding.Status is { } status)
            error = decoding.Wire.ReadError(status, [], body);
        else if (decoding.IsReply)
            error = ReadReply(file, body, decoding, builder, out quirks);
        else
            error = ReadStream(file, body, decoding, builder, out quirks, out frames);
        var reply = builder.Build() with { Quirks = quirks };
        if (decoding.Lines is { } lines)
        {
            if (error is not null)
                lines.Add("Error", file, json => ReplyJson.WriteError(json, error, isCancelled: false));
            lines.Flush();
        }
        else
        {
            ReplyJson.WriteLine(
                _shell.Out,
                json =>
                {
                    json.WriteString("file", file);
                    ReplyJson.WriteReply(json, reply, frames, error);
                }
            );
        }
        return error is null && reply.IsComplete;
    }

    private static LlmException? ReadReply(
        string file,
        byte[] body,
        Decoding decoding,
        ReplyBuilder builder,
        out IReadOnlyList<Quirk> quirks
    )
    {
        using var events = new EventBuffer(decoding.Options);
        LlmException? error = null;
        try
        {
            decoding.Wire.ReadReply(body, events);
        }
        catch (LlmException e)
        {
            error = e;
        }
        while (events.MoveNext())
            PrintEvent(file, events.Current, decoding, builder);
        quirks = [.. events.Quirks];
        return error;
    }

    private static LlmException? ReadStream(
        string file,
        byte[] body,
        Decoding decoding,
        ReplyBuilder builder,
        out IReadOnlyList<Quirk> quirks,
        out long frames
    )
    {
        using var decoder = decoding.Wire.CreateDecoder(decoding.Options);
        LlmException? error = null;
        try
        {
            int size = Math.Min(decoding.Pieces ?? int.MaxValue, Math.Max(1, body.Length));
            for (int start = 0; start < body.Length && !decoder.IsEnded; start += size)
            {
                var piece = body.AsSpan(start, Math.Min(size, body.Length - start));
                piece.CopyTo(decoder.GetSpan(piece.Length));
                decoder.Advance(piece.Length);
                while (decoder.TryRead())
                    PrintEvent(file, decoder.Current, decoding, builder);
            }
            decoder.Complete();
            while (decoder.TryRead())
                PrintEvent(file, decoder.Current, decoding, builder);
        }
        catch (LlmException e)
        {
            error = e;
        }
        quirks = [.. decoder.Quirks];
        frames = decoder.FrameCount;
        return error;
    }

    private static void PrintEvent(string file, in StreamEvent e, Decoding decoding, ReplyBuilder builder)
    {
        builder.Add(e);
        decoding.Lines?.Add(e, file);
    }

    private sealed record Decoding(WireProtocol Wire, DecoderOptions Options, bool IsReply, int? Status, int? Pieces, EventLines? Lines);
}
