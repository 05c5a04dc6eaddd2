namespace RawLlm.Tests.Faults;

/// <summary>Runs one call against a scripted network.</summary>
internal static class FaultRun
{
    /// <summary>A single attempt, so that the error is that of the fault itself.</summary>
    public static LlmClientOptions Once { get; } = new() { Retries = LlmRetries.None };

    public static async Task<LlmException> WholeFails(FaultWire wire, LlmClientOptions? options = null) =>
        await Assert.ThrowsAsync<LlmException>(() => wire.Client(options ?? Once).SendAsync("Hi", wire.Token));

    /// <summary>The text that arrived, and the error that ended it.</summary>
    public static async Task<(string Text, LlmException Error)> StreamFails(FaultWire wire, LlmClientOptions? options = null)
    {
        string text = "";
        var error = await Assert.ThrowsAsync<LlmException>(async () =>
        {
            await using var stream = await wire.Client(options ?? Once).StreamAsync("Hi", wire.Token);
            while (await stream.ReadAsync(wire.Token))
            {
                if (stream.Current.Kind == StreamEventKind.Text)
                    text += stream.Current.ToString();
            }
        });
        return (text, error);
    }

    public static async Task<string> Text(LlmClient client, CancellationToken cancellationToken)
    {
        string text = "";
        await foreach (string piece in client.StreamTextAsync("Hi", cancellationToken))
            text += piece;
        return text;
    }
}
