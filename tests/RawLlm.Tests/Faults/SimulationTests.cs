using System.Net;
using System.Text;
using RawLlm.Tests.Support;
using RawLlm.Transport;
using Xunit.Abstractions;

namespace RawLlm.Tests.Faults;

/// <summary>Many seeded runs on a virtual clock: services that fail in every way, and what a caller then sees.</summary>
public sealed class SimulationTests(ITestOutputHelper output)
{
    private static readonly byte[][] Pieces =
    [
        .. new[] { Answers.Role, ": ping\n\n" }
            .Concat(
                Enumerable
                    .Range(0, 6)
                    .Select(i => $$$"""data: {"id":"c","model":"m","choices":[{"index":0,"delta":{"content":"<{{{i}}}>"}}]}""" + "\n\n")
            )
            .Append(Answers.Stop + Answers.End)
            .Select(Encoding.UTF8.GetBytes),
    ];

    [Fact]
    [Case(154, 155)]
    public async Task Calls_ToFailingService_ReturnPrefixOfOneAttempt()
    {
        int seeds = (int)LongRun.Count("RAWLLM_SEEDS", usual: 4000, atLength: 20_000);
        ulong first = 0;
        if (
            Environment.GetEnvironmentVariable("RAWLLM_FUZZ_REPLAY") is { } replay
            && replay.StartsWith("simulation:", StringComparison.Ordinal)
        )
        {
            (first, seeds) = (ulong.Parse(replay[11..], System.Globalization.CultureInfo.InvariantCulture), 1);
        }

        int whole = 0;
        int calls = 0;
        long attempts = 0;
        for (ulong seed = first; seed < first + (ulong)seeds; seed++)
        {
            ulong current = seed;
            try
            {
                await Bounded.Run(() => $"RAWLLM_FUZZ_REPLAY=simulation:{current}", () => RunAsync(current));
            }
            catch (Exception e)
            {
                Assert.Fail($"RAWLLM_FUZZ_REPLAY=simulation:{seed}\n{e}");
            }
        }
        output.WriteLine($"{seeds} seeds, {calls} calls, {attempts} attempts, {whole} whole answers, 0 duplicates");

        async Task RunAsync(ulong seed)
        {
            var random = new SplitMix64(seed);
            var service = new FailingService(random.Next(), failing: random.Below(101));
            var time = new ImpatientTime();
            using var http = new HttpClient(service);
            using var client = new LlmClient(FaultWire.Compatible(), "m", new LlmClientOptions { Time = time, Random = () => 0.5 }, http);
            for (int call = 0; call < 3; call++)
            {
                calls++;
                service.Attempts.Clear();
                whole += await CallAsync(client, service, random.Below(2) == 0) ? 1 : 0;
                attempts += service.Attempts.Count;
            }
            // The timer of a completed wait may still be on the stack below, about to be disposed; one that remains would make this loop
            // hang.
            while (time.Alive > 0)
                await Task.Yield();
            Assert.Equal(0, TokenRegistrations.OfClient(client));
        }
    }

    [Fact]
    [Case(156)]
    public void Load_AtAnyFailureRate_IsAtMostSlightlyMultiplied()
    {
        var busy = new LlmException(LlmErrorKind.RateLimited, "x") { IsRetryable = true, RetryAfter = TimeSpan.FromSeconds(1) };
        var broken = new LlmException(LlmErrorKind.ServerError, "x") { IsRetryable = true };
        foreach (
            var (failure, percent) in from failure in (LlmException[])[broken, busy]
            from percent in (int[])[0, 1, 5, 10, 15, 17, 18, 19, 20, 21, 22, 23, 25, 30, 40, 50, 60, 80, 90, 95, 100]
            select (failure, percent)
        )
        {
            double ratio = Ratio(failure, percent, requests: 60_000, perSecond: 50);
            output.WriteLine($"{percent} % {failure.Kind}: {ratio:F4} attempts per request");
            Assert.True(ratio <= (percent == 100 ? 1.02 : 1.25), $"{percent} % {failure.Kind}: {ratio}");
        }
        // A thousand callers at once while every attempt fails.
        Assert.True(Ratio(broken, 100, requests: 1000, perSecond: 100_000) <= 1.02);
        Assert.True(Ratio(busy, 100, requests: 1000, perSecond: 100_000) <= 1.02);
    }

    [Fact]
    [Case(156)]
    public void RetryDelays_OfManyCallers_AreUniformlyDistributed()
    {
        var random = new SplitMix64(7);
        var waits = new List<double>();
        for (int i = 0; i < 2000; i++)
        {
            var retry = new Retry(
                LlmRetries.Default,
                new RetryBudget(new VirtualTime(), LlmRetries.Default.Budget),
                () => (random.Next() >> 11) / (double)(1UL << 53)
            );
            Assert.True(
                retry.TryNext(
                    new LlmException(LlmErrorKind.ServerError, "x") { IsRetryable = true },
                    null,
                    TimeSpan.MaxValue,
                    out var delay
                )
            );
            waits.Add(delay.TotalSeconds);
        }
        waits.Sort();
        // A Kolmogorov-Smirnov test against the uniform distribution from 0 to 0.5 s; the minimum of 50 ms collects a tenth of the waits.
        double distance = waits.Select((wait, i) => wait <= 0.0501 ? 0 : Math.Abs((wait / 0.5) - ((i + 1) / 2000.0))).Max();
        output.WriteLine($"distance {distance:F4}");
        Assert.True(distance < 1.63 / Math.Sqrt(2000), $"{distance}");
    }

