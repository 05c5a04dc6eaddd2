using RawLlm.Protocols;
using RawLlm.Tests.Faults;

namespace RawLlm.Tests.Transport;

/// <summary>Headers that the caller sets, as they are sent.</summary>
public sealed class RequestHeadersTests
{
    [Theory]
    [InlineData("Content-Language", "de")]
    [InlineData("Expires", "0")]
    [InlineData("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT")]
    [InlineData("Content-Type", "application/vnd.x+json")]
    [InlineData("content-type", "application/vnd.x+json")]
    [InlineData("Accept", "x/y")]
    [InlineData("accept", "x/y")]
    [InlineData("Accept-Encoding", "gzip")]
    [InlineData("accept-encoding", "gzip")]
    [InlineData("X-Mine", "1")]
    public async Task Header_SetByCaller_IsSentOnce(string name, string value)
    {
        using var wire = new FaultWire(Answers.WholeAnswer.Fin(), Answers.Stream.Fin());
        var client = wire.Client();
        var request = ChatRequest.Ask("Hi") with { Headers = new Dictionary<string, string> { [name] = value } };
        await client.SendAsync(request, wire.Token);
        await using (var stream = await client.StreamAsync(request, wire.Token))
            await stream.ReplyAsync(wire.Token);
        foreach (string sent in wire.Requests)
        {
            string line = Assert.Single(
                sent[..sent.IndexOf("\r\n\r\n", StringComparison.Ordinal)].Split("\r\n"),
                line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase)
            );
            Assert.Equal(value, line[(name.Length + 2)..]);
        }
    }

    [Theory]
    [InlineData("content-length", "5")]
    [InlineData("Transfer-encoding", "identity")]
    public void SetHeader_LengthOrEncodingOfBody_Throws(string name, string value)
    {
        using var wire = new WireRequest { BaseUrl = new Uri("http://127.0.0.1/") };
        Assert.Throws<ArgumentException>(() => wire.SetHeader(name, value));
    }

    [Fact]
    public async Task ContentHeaders_RequestWithoutBody_AreNotSent()
    {
        using var wire = new FaultWire(Script.OnRequest.Answer(200, "application/json", """{"object":"list","data":[{"id":"a"}]}"""));
        var provider = FaultWire.Compatible() with
        {
            Headers = new Dictionary<string, string> { ["Content-Type"] = "x/y", ["Accept"] = "a/b" },
        };
        Assert.Single(await wire.Client(provider: provider).ListModelsAsync(wire.Token));
        Assert.DoesNotContain("Content-Type", wire.Requests[0], StringComparison.OrdinalIgnoreCase);
        Assert.Contains("Accept: a/b\r\n", wire.Requests[0], StringComparison.Ordinal);
        Assert.DoesNotContain("application/json", wire.Requests[0], StringComparison.Ordinal);
    }
}
