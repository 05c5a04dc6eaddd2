using System.Security.Cryptography;
using System.Text;
using RawLlm.Protocols;
using RawLlm.Tests.Framing;
using RawLlm.Tests.Support;
using RawLlm.Tests.Wire;
using Xunit.Abstractions;

namespace RawLlm.Tests.Faults;

/// <summary>Streams of all wires with something changed in them: events or an <see cref="LlmException"/>, nothing else, and soon.</summary>
public sealed class CorruptionTests(ITestOutputHelper output)
{
    private const int Share = 40_000;
    private const int Long = 1_000_000;

    private static readonly string Corpus = Path.Combine(Folders.Repository, "tests", "RawLlm.Tests", "Corpus");

    private static readonly byte[][] Tokens = [.. new[] { "\"", "\\", "\\ud83d", "{", "}", "[", "]", ",", ":", "null", "true", "0", "-1", "1e999", "99999999999", "0.5", "\n\n", "\r", "\n", "data: ", "event: error\n", "[DONE]", "\u00ff", "\0", "{\"error\":{}}", "\"index\":4294967294" }.Select(Encoding.UTF8.GetBytes)];

    [Fact]
    [Case(59, 70, 75)]
    public void Streams_Changed_GiveEventsOrTheOneError()
    {
        var seeds = WireCase.All().Where(wireCase => wireCase.ErrorStatus is null).Select(wireCase => (Protocol: WireProtocols.Get(wireCase.Protocol), wireCase.IsStream, Body: wireCase.ReadBody())).Where(seed => seed.Body.Length > 0).ToArray();
        if (Environment.GetEnvironmentVariable("RAWLLM_FUZZ_REPLAY") is { } replay && replay.StartsWith("corruption:", StringComparison.Ordinal))
        {
            Run(seeds, ulong.Parse(replay[11..], System.Globalization.CultureInfo.InvariantCulture));
            return;
        }
        int count = Environment.GetEnvironmentVariable("RAWLLM_LONG") == "1" ? Long : Share;
        double longest = 0;
        long bytes = 0;
        for (int i = 0; i < count; i++)
        {
            ulong seed = (ulong)i;
            long start = System.Diagnostics.Stopwatch.GetTimestamp();
            bytes += Run(seeds, seed);
            longest = Math.Max(longest, System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }
        output.WriteLine($"{count:N0} changed bodies, {bytes:N0} bytes, the slowest took {longest:F0} ms");
    }

    [Fact]
    public void Corpus_OfEarlierFindings_IsReplayed()
    {
        int count = 0;
        foreach (string file in Directory.EnumerateFiles(Corpus, "*.bin", SearchOption.AllDirectories))
        {
            var protocol = WireProtocols.Get(Path.GetFileName(Path.GetDirectoryName(file)!));
            byte[] body = File.ReadAllBytes(file);
            Decode(protocol, isStream: true, body, 1, file);
            Decode(protocol, isStream: true, body, int.MaxValue, file);
            Decode(protocol, isStream: false, body, 1, file);
            count++;
        }
        Assert.True(count >= 5, $"{count}");
    }

    private static int Run((WireProtocol Protocol, bool IsStream, byte[] Body)[] seeds, ulong seed)
    {
        var random = new SplitMix64(seed * 0x9E37 + 1);
        var (protocol, isStream, body) = seeds[random.Below(seeds.Length)];
        byte[] other = seeds[random.Below(seeds.Length)].Body;
        byte[] changed = Change(body, other, ref random);
        int pieces = 1 + random.Below(random.Below(2) == 0 ? 8 : 4096);
        Decode(protocol, isStream, changed, pieces, $"RAWLLM_FUZZ_REPLAY=corruption:{seed}");
        return changed.Length;
    }

    private static byte[] Change(byte[] body, byte[] other, ref SplitMix64 random)
    {
        var bytes = new List<byte>(body);
        for (int i = 1 + random.Below(8); i > 0 && bytes.Count > 0; i--)
        {
            int at = random.Below(bytes.Count);
            int length = Math.Min(1 + random.Below(16), bytes.Count - at);
            switch (random.Below(8))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Below(8));
                    break;
                case 1:
                    bytes.RemoveRange(at, length);
                    break;
                case 2:
                    bytes.InsertRange(at, bytes.GetRange(at, length));
                    break;
                case 3:
                    bytes.InsertRange(at, Tokens[random.Below(Tokens.Length)]);
                    break;
                case 4:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                case 5:
                    // Another answer goes on where this one stopped.
                    bytes.RemoveRange(at, bytes.Count - at);
                    bytes.AddRange(other.AsSpan(Math.Min(other.Length, at)));
                    break;
                case 6:
                    Swap(bytes, ref random);
                    break;
                default:
                    bytes[at] = (byte)random.Below(256);
                    break;
            }
        }
        return [.. bytes];
    }

    // Two events change places.
    private static void Swap(List<byte> bytes, ref SplitMix64 random)
    {
        string text = Encoding.Latin1.GetString([.. bytes]);
        string[] events = text.Split("\n\n");
        if (events.Length < 2)
            return;
        int a = random.Below(events.Length);
        int b = random.Below(events.Length);
        (events[a], events[b]) = (events[b], events[a]);
        bytes.Clear();
        bytes.AddRange(Encoding.Latin1.GetBytes(string.Join("\n\n", events)));
    }

    private static void Decode(WireProtocol protocol, bool isStream, byte[] body, int pieces, string name)
    {
        try
        {
            if (!isStream)
            {
                using var events = new EventBuffer();
                try
                {
                    protocol.ReadReply(body, events);
                }
                finally
                {
                    Drain(events.MoveNext);
                }
                return;
            }
            using var decoder = protocol.CreateDecoder();
            int at = 0;
            while (true)
            {
                Drain(decoder.TryRead);
                if (decoder.IsEnded)
                    return;
                if (at == body.Length)
                {
                    decoder.Complete();
                    continue;
                }
                int length = Math.Min(pieces, body.Length - at);
                body.AsSpan(at, length).CopyTo(decoder.GetSpan(length));
                decoder.Advance(length);
                at += length;
            }
        }
        catch (LlmException)
        {
        }
        catch (Exception e)
        {
            string id = Convert.ToHexStringLower(SHA256.HashData(body))[..16];
            Assert.Fail($"{name} ({protocol.Name}, keep as Corpus/{protocol.Name}/{id}.bin)\n{e}\n{Convert.ToBase64String(body)}");
        }
    }

    private static void Drain(Func<bool> next)
    {
        int events = 0;
        while (next())
            Assert.True(++events < 1_000_000);
    }
}
