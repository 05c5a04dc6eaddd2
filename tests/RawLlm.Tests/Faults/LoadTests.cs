using RawLlm.Tests.Allocation;
using RawLlm.Tests.Support;
using Xunit.Abstractions;

namespace RawLlm.Tests.Faults;

/// <summary>Many streams at once.</summary>
[Collection(AllocationCollection.Name)]
public sealed class LoadTests(ITestOutputHelper output)
{
    [Fact]
    [Case(148)]
    public async Task Streams_ThousandAtOnce_AllComplete()
    {
        int count = (int)LongRun.Count("RAWLLM_STREAMS", usual: 1000, atLength: 10_000);
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var script = Script
            .OnRequest.Sse()
            .Chunk(Answers.Role + Answers.Hi)
            .Then(new Act.Wait(gate.Task))
            .Chunk(Answers.You + Answers.Stop + Answers.End)
            .LastChunk();
        using var wire = new FaultWire([.. Enumerable.Repeat(script, count)]);
        wire.AllowMinutes(5);
        var client = wire.Client();
        long before = GC.GetTotalMemory(forceFullCollection: true);
        int threads = ThreadPool.ThreadCount;
        var streams = await Task.WhenAll(Enumerable.Range(0, count).Select(_ => client.StreamAsync("Hi", wire.Token)));
        var reading = new List<Task<string>>();
        int begun = 0;
        foreach (var stream in streams)
            reading.Add(ReadAsync(stream, () => Interlocked.Increment(ref begun), wire.Token));
        while (Volatile.Read(ref begun) < count)
        {
            wire.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
        long idle = (GC.GetTotalMemory(forceFullCollection: true) - before) / count;
        int threadsMore = ThreadPool.ThreadCount - threads;
        output.WriteLine(
            $"{count} streams wait, {idle:N0} bytes each with the connection, the platform's buffers and the test's own; {threadsMore} threads more"
        );
        gate.SetResult();
        Assert.All(await Task.WhenAll(reading), text => Assert.Equal("Hi you", text));
        Assert.True(idle < 64 << 10, $"{idle}");
        // No stream blocks a thread; otherwise there would be one thread per stream. The pool itself adds some on a busy machine.
        Assert.True(threadsMore < count / 10, $"{threadsMore} threads more");
    }

    private static async Task<string> ReadAsync(ChatStream stream, Action begun, CancellationToken cancellationToken)
    {
        string text = "";
        await using (stream)
        {
            while (await stream.ReadAsync(cancellationToken))
            {
                if (stream.Current.Kind == StreamEventKind.Text)
                {
                    text += stream.Current.ToString();
                    if (text == "Hi")
                        begun();
                }
            }
        }
        return text;
    }
}
