using RawLlm.Tests.Support;

namespace RawLlm.Tests.Contract;

/// <summary>A base URL that was pasted with the wire's whole path still leads to the list of models next to it.</summary>
public sealed class PastedAddressTests
{
    public static TheoryData<string, string, string> Addresses =>
        new()
        {
            { "chat-completions", "https://h.example.org/v1/chat/completions", "https://h.example.org/v1/models" },
            { "responses", "https://h.example.org/v1/responses", "https://h.example.org/v1/models" },
            { "anthropic", "https://h.example.org/proxy/v1/messages", "https://h.example.org/proxy/v1/models?limit=1000" },
            { "ollama", "http://localhost:11434/api/chat", "http://localhost:11434/api/tags" },
            { "ollama", "http://localhost:11434/api", "http://localhost:11434/api/tags" },
        };

    [Theory]
    [MemberData(nameof(Addresses))]
    public async Task ListModels_BaseUrlWithWirePath_UsesModelsUrlNextToIt(string wire, string baseUrl, string expected)
    {
        using var service = MockService.Json("""{"data":[{"id":"m"}]}""");
        using var client = new LlmClient(
            new Provider("h", new(baseUrl), Wire.WireProtocols.Get(wire), Credential.None),
            "m",
            null,
            service.Http
        );

        Assert.Equal("m", Assert.Single(await client.ListModelsAsync()).Id);

        Assert.Equal("GET " + expected, service.Head.Split('\n')[0]);
    }
}
