using System.Collections.Concurrent;
using System.IO.Compression;
using System.Text;
using RawLlm.Framing;
using RawLlm.Tests.Allocation;
using RawLlm.Tests.Support;
using Xunit.Abstractions;

namespace RawLlm.Tests.Faults;

/// <summary>
/// Every operation on the network in turn fails, is canceled, or takes too long: each run ends in an allowed way and leaves nothing behind.
/// </summary>
[Collection(AllocationCollection.Name)]
public sealed class TortureTests(ITestOutputHelper output)
{
    private const string WithSeams = "reply of a chain with seams";

    private enum Fault
    {
        Break,
        Cancel,
        TimeOut,
    }

    [Fact]
    [Case(143, 151)]
    public async Task NetworkOperations_EachFailsInTurn_EndAsAllowedWithoutLeaks()
    {
        var scenarios = Scenarios();
        Assert.True(scenarios.Count >= 40, $"{scenarios.Count}");
        int runs = 0;
        Collect();
        var unobserved = new ConcurrentBag<Exception>();
        EventHandler<UnobservedTaskExceptionEventArgs> note = (_, e) => unobserved.Add(e.Exception);
        TaskScheduler.UnobservedTaskException += note;
        using var platform = new PlatformLedger();
        foreach (var (name, scripts, run) in scenarios)
        {
            foreach (var fault in Enum.GetValues<Fault>())
            {
                // The next client would be asked inside the operation that advances the clock, while the scripted network is blocked.
                if (fault == Fault.TimeOut && name.EndsWith(WithSeams, StringComparison.Ordinal))
                    continue;
                for (int at = 1; ; at++)
                {
                    runs++;
                    if (!await RunAsync($"{name}, {fault} at operation {at}", scripts, run, at, fault))
                        break;
                    Assert.True(at < 500, $"{name} does not end.");
                }
            }
        }
        Collect();
        TaskScheduler.UnobservedTaskException -= note;
        // Only the library's own exceptions count, not those that the platform leaves unobserved or that earlier tests left.
        Assert.DoesNotContain(
            unobserved,
            e => e.ToString().Replace("RawLlm.Tests.", "", StringComparison.Ordinal).Contains("RawLlm.", StringComparison.Ordinal)
        );
        Assert.True(platform.Changes > runs, $"{platform.Changes}");
        Assert.Equal((0, 0), (platform.Requests, platform.Connections));
        output.WriteLine($"{scenarios.Count} scenarios, {runs} runs; arrays, timers, registrations, requests and connections left: 0");
    }

    [Fact]
    public void TokenRegistrations_OnToken_AreCounted()
    {
        using var source = new CancellationTokenSource();
        Assert.Equal(0, TokenRegistrations.Count(source.Token));
        using (source.Token.Register(() => { }))
        using (CancellationTokenSource.CreateLinkedTokenSource(source.Token))
            Assert.Equal(2, TokenRegistrations.Count(source.Token));
        Assert.Equal(0, TokenRegistrations.Count(source.Token));
    }

    [Fact]
    [Case(151)]
    public async Task PooledArrays_EachRentFailsInTurn_ReturnsAllOthers()
    {
        int runs = 0;
        foreach (var (name, scripts, run) in Scenarios())
        {
            for (int at = 1; ; at++)
            {
                using var ledger = new PoolLedger { FailsAt = at };
                using (var wire = new FaultWire(scripts) { AllowsUnused = true })
                {
                    runs++;
                    try
                    {
                        await run(wire.Client(FaultRun.Once), wire.Token);
                    }
                    catch (Exception e) when (e is OutOfMemoryException or LlmException || e.Message == "left") { }
                }
                Assert.True(ledger.Lent == 0, $"{name}, array {at}: {ledger.Lent} arrays are out");
                if (ledger.Count < at)
                    break;
            }
        }
        output.WriteLine($"{runs} runs");
    }

