using System.Buffers;
using System.Net.Http.Headers;
using System.Net.ServerSentEvents;
using System.Text.Json;

namespace RawLlm.Comparisons.Loopback;

/// <summary>The platform's client: bare, or with its parser for server-sent events and a generated serializer.</summary>
internal sealed class HttpLoopbackClient(string name, string server, bool isHttp2, HttpReading reading) : LoopbackClient(name)
{
    private static readonly byte[] Body =
        """{"model":"m","messages":[{"role":"user","content":"hi"}],"stream":true,"stream_options":{"include_usage":true}}"""u8.ToArray();

    private readonly HttpClient _http = new(LoopbackClients.CreateHandler(isHttp2));

    public override async Task ReadAsync(string path, TextSink sink)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{server}{path}/v1/chat/completions")
        {
            Content = new ByteArrayContent(Body),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer k");
        request.Headers.TryAddWithoutValidation("Accept", "text/event-stream");
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead).ConfigureAwait(false);
        using var body = await response.Content.ReadAsStreamAsync().ConfigureAwait(false);
        await (
            reading switch
            {
                HttpReading.Parsed => ParseAsync(body, sink),
                HttpReading.Unbuffered => WaitAndDrainAsync(body, sink),
                _ => DrainAsync(body, sink),
            }
        ).ConfigureAwait(false);
    }

    public override void Dispose() => _http.Dispose();

    private static async Task DrainAsync(Stream body, TextSink sink)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(4096);
        for (int count; (count = await body.ReadAsync(buffer).ConfigureAwait(false)) > 0; )
            sink.Raw(buffer.AsSpan(0, count));
        ArrayPool<byte>.Shared.Return(buffer);
    }

    private static async Task WaitAndDrainAsync(Stream body, TextSink sink)
    {
        while (true)
        {
            await body.ReadAsync(Memory<byte>.Empty).ConfigureAwait(false);
            byte[] buffer = ArrayPool<byte>.Shared.Rent(4096);
            int count = await body.ReadAsync(buffer).ConfigureAwait(false);
            sink.Raw(buffer.AsSpan(0, count));
            ArrayPool<byte>.Shared.Return(buffer);
            if (count == 0)
                return;
        }
    }

    private static async Task ParseAsync(Stream body, TextSink sink)
    {
        var parser = SseParser.Create(
            body,
            (_, data) => data.SequenceEqual("[DONE]"u8) ? null : JsonSerializer.Deserialize(data, WireContext.Default.ChatChunk)
        );
        await foreach (var item in parser.EnumerateAsync().ConfigureAwait(false))
        {
            foreach (var choice in item.Data?.Choices ?? [])
            {
                if (choice.Delta?.Content is { Length: > 0 } text)
                    sink.Text(text);
            }
        }
    }
}
