using System.ClientModel;
using System.ClientModel.Primitives;
using System.Diagnostics;
using System.Net;
using System.Net.ServerSentEvents;
using System.Text.Json;
using OpenAI;
using OpenAI.Chat;
using RawLlm.Comparisons.Results;
using RawLlm.Protocols;

namespace RawLlm.Comparisons.Latency;

/// <summary>The readers whose latency is compared.</summary>
internal static class LatencyReaders
{
    public const string Clock = "the clock alone";
    public const string Utf8 = Names.Utf8;
    public const string Strings = "rawllm strings";
    public const string Parser = Names.Parser;
    public const string Sdk = Names.Sdk;

    public static IReadOnlyList<LatencyReader> All { get; } =
    [
        new(Clock, ReadClockAsync),
        new(Utf8, ReadUtf8Async),
        new(Strings, ReadStringsAsync),
        new(Parser, ReadParsedAsync),
        new(Sdk, ReadSdkAsync),
    ];

    // TimeSpan has a resolution of 100 ns, which is longer than a chunk takes.
    private static double Since(ColdStream stream) => (Stopwatch.GetTimestamp() - stream.ReadAt) * (1e9 / Stopwatch.Frequency);

    private static async Task ReadClockAsync(ColdStream stream, List<double> times)
    {
        byte[] buffer = new byte[4096];
        while (await stream.ReadAsync(buffer) > 0)
            times.Add(Since(stream));
    }

    private static async Task ReadUtf8Async(ColdStream stream, List<double> times)
    {
        await foreach (var e in new ChatStream(stream, new ChatCompletionsProtocol().CreateDecoder()))
        {
            if (e.Kind == StreamEventKind.Text && e.Utf8.Length > 0)
                times.Add(Since(stream));
        }
    }

    private static async Task ReadStringsAsync(ColdStream stream, List<double> times)
    {
        await foreach (string text in new ChatStream(stream, new ChatCompletionsProtocol().CreateDecoder()).TextAsync())
        {
            if (text.Length > 0)
                times.Add(Since(stream));
        }
    }

    private static async Task ReadParsedAsync(ColdStream stream, List<double> times)
    {
        await foreach (
            var item in SseParser
                .Create(
                    stream,
                    (_, data) => data.SequenceEqual("[DONE]"u8) ? null : JsonSerializer.Deserialize(data, WireContext.Default.ChatChunk)
                )
                .EnumerateAsync()
        )
        {
            if (item.Data?.Choices is [{ Delta.Content.Length: > 0 }, ..])
                times.Add(Since(stream));
        }
    }

    private static async Task ReadSdkAsync(ColdStream stream, List<double> times)
    {
        using var http = new HttpClient(new StreamHandler(stream));
        var client = new ChatClient(
            "m",
            new ApiKeyCredential("k"),
            new OpenAIClientOptions { Endpoint = new("http://127.0.0.1/v1"), Transport = new HttpClientPipelineTransport(http) }
        );
        await foreach (var update in client.CompleteChatStreamingAsync([new UserChatMessage("hi")]))
        {
            if (update.ContentUpdate is [{ Text.Length: > 0 }, ..])
                times.Add(Since(stream));
        }
    }

    private sealed class StreamHandler(Stream stream) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var content = new StreamContent(stream);
            content.Headers.ContentType = new("text/event-stream");
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = content, RequestMessage = request });
        }
    }
}
