using RawLlm.Tests.Support;
using RawLlm.Tests.Wire;

namespace RawLlm.Tests.Transport;

/// <summary>A client builds the address of a conversation once for each model; what goes out is the same as if it built it each time.</summary>
public sealed class KnownAddressTests
{
    private static readonly (string Model, bool IsStream)[] Calls = [("m", true), ("m", true), ("n", true), ("m", false), ("m", false), ("n", false), ("m", true)];

    public static TheoryData<string> Wires => new("anthropic", "converse", "bedrock-invoke", "chat-completions", "responses", "gemini", "ollama");

    [Theory]
    [MemberData(nameof(Wires))]
    public async Task Calls_OfOneClient_GoWhereThoseOfANewOneGo(string wire)
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
    public async Task Model_ThatCannotStandInAnAddress_IsRefusedAlsoAfterAGoodOne()
    {
        using var service = new SequencedService("{}", "{}");
        using var client = service.Client(new Provider("h", new("https://h.example.org/p"), WireProtocols.Get("gemini"), Credential.None), options: new() { Retries = LlmRetries.None });
        await AskAsync(client, "m", isStream: true);
        for (int i = 0; i < 2; i++)
            await Assert.ThrowsAsync<ArgumentException>(() => client.StreamAsync(new ChatRequest { Model = " ", Messages = [Message.User("hi")] }));
        await AskAsync(client, "m", isStream: true);
        Assert.Equal(service.Lines[0], service.Lines[1]);
    }

    // The answer is nobody's: what counts is where the request went.
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
        catch (LlmException)
        {
        }
    }
}
