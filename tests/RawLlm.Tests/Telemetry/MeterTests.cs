using RawLlm.Protocols;
using RawLlm.Telemetry;
using RawLlm.Tests.Faults;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Telemetry;

/// <summary>What is measured for calls, by the client's own clock.</summary>
public sealed class MeterTests
{
    private const string Close = "Connection: close";

    [Fact]
    public async Task Stream_PausesBetweenChunks_MeasuresEachChunk()
    {
        using var probe = new TelemetryProbe(measures: true);
        const string Counts = """data: {"id":"c1","model":"m","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2}}""" + "\n\n";
        FaultWire? running = null;
        using var wire = running = new FaultWire(
            Script
                .OnRequest.Sse()
                .Do(() => running!.Time.Advance(TimeSpan.FromSeconds(2)))
                .Chunk(Answers.Role + Answers.Hi)
                .Do(() => running!.Time.Advance(TimeSpan.FromSeconds(3)))
                .Chunk(": comment\n\n")
                .Do(() => running!.Time.Advance(TimeSpan.FromSeconds(4)))
                .Chunk(Answers.You)
                .Do(() => running!.Time.Advance(TimeSpan.FromSeconds(1)))
                .Chunk(Answers.Stop + Counts + Answers.End)
                .LastChunk()
        );
        var client = wire.Client(null, probe.Service(FaultWire.Compatible() with { Name = "azure" }), "m0");
        await (await client.StreamAsync("Hi", wire.Token)).ReplyAsync(wire.Token);

        Assert.Equal([("s", 2.0)], Values(probe, "gen_ai.client.operation.time_to_first_chunk"));
        Assert.Equal([("s", 7.0), ("s", 1.0)], Values(probe, "gen_ai.client.operation.time_per_output_chunk"));
        Assert.Equal([("s", 10.0)], Values(probe, "gen_ai.client.operation.duration"));
        Assert.Equal([("{token}", 3.0), ("{token}", 2.0)], Values(probe, "gen_ai.client.token.usage"));
        Assert.Equal(
            ["input", "output"],
            Of(probe, "gen_ai.client.token.usage").Select(measurement => measurement.Tags["gen_ai.token.type"])
        );
        Assert.Equal([("{attempt}", 1.0)], Values(probe, "rawllm.attempts"));
        Assert.Equal(
            [
                "gen_ai.operation.name=chat",
                "gen_ai.provider.name=azure.ai.openai",
                "gen_ai.request.model=m0",
                "gen_ai.response.model=m",
                "server.address=127.0.0.1",
                $"server.port={probe.Port}",
            ],
            Of(probe, "gen_ai.client.operation.duration")
                .Single()
                .Tags.Select(tag => $"{tag.Key}={tag.Value}")
                .Order(StringComparer.Ordinal)
        );
        Assert.Equal(TimeSpan.FromSeconds(10), Assert.Single(probe.Activities).Duration);
    }

    [Fact]
    public async Task Call_Retried_CountsAttemptsAndRetryErrors()
    {
        using var probe = new TelemetryProbe(measures: true);
        using var wire = new FaultWire(
            Answers.Error(429, "rate_limit_exceeded", Close).Fin(),
            Answers.Error(503, "x", Close).Fin(),
            Answers.Error(401, "x", Close).Fin()
        );
        await Assert.ThrowsAsync<LlmException>(() => wire.Client(null, probe.Service(FaultWire.Compatible())).SendAsync("Hi", wire.Token));

        Assert.Equal(3, Of(probe, "rawllm.attempts").Count());
        Assert.Equal(["RateLimited", "Overloaded"], Of(probe, "rawllm.retries").Select(measurement => measurement.Tags["error.type"]));
        Assert.Equal("Authentication", Of(probe, "gen_ai.client.operation.duration").Single().Tags["error.type"]);
        Assert.Empty(Of(probe, "gen_ai.client.token.usage"));
        Assert.Empty(Of(probe, "gen_ai.client.operation.time_to_first_chunk"));
    }

