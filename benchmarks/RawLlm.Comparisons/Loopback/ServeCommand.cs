using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using RawLlm.Traffic;

namespace RawLlm.Comparisons.Loopback;

/// <summary><c>serve</c>: the server for the other commands, in its own process; runs until its input ends.</summary>
internal sealed class ServeCommand : Command
{
    private const string Head =
        "data: {\"id\":\"chatcmpl-CJzVd2fQ0w9HgL4sYbT7nUeXaMpRk\",\"object\":\"chat.completion.chunk\",\"created\":1759410245,\"model\":\"gpt-4o-mini\",\"service_tier\":\"default\",\"system_fingerprint\":\"fp_560af6e559\",\"choices\":[{\"index\":0,\"delta\":{\"content\":\"";
    private const string Tail = "\"},\"logprobs\":null,\"finish_reason\":null}],\"usage\":null}\n\n";

    private static readonly byte[] End = Encoding.UTF8.GetBytes(
        "data: {\"id\":\"chatcmpl-CJzVd2fQ0w9HgL4sYbT7nUeXaMpRk\",\"object\":\"chat.completion.chunk\",\"created\":1759410245,\"model\":\"gpt-4o-mini\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"
    );
    private static readonly byte[][] Chunks = [.. Pieces().Select(piece => Encoding.UTF8.GetBytes(Head + piece + Tail))];

    private volatile TaskCompletionSource _gate = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ServeCommand()
        : base("serve", "The loopback server for the other commands.")
    {
        Hidden = true;
        SetAction(RunAsync);
    }

    /// <summary>The number of text bytes in the first chunks of a stream.</summary>
    public static long TextBytes(int count)
    {
        long length = 0;
        for (int i = 0; i < count; i++)
            length += Chunks[i % Chunks.Length].Length - Head.Length - Tail.Length;
        return length;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(options =>
        {
            options.Limits.Http2.MaxStreamsPerConnection = 20_000;
            options.Limits.MinResponseDataRate = null;
            options.Listen(System.Net.IPAddress.Loopback, 0, endpoint => endpoint.Protocols = HttpProtocols.Http1);
            options.Listen(System.Net.IPAddress.Loopback, 0, endpoint => endpoint.Protocols = HttpProtocols.Http2);
        });
        var app = builder.Build();
        app.Run(AnswerAsync);
        await app.StartAsync(cancellationToken);
        Console.WriteLine(string.Join(' ', app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses));
        // The parent process holds this input, so the server ends with it, even if it crashes.
        while (await Console.In.ReadLineAsync(cancellationToken) is not null) { }
        await app.StopAsync(new CancellationToken(canceled: true));
        return 0;
    }

    // The path specifies the stream, because every client allows another base URL: /mode/chunks/pause in µs/...
    private async Task AnswerAsync(HttpContext context)
    {
        string[] path = context.Request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries);
        if (path[0] == "release")
        {
            Interlocked.Exchange(ref _gate, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
            return;
        }
        var gate = _gate.Task;
        await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
        int count = int.Parse(path[1], CultureInfo.InvariantCulture);
        var pause = TimeSpan.FromMicroseconds(int.Parse(path[2], CultureInfo.InvariantCulture));
        context.Response.ContentType = "text/event-stream";
        var body = context.Response.BodyWriter;
        for (int i = 0; i < count; i++)
        {
            if (i > 0 && pause > TimeSpan.Zero)
                await Task.Delay(pause, context.RequestAborted);
            if (path[0] == "stamped")
                WriteStamp(body);
            else
                Write(body, Chunks[i % Chunks.Length]);
            await body.FlushAsync(context.RequestAborted);
        }
        if (path[0] == "held")
            await gate.WaitAsync(context.RequestAborted);
        Write(body, End);
        await body.FlushAsync(context.RequestAborted);
    }

    private static void WriteStamp(System.IO.Pipelines.PipeWriter body)
    {
        var span = body.GetSpan(Head.Length + Tail.Length + 20);
        int length = Encoding.UTF8.GetBytes(Head, span);
        Stopwatch.GetTimestamp().TryFormat(span[length..], out int digits, provider: CultureInfo.InvariantCulture);
        length += digits;
        length += Encoding.UTF8.GetBytes(Tail, span[length..]);
        body.Advance(length);
    }

    private static void Write(System.IO.Pipelines.PipeWriter body, byte[] bytes)
    {
        bytes.CopyTo(body.GetSpan(bytes.Length));
        body.Advance(bytes.Length);
    }

    private static IEnumerable<string> Pieces()
    {
        string[] words = [" the", " of", " stream", ",", " value", "ing", " question", " answer", ".", " small", " and", " 20"];
        var random = new SplitMix64(0x5E7);
        for (int i = 0; i < 512; i++)
            yield return words[random.Below(words.Length)];
    }
}