    [Fact]
    public void RetryBudget_OutageEnds_RecoversWithinTenSeconds()
    {
        var time = new VirtualTime();
        var budget = new RetryBudget(time, LlmRetries.Default.Budget);
        var random = new SplitMix64(3);
        int failures = 0;
        int afterTenSeconds = 0;
        for (int i = 0; i < 50 * 180; i++)
        {
            time.Advance(TimeSpan.FromMilliseconds(20));
            double now = i / 50.0;
            bool isUp = now is < 60 or >= 120;
            var retry = new Retry(LlmRetries.Default, budget, () => 0.5);
            // One call in a hundred also fails in good times; a retry saves it as soon as the budget has recovered.
            bool isGood = isUp && random.Below(100) > 0;
            while (
                !isGood
                && retry.TryNext(new LlmException(LlmErrorKind.ServerError, "x") { IsRetryable = true }, null, TimeSpan.MaxValue, out _)
            )
            {
                isGood = isUp && random.Below(100) > 0;
            }

            if (isGood)
                retry.Succeeded();
            if (now >= 130)
            {
                afterTenSeconds++;
                failures += isGood ? 0 : 1;
            }
        }
        output.WriteLine($"{failures} of {afterTenSeconds} calls failed from 10 s after the outage");
        Assert.True(failures <= afterTenSeconds / 100);
    }

    private static double Ratio(LlmException failure, int percent, int requests, int perSecond)
    {
        var time = new VirtualTime();
        var budget = new RetryBudget(time, LlmRetries.Default.Budget);
        var random = new SplitMix64((ulong)percent);
        long attempts = 0;
        var due = new PriorityQueue<Retry, TimeSpan>();
        var step = TimeSpan.FromSeconds(1.0 / perSecond);
        for (int i = 0; i < requests; i++)
        {
            time.Advance(step);
            var now = time.GetElapsedTime(0);
            due.Enqueue(new Retry(LlmRetries.Default, budget, () => (random.Next() >> 11) / (double)(1UL << 53)), now);
            while (due.TryPeek(out var retry, out var at) && at <= now)
            {
                due.Dequeue();
                attempts++;
                if (random.Below(100) >= percent)
                    retry.Succeeded();
                else if (retry.TryNext(failure, null, TimeSpan.MaxValue, out var delay))
                    due.Enqueue(retry, now + delay);
            }
        }
        return attempts / (double)requests;
    }

    private static async Task<bool> CallAsync(LlmClient client, FailingService service, bool isStream)
    {
        string text = "";
        bool isWhole = false;
        try
        {
            if (!isStream)
            {
                text = (await client.SendAsync("Hi")).Text;
                isWhole = true;
            }
            else
            {
                await foreach (var update in (await client.StreamAsync("Hi")).UpdatesAsync())
                {
                    Assert.False(isWhole);
                    if (update.Kind == StreamEventKind.Text)
                        text += update.Text;
                    isWhole = update.Kind == StreamEventKind.Done;
                }
                Assert.True(isWhole);
            }
            Assert.Equal("<0><1><2><3><4><5>", text);
            Assert.True(service.Attempts[^1]);
        }
        catch (LlmException e)
        {
            Assert.False(isWhole);
            Assert.StartsWith(text, "<0><1><2><3><4><5>", StringComparison.Ordinal);
            Assert.True(e.OutputCommitted || text.Length == 0);
        }
        // After text reached the caller, there is no further attempt.
        Assert.InRange(service.Attempts.Count, 1, 3);
        return isWhole;
    }

    /// <summary>Refuses, breaks off, reports errors in its streams, or answers.</summary>
    private sealed class FailingService(ulong seed, int failing) : HttpMessageHandler
    {
        private SplitMix64 _random = new(seed);

        /// <summary>Whether the answer was whole, for each attempt.</summary>
        public List<bool> Attempts { get; } = [];

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            bool fails = _random.Below(100) < failing;
            Attempts.Add(!fails);
            switch (fails ? _random.Below(5) : -1)
            {
                case 0:
                    return Task.FromException<HttpResponseMessage>(new HttpRequestException(HttpRequestError.ConnectionError, "refused"));
                case 1:
                    return Task.FromResult(
                        new HttpResponseMessage((HttpStatusCode)(_random.Below(2) == 0 ? 503 : 429)) { Content = new StringContent("{}") }
                    );
                case 2:
                    return Task.FromResult(new HttpResponseMessage(HttpStatusCode.BadRequest) { Content = new StringContent("{}") });
                default:
                    int end = fails ? _random.Below(Pieces.Length) : Pieces.Length;
                    var bytes = new List<byte>();
                    for (int i = 0; i < end; i++)
                        bytes.AddRange(Pieces[i]);
                    if (fails && _random.Below(3) == 0)
                    {
                        bytes.AddRange(
                            """data: {"error":{"message":"x","code":"overloaded_error"}}"""u8.ToArray().Concat("\n\n"u8.ToArray())
                        );
                    }

                    var body = new BreakingBody([.. bytes], breaks: fails && _random.Below(2) == 0, most: 1 + _random.Below(400));
                    var content = new StreamContent(body);
                    content.Headers.TryAddWithoutValidation("Content-Type", "text/event-stream");
                    return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = content });
            }
        }
    }

    private sealed class BreakingBody(byte[] bytes, bool breaks, int most) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (buffer.IsEmpty)
                return new(0);
            int count = Read(buffer.Span[..Math.Min(buffer.Length, most)]);
            return count == 0 && breaks ? ValueTask.FromException<int>(new IOException("reset")) : new(count);
        }
    }
}