    // Returns false if the run ended before the operation was reached.
    private static async Task<bool> RunAsync(
        string name,
        Script[] scripts,
        Func<LlmClient, CancellationToken, Task<string>> run,
        int at,
        Fault fault
    )
    {
        using var ledger = new PoolLedger();
        using var source = new CancellationTokenSource();
        bool hasCome = false;
        var wire = new FaultWire(scripts) { AllowsUnused = true };
        wire.OnOperation = operation =>
        {
            if (operation != at)
                return;
            hasCome = true;
            switch (fault)
            {
                case Fault.Break:
                    throw new IOException("torture");
                case Fault.Cancel:
                    source.Cancel();
                    break;
                case Fault.TimeOut:
                    wire.Time.Advance(TimeSpan.FromHours(1));
                    break;
            }
        };
        var client = wire.Client();
        try
        {
            string text = await run(client, source.Token).WaitAsync(wire.Token);
            Assert.True(text == "Hi you", $"{name}: '{text}'");
        }
        catch (LlmException e)
        {
            Assert.True(e.Provider is not null && !e.ToString().Contains("test-key", StringComparison.Ordinal), $"{name}: {e}");
        }
        catch (OperationCanceledException e)
        {
            Assert.True(fault == Fault.Cancel && e.CancellationToken == source.Token, $"{name}: {e}");
        }
        catch (InvalidOperationException e) when (e.Message == "left") { }
        // Checked before the client is disposed: whatever it leaves with a token of the caller or its own accumulates with each call.
        Assert.True(
            TokenRegistrations.Count(source.Token) == 0,
            $"{name}: {TokenRegistrations.Count(source.Token)} registrations are left with the caller's token"
        );
        Assert.True(
            TokenRegistrations.OfClient(client) == 0,
            $"{name}: {TokenRegistrations.OfClient(client)} calls or registrations are left with the client"
        );
        // The timer of a completed wait may still be on the stack below, about to be disposed: it let this code continue.
        while (wire.Time.Alive > 0 && !wire.Token.IsCancellationRequested)
            await Task.Yield();
        Assert.True(wire.Time.Alive == 0, $"{name}: {wire.Time.Alive} timers are left");
        Assert.True(ledger.Lent == 0, $"{name}: {ledger.Lent} arrays are out");
        // Too late to change anything.
        await source.CancelAsync();
        wire.Time.Advance(TimeSpan.FromDays(1));
        var problem = Record.Exception(wire.Dispose);
        Assert.True(problem is null, $"{name}: {problem}");
        Assert.True(wire.Time.Alive == 0 && ledger.Lent == 0, $"{name}: something began after the end");
        return hasCome;
    }

