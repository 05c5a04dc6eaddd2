namespace RawLlm.Native;

/// <summary>Streams a chat with the library.</summary>
internal static class RawLlmProgram
{
    private static async Task Main(string[] arguments)
    {
        using var output = Console.OpenStandardOutput();
        using var client = new LlmClient(Providers.OpenAICompatible(arguments[0], "k"), "m");
        await using var stream = await client.StreamAsync("Why is the sky blue?");
        await foreach (var e in stream)
        {
            if (e.Kind == StreamEventKind.Text)
                output.Write(e.Utf8);
        }
    }
}
