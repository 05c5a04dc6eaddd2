using Microsoft.AspNetCore.Http;

namespace RawLlm.Tests.Faults;

/// <summary>Streams over HTTP/2 and TLS from the platform's own server, with the client's own profile.</summary>
public sealed class Http2ServerTests
{
    // No timeout applies, however busy the machine is.
    private static LlmClientOptions Virtual => new() { Time = new ImpatientTime(), Random = () => 0.5 };

    [Fact]
    [Case(34)]
    public async Task Answer_StreamingAndNonStreaming_UsesOneHttp2Connection()
    {
        await using var server = await KestrelServer.StartAsync(async context =>
        {
            using var body = new StreamReader(context.Request.Body);
            string request = await body.ReadToEndAsync();
            Assert.Equal("Bearer test-key-0123456789", context.Request.Headers.Authorization);
            if (!request.Contains("\"stream\":true", StringComparison.Ordinal))
            {
                context.Response.ContentType = "application/json";
                await context.Response.WriteAsync(Answers.Whole);
                return;
            }
            Assert.Equal("identity", context.Request.Headers.AcceptEncoding);
            context.Response.ContentType = "text/event-stream";
            foreach (string piece in (string[])[Answers.Role, Answers.Hi, Answers.You, Answers.Stop, Answers.End])
            {
                await context.Response.WriteAsync(piece);
                await context.Response.Body.FlushAsync();
            }
        });
        using var http = Trust.In(server.Certificate);
        using var client = new LlmClient(Trust.Provider(server.BaseUrl), "m", Virtual, http);
        Assert.Equal("Hi you", await FaultRun.Text(client, server.Token));
        Assert.Equal("Hi you", (await client.SendAsync("Hi", server.Token)).Text);
        Assert.Equal(2, Assert.Single(server.Connections).Value);
    }

    [Fact]
    [Case(34)]
    public async Task Streams_ManyOnOneConnection_KeepTheirOwnData()
    {
        const int Calls = 90;
        var all = new CountdownEvent(Calls);
        var gate = Signal();
        await using var server = await KestrelServer.StartAsync(async context =>
        {
            using var body = new StreamReader(context.Request.Body);
            string request = await body.ReadToEndAsync();
            string number = request.Split("call ")[1].Split('.')[0];
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync(Answers.Role);
            await context.Response.Body.FlushAsync();
            if (all.Signal())
                gate.SetResult();
            await gate.Task;
            for (int i = 0; i < 20; i++)
            {
                await context.Response.WriteAsync(Answers.Hi.Replace("Hi", $"{number}:{i};", StringComparison.Ordinal));
                await context.Response.Body.FlushAsync();
            }
            await context.Response.WriteAsync(Answers.Stop + Answers.End);
        });
        using var http = Trust.In(server.Certificate, handler => handler.EnableMultipleHttp2Connections = false);
        using var client = new LlmClient(Trust.Provider(server.BaseUrl), "m", Virtual, http);
        string[] texts = await Task.WhenAll(Enumerable.Range(0, Calls).Select(call => TextAsync(client, $"call {call}.", server.Token)));
        for (int call = 0; call < Calls; call++)
            Assert.Equal(string.Concat(Enumerable.Range(0, 20).Select(i => $"{call}:{i};")), texts[call]);
        Assert.Equal(Calls, Assert.Single(server.Connections).Value);
    }

    [Fact]
    [Case(34)]
    public async Task Calls_ThousandAtOnce_OpenMoreConnectionsInsteadOfWaiting()
    {
        const int Calls = 1000;
        const int StreamsOfOneConnection = 100;
        var all = new CountdownEvent(Calls);
        var gate = Signal();
        await using var server = await KestrelServer.StartAsync(async context =>
        {
            // None is answered before all have arrived: a call that waited for a free stream would wait forever.
            if (all.Signal())
                gate.SetResult();
            await gate.Task;
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync(Answers.All);
        });
        using var http = Trust.In(server.Certificate);
        using var client = new LlmClient(Trust.Provider(server.BaseUrl), "m", Virtual, http);
        string[] texts = await Task.WhenAll(Enumerable.Range(0, Calls).Select(_ => TextAsync(client, "Hi", server.Token)));
        Assert.All(texts, text => Assert.Equal("Hi you", text));
        Assert.Equal(Calls, server.Connections.Values.Sum());
        Assert.True(server.Connections.Count >= Calls / StreamsOfOneConnection, $"{server.Connections.Count} connections");
        Assert.All(server.Connections.Values, count => Assert.InRange(count, 1, StreamsOfOneConnection));
    }

    [Fact]
    [Case(33)]
    public async Task Server_ShutsDownGracefully_HundredStreamsComplete()
    {
        const int Calls = 100;
        var gate = Signal();
        await using var server = await KestrelServer.StartAsync(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync(Answers.Role + Answers.Hi);
            await context.Response.Body.FlushAsync();
            await gate.Task;
            await context.Response.WriteAsync(Answers.You + Answers.Stop + Answers.End);
        });
        using var http = Trust.In(server.Certificate);
        using var client = new LlmClient(Trust.Provider(server.BaseUrl), "m", Virtual, http);
        var begun = new CountdownEvent(Calls);
        var allBegun = Signal();
        var reading = Enumerable
            .Range(0, Calls)
            .Select(async _ =>
            {
                string text = "";
                await foreach (string piece in client.StreamTextAsync("Hi", server.Token))
                {
                    if (text.Length == 0 && begun.Signal())
                        allBegun.SetResult();
                    text += piece;
                }
                return text;
            })
            .ToList();
        await allBegun.Task.WaitAsync(server.Token);
        var stopping = server.StopAsync();
        gate.SetResult();
        Assert.All(await Task.WhenAll(reading), text => Assert.Equal("Hi you", text));
        await stopping;
        Assert.Equal(Calls, server.Connections.Values.Sum());
        var error = await Assert.ThrowsAsync<LlmException>(() => client.SendAsync("Hi", server.Token));
        Assert.Equal((LlmErrorKind.ConnectFailed, 3), (error.Kind, error.Attempts.Count));
    }

    [Fact]
    [Case(145)]
    public async Task Reader_StopsEarly_AbortsRequestOnServer()
    {
        var seen = Signal();
        await using var server = await KestrelServer.StartAsync(async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync(Answers.Role + Answers.Hi);
            await context.Response.Body.FlushAsync();
            using var registration = context.RequestAborted.Register(seen.SetResult);
            await seen.Task;
        });
        using var http = Trust.In(server.Certificate);
        using var client = new LlmClient(Trust.Provider(server.BaseUrl), "m", Virtual, http);
        await foreach (string _ in client.StreamTextAsync("Hi", server.Token))
            break;
        await seen.Task.WaitAsync(server.Token);
    }

    private static TaskCompletionSource Signal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static async Task<string> TextAsync(LlmClient client, string prompt, CancellationToken cancellationToken)
    {
        string text = "";
        await foreach (string piece in client.StreamTextAsync(prompt, cancellationToken))
            text += piece;
        return text;
    }
}