    [Fact]
    public async Task Stream_ConnectionLost_IsCountedAsBrokenOnce()
    {
        using var probe = new TelemetryProbe(measures: true);
        using var wire = new FaultWire(Script.OnRequest.Sse().Chunk(Answers.Hi).Fin(), Script.OnRequest.Sse().Chunk(Answers.Hi).Stall());
        var client = wire.Client(null, probe.Service(FaultWire.Compatible()));
        await using (var stream = await client.StreamAsync("Hi", wire.Token))
        {
            await Assert.ThrowsAsync<LlmException>(async () => await stream.ReplyAsync(wire.Token));
            await Assert.ThrowsAnyAsync<Exception>(async () => await stream.ReadAsync(wire.Token));
        }
        await (await client.StreamAsync("Hi", wire.Token)).DisposeAsync();

        Assert.Equal(["ConnectionLost"], Of(probe, "rawllm.streams.broken").Select(measurement => measurement.Tags["error.type"]));
        Assert.Equal(
            ["ConnectionLost", null],
            Of(probe, "gen_ai.client.operation.duration").Select(measurement => measurement.Tags.GetValueOrDefault("error.type"))
        );
    }

    [Fact]
    public async Task Quirks_OfAnswer_AreCountedByKind()
    {
        using var probe = new TelemetryProbe(measures: true);
        using var wire = new FaultWire(Script.OnRequest.Answer(200, "text/plain", Answers.Whole));
        var reply = await wire.Client(null, probe.Service(FaultWire.Compatible())).SendAsync("Hi", wire.Token);

        Assert.Equal(
            reply.Quirks.Select(quirk => quirk.Kind.ToString()),
            Of(probe, "rawllm.quirks").Select(measurement => (string)measurement.Tags["rawllm.quirk"]!)
        );
        Assert.Contains("UnexpectedContentType", Of(probe, "rawllm.quirks").Select(measurement => measurement.Tags["rawllm.quirk"]));
    }

    [Fact]
    public async Task TokenUsage_CacheNotIncludedInInput_IsAdded()
    {
        using var probe = new TelemetryProbe(measures: true);
        const string Answer =
            """{"id":"a","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"x"}],"stop_reason":"end_turn","usage":{"input_tokens":3,"cache_read_input_tokens":100,"cache_creation_input_tokens":20,"output_tokens":2}}""";
        using var wire = new FaultWire(Script.OnRequest.Answer(200, "application/json", Answer));
        await wire.Client(null, probe.Service(FaultWire.Compatible() with { Protocol = new AnthropicProtocol() }))
            .SendAsync("Hi", wire.Token);

        Assert.Equal([("{token}", 123.0), ("{token}", 2.0)], Values(probe, "gen_ai.client.token.usage"));
        var activity = Assert.Single(probe.Activities);
        Assert.Equal(
            (123L, 100L, 20L),
            (
                activity.GetTagItem("gen_ai.usage.input_tokens"),
                activity.GetTagItem("gen_ai.usage.cache_read.input_tokens"),
                activity.GetTagItem("gen_ai.usage.cache_creation.input_tokens")
            )
        );
    }

    // Grok through other services: only the total shows that the reasoning is not included in the output.
    [Fact]
    public async Task TokenUsage_ReasoningNotIncludedInOutput_IsAdded()
    {
        using var probe = new TelemetryProbe(measures: true);
        const string Answer =
            """{"id":"a","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"x"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":25,"completion_tokens_details":{"reasoning_tokens":20}}}""";
        using var wire = new FaultWire(Script.OnRequest.Answer(200, "application/json", Answer));
        await wire.Client(null, probe.Service(FaultWire.Compatible())).SendAsync("Hi", wire.Token);

        Assert.Equal([("{token}", 3.0), ("{token}", 22.0)], Values(probe, "gen_ai.client.token.usage"));
    }

    [Fact]
    public void Instruments_HistogramBoundaries_FollowSemanticConventions()
    {
        Assert.Equal(
            (0.01, 81.92, 14),
            (
                Instruments.Duration.Advice!.HistogramBucketBoundaries![0],
                Instruments.Duration.Advice.HistogramBucketBoundaries[^1],
                Instruments.Duration.Advice.HistogramBucketBoundaries.Count
            )
        );
        Assert.Equal(
            Enumerable.Range(0, 14).Select(power => (long)Math.Pow(4, power)),
            Instruments.Tokens.Advice!.HistogramBucketBoundaries!
        );
        Assert.NotNull(Instruments.FirstChunk.Advice);
        Assert.NotNull(Instruments.NextChunk.Advice);
    }

    private static IEnumerable<TelemetryProbe.Measurement> Of(TelemetryProbe probe, string name) =>
        probe.Measurements.Where(measurement => measurement.Name == name);

    private static IEnumerable<(string?, double)> Values(TelemetryProbe probe, string name) =>
        Of(probe, name).Select(measurement => (measurement.Unit, measurement.Value));
}
