using RawLlm.Protocols;
using RawLlm.Tests.Support;
using RawLlm.Tests.Wire;

namespace RawLlm.Tests.Calls;

/// <summary>A client builds a conversation's URL once per model; the requests are the same as if it built the URL each time.</summary>
public sealed class KnownAddressTests
{
    private static readonly (string Model, bool IsStream)[] Calls =
    [
        ("m", true),
        ("m", true),
        ("n", true),
        ("m", false),
        ("m", false),
        ("n", false),
        ("m", true),
    ];

    public static TheoryData<string> Wires =>
        new("anthropic", "converse", "bedrock-invoke", "chat-completions", "responses", "gemini", "ollama");

    [Theory]
    [MemberData(nameof(Wires))]
    public async Task Calls_OfReusedClient_UseSameUrlsAsNewClient(string wire)
    {
        var provider = new Provider("h", new("https://h.example.org/p"), WireProtocols.Get(wire), Credential.None);
        using var kept = new SequencedService([.. Calls.Select(_ => "{}")]);
        using var client = kept.Client(provider, options: new() { Retries = LlmRetries.None });
        var expected = new List<string>();
        foreach (var call in Calls)
        {
            using var once = new SequencedService("{}");
            using var fresh = once.Client(provider, options: new() { Retries = LlmRetries.None });
            await AskAsync(fresh, call.Model, call.IsStream);
            expected.AddRange(once.Lines);
            await AskAsync(client, call.Model, call.IsStream);
        }
        Assert.Equal(Calls.Length, expected.Count);
        Assert.Equal(expected, kept.Lines);
    }

    [Fact]
    public async Task Model_InvalidInUrl_IsRejectedAfterValidModel()
    {
        using var service = new SequencedService("{}", "{}");
        using var client = service.Client(
            new Provider("h", new("https://h.example.org/p"), WireProtocols.Get("gemini"), Credential.None),
            options: new() { Retries = LlmRetries.None }
        );
        await AskAsync(client, "m", isStream: true);
        for (int i = 0; i < 2; i++)
        {
            await Assert.ThrowsAsync<ArgumentException>(() =>
                client.StreamAsync(new ChatRequest { Model = " ", Messages = [Message.User("hi")] })
            );
        }

        await AskAsync(client, "m", isStream: true);
        Assert.Equal(service.Lines[0], service.Lines[1]);
    }

    [Fact]
    public async Task Credential_ChangesUrl_ReceivesOriginalUrlEachTime()
    {
        using var service = new SequencedService("{}", "{}", "{}");
        using var client = service.Client(
            new Provider("h", new("https://h.example.org/p"), WireProtocols.Get("chat-completions"), new QueryCredential()),
            options: new() { Retries = LlmRetries.None }
        );
        for (int i = 0; i < 3; i++)
            await AskAsync(client, "m", isStream: true);
        string path = service.Lines[0][..service.Lines[0].IndexOf('?', StringComparison.Ordinal)];
        Assert.Equal([$"{path}?n=1", $"{path}?n=2", $"{path}?n=3"], service.Lines);
    }

    [Fact]
    public async Task CustomProtocol_ChangesUrl_ReceivesOriginalUrlEachTime()
    {
        using var service = new SequencedService("{}", "{}", "{}");
        using var client = service.Client(
            new Provider("h", new("https://h.example.org/p"), new Elsewhere(WireProtocols.Get("chat-completions")), Credential.None),
            options: new() { Retries = LlmRetries.None }
        );
        for (int i = 0; i < 3; i++)
            await AskAsync(client, "m", isStream: true);
        Assert.EndsWith("/more", service.Lines[0], StringComparison.Ordinal);
        Assert.Single(service.Lines.Distinct());
    }

    // The answer does not matter, only where the request was sent.
    private static async Task AskAsync(LlmClient client, string model, bool isStream)
    {
        var request = new ChatRequest { Model = model, Messages = [Message.User("hi")] };
        try
        {
            if (isStream)
                await (await client.StreamAsync(request)).DisposeAsync();
            else
                await client.SendAsync(request);
        }
        catch (LlmException) { }
    }

    /// <summary>A credential that changes the URL, differently each time.</summary>
    private sealed class QueryCredential : Credential
    {
        private int _count;

        public override void Sign(WireRequest request) => request.Url = new Uri($"{request.Url!.AbsoluteUri}?n={++_count}");
    }

    /// <summary>Writes the request of another wire, for another URL.</summary>
    private sealed record Elsewhere(WireProtocol Inner) : WireProtocol
    {
        public override string Name => "elsewhere";

        public override void WriteRequest(ChatRequest request, bool stream, WireRequest wire)
        {
            Inner.WriteRequest(request, stream, wire);
            wire.Url = new Uri(wire.Url!.AbsoluteUri + "/more");
        }

        public override void ReadReply(ReadOnlySpan<byte> body, EventBuffer events) => Inner.ReadReply(body, events);

        public override StreamDecoder CreateDecoder(DecoderOptions? options = null) => Inner.CreateDecoder(options);

        public override bool IsStream(string? mediaType) => Inner.IsStream(mediaType);
    }
}
