using System.Text;
using RawLlm.Protocols;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Protocols.Errors;

/// <summary>Reading an error is total: every input gives an error, and nothing is thrown.</summary>
public sealed class ErrorFuzzTests
{
    private const int Cases = 12_000;

    private static readonly string[] Pieces =
    [
        "{",
        "}",
        "[",
        "]",
        ":",
        ",",
        "\"",
        "\\",
        "null",
        "true",
        "0",
        "-1",
        "1e400",
        "429",
        "\"error\":",
        "\"message\":",
        "\"code\":",
        "\"type\":",
        "\"status\":",
        "\"details\":",
        "\"detail\":",
        "\"metadata\":{\"raw\":",
        "\"retryDelay\":\"1s\"",
        "\"violations\":[{\"quotaId\":\"PerDay\"}]",
        "\"\\ud83d\"",
        "\"\\u0000\"",
        "\u202E",
        "<title",
        "</title>",
        "<",
        "data:",
        "event:",
        "\n",
        "\r",
        " ",
        "\uFEFF",
        "prompt is too long: 9 tokens > ",
        "{r}",
        "try again in 5",
        "s",
        "Error: ",
        "[1113][",
        "x",
        "\"errors\":",
        "\"loc\":",
        "\"msg\":",
        "\"response\":",
        "\"choices\":",
        "b'{",
        "\\n",
        "\\xe4",
        "\"__type\":\"XException\"",
        "\"Output\":",
        "\"base_resp\":{\"status_code\":",
        "\"provider\":\"x\"",
        "x error: ",
        "Error from provider",
        "{'error': '",
        "Error code: 429 - ",
        "'message': \"",
        "\\U0001f600",
        "\\'",
        "None",
        "[code] ",
        "Model ",
        " does not exist",
        "余额不足",
    ];

    [Theory]
    [InlineData(1UL)]
    [InlineData(0x9E3779B97F4A7C15UL)]
    public void Read_RandomBytes_NeverThrows(ulong seed)
    {
        var seeds = ErrorShapeTests.Shapes.Select(row => Encoding.UTF8.GetBytes((string)row[2]!)).ToArray();
        ulong state = seed;
        for (int i = 0; i < Cases; i++)
        {
            ulong before = state;
            byte[] body = Make(seeds, ref state);
            int status = (int)(Next(ref state) % 700);
            KeyValuePair<string, string>[] headers =
            [
                new("retry-after", Text(body, 0, 40)),
                new("retry-after-ms", Text(body, 5, 20)),
                new("x-ratelimit-" + Text(body, 3, 20), Text(body, 9, 30)),
                new("x-ratelimit-reset-requests", Text(body, 11, 30)),
                new("x-ratelimit-remaining-requests", "0"),
                new("ratelimit", Text(body, 2, 60)),
                new("date", Text(body, 4, 30)),
                new("location", Text(body, 0, 60)),
                new("x-amzn-errortype", Text(body, 1, 30)),
                new("x-request-id", Text(body, 0, 9)),
            ];
            try
            {
                Check(ErrorReader.Read(status, headers, body));
                Check(ErrorReader.ReadInBody(body, inStream: (i & 1) == 0, code: Text(body, 0, 20)));
                Check(ErrorReader.ReadRedirect(307, headers, (i & 1) == 0 ? null : new Uri("https://service.example/v1")));
                _ = ContentTypeCheck.Check(200, "text/html", body);
                _ = ResponseHead.RateLimits(headers);
                var wait = ResponseHead.RetryAfter(headers);
                Assert.True(wait is null || (wait >= TimeSpan.Zero && wait <= TimeSpan.FromDays(3650)));
            }
            catch (Exception e) when (e is not Xunit.Sdk.XunitException)
            {
                Assert.Fail($"seed={seed} case={i} state={before} body={Convert.ToHexString(body)}: {e}");
            }
        }
    }

    [Fact]
    public void RetryAfter_RandomDates_NeverThrows()
    {
        ulong state = 77;
        string[] parts =
        [
            "2026",
            "-",
            "01",
            "T",
            ":",
            ".",
            "Z",
            "+02:00",
            "Fri, ",
            "30 Jan",
            " ",
            "GMT",
            "9999999999",
            "0",
            "ms",
            "h",
            "µs",
            "1",
        ];
        for (int i = 0; i < 20_000; i++)
        {
            var text = new StringBuilder();
            for (int length = (int)(Next(ref state) % 9); length >= 0; length--)
                text.Append(parts[Next(ref state) % (ulong)parts.Length]);
            KeyValuePair<string, string>[] headers =
            [
                new("date", "Fri, 30 Jan 2026 07:57:28 GMT"),
                new("retry-after", text.ToString()),
                new("x-ratelimit-reset", text.ToString()),
                new("x-ratelimit-remaining", "0"),
            ];
            Assert.True(ResponseHead.RetryAfter(headers) is null or { Ticks: >= 0 }, text.ToString());
            Assert.Equal(0, ResponseHead.RateLimits(headers)?.Requests?.Remaining ?? 0);
        }
    }

    private static void Check(LlmException error)
    {
        Assert.True(error.Message.Length < 1000, error.Message);
        Assert.DoesNotContain(error.Message, c => char.IsControl(c) || c is '\u202E' or '\uFEFF');
        Assert.True(error.ProviderCode is null or { Length: <= 128 });
        Assert.True(error.RequestId is null or { Length: <= 128 });
    }

    private static byte[] Make(byte[][] seeds, ref ulong state)
    {
        if (Next(ref state) % 3 == 0)
        {
            var text = new StringBuilder();
            for (int count = (int)(Next(ref state) % 40); count > 0; count--)
                text.Append(Pieces[Next(ref state) % (ulong)Pieces.Length]);
            return Encoding.UTF8.GetBytes(text.ToString());
        }
        var bytes = seeds[Next(ref state) % (ulong)seeds.Length].ToList();
        for (int count = (int)(Next(ref state) % 8); count >= 0 && bytes.Count > 0; count--)
        {
            int at = (int)(Next(ref state) % (ulong)bytes.Count);
            switch (Next(ref state) % 6)
            {
                case 0:
                    bytes[at] ^= (byte)(1 << (int)(Next(ref state) % 8));
                    break;
                case 1:
                    bytes.RemoveAt(at);
                    break;
                case 2:
                    bytes.Insert(at, (byte)Next(ref state));
                    break;
                case 3:
                    bytes.RemoveRange(at, bytes.Count - at);
                    break;
                case 4:
                    bytes.InsertRange(at, Encoding.UTF8.GetBytes(Pieces[Next(ref state) % (ulong)Pieces.Length]));
                    break;
                case 5:
                    bytes.InsertRange(at, bytes.Take(at).ToArray());
                    break;
            }
        }
        return [.. bytes];
    }

    private static string Text(byte[] body, int start, int length) =>
        start >= body.Length ? "" : Encoding.Latin1.GetString(body, start, Math.Min(length, body.Length - start));

    // SplitMix64: the same numbers on every runtime.
    private static ulong Next(ref ulong state)
    {
        ulong z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