    private static void Collect()
    {
        for (int i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
    }

    private static List<(string Name, Script[] Scripts, Func<LlmClient, CancellationToken, Task<string>> Run)> Scenarios()
    {
        var bodies = new List<(string Name, Script[] Scripts)>
        {
            ("one chunk", [Answers.Stream, Answers.Stream, Answers.Stream]),
            (
                "a chunk for each event",
                Thrice(
                    Script
                        .OnRequest.Sse()
                        .Chunk(Answers.Role)
                        .Chunk(Answers.Hi)
                        .Chunk(Answers.You)
                        .Chunk(Answers.Stop)
                        .Chunk(Answers.End)
                        .LastChunk()
                )
            ),
            (
                "cut chunks",
                Thrice(Script.OnRequest.Sse().Chunk(Answers.All[..100]).Chunk(Answers.All[100..250]).Chunk(Answers.All[250..]).LastChunk())
            ),
            ("a whole answer", [Answers.WholeAnswer, Answers.WholeAnswer, Answers.WholeAnswer]),
            (
                "a whole answer in pieces",
                Thrice(
                    Script
                        .OnRequest.Head(200, "Content-Type: application/json", "Transfer-Encoding: chunked")
                        .Chunk(Answers.Whole[..50])
                        .Chunk(Answers.Whole[50..])
                        .LastChunk()
                )
            ),
            ("an error, then the answer", [Answers.Error(500, "x", "Connection: close").Fin(), Answers.Stream, Answers.Stream]),
            ("a break before the first event", [Script.OnRequest.Sse().Chunk(Answers.Role).Fin(), Answers.Stream, Answers.Stream]),
            ("a break after an event", [Script.OnRequest.Sse().Chunk(Answers.Role + Answers.Hi).Fin(), Answers.Stream, Answers.Stream]),
            (
                "a break inside an event, twice",
                [
                    Script.OnRequest.Sse().Chunk(Answers.Hi + Answers.You[..20]).Fin(),
                    Script.OnRequest.Sse().Chunk(Answers.Hi + Answers.You[..20]).Fin(),
                    Answers.Stream,
                    Answers.Stream,
                ]
            ),
            ("gzip", Thrice(Script.OnRequest.Sse("Content-Encoding: gzip").Chunk(Gzip(Answers.All)).LastChunk())),
            (
                "comments between",
                Thrice(
                    Script
                        .OnRequest.Sse()
                        .Chunk(": a\n\n" + Answers.Role + ": b\n\n")
                        .Chunk(Answers.Hi + Answers.You + ": c\n\n")
                        .Chunk(Answers.Stop + Answers.End)
                        .LastChunk()
                )
            ),
            ("no length", Thrice(Script.OnRequest.Head(200, "Content-Type: text/event-stream").Send(Answers.All).Fin())),
        };
        var ways = new List<(string Name, Func<LlmClient, CancellationToken, Task<string>> Run)>
        {
            ("whole", async (client, token) => (await client.SendAsync("Hi", token)).Text),
            ("text", FaultRun.Text),
            ("reply", async (client, token) => (await (await client.StreamAsync("Hi", token)).ReplyAsync(token)).Text),
            (WithSeams, async (client, token) => (await (await Seamed(client).StreamAsync("Hi", token)).ReplyAsync(token)).Text),
            (
                "left early",
                async (client, token) =>
                {
                    await using var stream = await client.StreamAsync("Hi", token);
                    while (await stream.ReadAsync(token))
                    {
                        if (stream.Current.Kind == StreamEventKind.Text)
                            throw new InvalidOperationException("left");
                    }
                    return "Hi you";
                }
            ),
        };
        return [.. from body in bodies from way in ways select ($"{body.Name}, read as {way.Name}", body.Scripts, way.Run)];
    }

    private static FallbackChain Seamed(LlmClient client) =>
        new([client, client, client], new FallbackOptions { StreamFailover = StreamFailover.Default });

    private static Script[] Thrice(Script script) => [script, script, script];

    private static byte[] Gzip(string text)
    {
        var packed = new MemoryStream();
        using (var stream = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            stream.Write(Encoding.UTF8.GetBytes(text));
        return packed.ToArray();
    }

    /// <summary>Counts the lent arrays; renting one fails if its number is set.</summary>
    private sealed class PoolLedger : IDisposable
    {
        private readonly HashSet<byte[]> _lent = new(ReferenceEqualityComparer.Instance);
        private readonly HashSet<byte[]> _known = new(ReferenceEqualityComparer.Instance);

        public PoolLedger() => ByteArrays.Ledger = Note;

        public int FailsAt { get; init; }

        public int Count { get; private set; }

        public int Lent
        {
            get
            {
                lock (_lent)
                    return _lent.Count;
            }
        }

        public void Dispose() => ByteArrays.Ledger = null;

        private void Note(byte[] array, bool isRented)
        {
            lock (_lent)
            {
                if (!isRented)
                {
                    // Work left over from an earlier test may return its own arrays.
                    Assert.True(_lent.Remove(array) || !_known.Contains(array), "An array was given back twice.");
                    return;
                }
                if (++Count == FailsAt)
                    throw new OutOfMemoryException("torture");
                _lent.Add(array);
                _known.Add(array);
            }
        }
    }
}
