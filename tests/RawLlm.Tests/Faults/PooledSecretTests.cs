using System.Text;
using RawLlm.Framing;
using RawLlm.Protocols;

namespace RawLlm.Tests.Faults;

/// <summary>What an array contains when it is returned to the pool, from where any code may rent it next.</summary>
[Collection(Allocation.AllocationCollection.Name)]
public sealed class PooledSecretTests
{
    private const string Prompt = "prompt-canary-6Wd1Rk8Tz3";

    [Fact]
    [Case(121)]
    public void RequestBody_ReturnedToPool_IsCleared()
    {
        var given = new List<bool>();
        var lent = new HashSet<byte[]>(ReferenceEqualityComparer.Instance);
        ByteArrays.Ledger = (array, isRented) =>
        {
            lock (lent)
            {
                if (isRented)
                    lent.Add(array);
                // Work left over from an earlier test may return its own arrays.
                else if (lent.Contains(array))
                    given.Add(Holds(array));
            }
        };
        try
        {
            var wire = new WireRequest { BaseUrl = new Uri("https://example.org/") };
            // Written, outgrown, written again, and disposed.
            Write(wire);
            wire.GetSpan(1 << 16);
            Write(wire);
            wire.Dispose();
        }
        finally
        {
            ByteArrays.Ledger = null;
        }
        Assert.Equal([false, false], given);

        static void Write(WireRequest wire)
        {
            Encoding.UTF8.GetBytes(Prompt, wire.GetSpan(Prompt.Length));
            wire.Advance(Prompt.Length);
        }
    }

    [Theory]
    [InlineData(false, 200)]
    [InlineData(true, 200)]
    [InlineData(false, 401)]
    [InlineData(true, 401)]
    [Case(121)]
    public async Task Prompt_AfterCall_IsInNoArrayReturnedToPool(bool isStream, int status)
    {
        int sent = 0;
        int given = 0;
        int holding = 0;
        ByteArrays.Ledger = (array, isRented) =>
        {
            if (isRented)
                return;
            Interlocked.Increment(ref given);
            if (Holds(array))
                Interlocked.Increment(ref holding);
        };
        try
        {
            using var wire = new FaultWire(
                status == 200
                    ? isStream
                        ? Answers.Stream
                        : Answers.WholeAnswer
                    : Answers.Error(status)
            );
            var client = wire.Client(FaultRun.Once);
            try
            {
                if (isStream)
                    await (await client.StreamAsync(Prompt, wire.Token)).ReplyAsync(wire.Token);
                else
                    await client.SendAsync(Prompt, wire.Token);
            }
            catch (LlmException e)
            {
                Assert.Equal(status, e.Status);
            }
            sent = wire.Requests.Count(request => request.Contains(Prompt, StringComparison.Ordinal));
        }
        finally
        {
            ByteArrays.Ledger = null;
        }
        Assert.Equal((1, 0), (sent, holding));
        Assert.True(given >= 2, $"{given}");
    }

    private static bool Holds(byte[] array) => array.AsSpan().IndexOf(Encoding.UTF8.GetBytes(Prompt)) >= 0;
}
