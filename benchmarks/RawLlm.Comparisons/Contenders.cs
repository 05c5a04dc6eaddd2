using System.ClientModel;
using System.ClientModel.Primitives;
using System.Net;
using System.Net.ServerSentEvents;
using System.Text;
using System.Text.Json;
using Anthropic;
using Anthropic.Models.Messages;
using OpenAI;
using OpenAI.Chat;
using RawLlm.Comparisons.Recorded;
using RawLlm.Comparisons.Results;
using RawLlm.Protocols;
using RawLlm.Traffic;

namespace RawLlm.Comparisons;

/// <summary>The ways to read a stream: the library's, floors, and rivals that support the wire.</summary>
internal static class Contenders
{
    public const string Buffer = "rawllm buffer";
    public const string BufferOff = "rawllm buffer, prediction off";
    public const string Stream = Names.Stream;
    public const string StreamOff = "rawllm 4 KiB, prediction off";
    public const string PerChunk = "rawllm per chunk";
    public const string Strings = "rawllm strings 4 KiB";
    public const string Newlines = Names.Newlines;
    public const string Checksum = "checksum";
    public const string Tokens = Names.Advancing;
    public const string Parser = Names.ParserStream;
    public const string ParserPerChunk = "SseParser + System.Text.Json per chunk";
    public const string OpenAISdk = Names.OpenAIStream;
    public const string OpenAISdkPerChunk = "OpenAI SDK per chunk";
    public const string AnthropicSdk = Names.AnthropicStream;
    public const string Floor = "floor";
    public const string WholeStream = "rawllm whole";
    public const string ParserWhole = "SseParser + System.Text.Json whole";
    public const string SdkWhole = "package whole";
    public const string SdkPerChunk = "package per chunk";

    public static IEnumerable<Contender> For(Workload workload)
    {
        var protocol = workload.Protocol;
        bool isChat = protocol is ChatCompletionsProtocol;
        bool isFirstChoice = workload.Shape.Choices.Count == 1;
        yield return new(Buffer, shape => Decode(protocol, shape, prediction: true));
        yield return new(BufferOff, shape => Decode(protocol, shape, prediction: false));
        yield return new(Stream, shape => Wait(ReadAsync(protocol, shape, ReadPattern.FourKibibytes, prediction: true)));
        yield return new(StreamOff, shape => Wait(ReadAsync(protocol, shape, ReadPattern.FourKibibytes, prediction: false)));
        yield return new(PerChunk, shape => Wait(ReadAsync(protocol, shape, ReadPattern.PerChunk, prediction: true)));
        if (workload.Shape.Choices[0].Calls.Count == 0)
            yield return new(Strings, shape => Wait(TextAsync(protocol, shape)), Checks: isFirstChoice);
        if (protocol is ConverseProtocol)
        {
            yield return new(Checksum, shape => Framing.Crc32.Compute(shape.Bytes.Span), Checks: false);
        }
        else
        {
            yield return new(Newlines, FindNewlines, Checks: false);
            yield return new(Tokens, Advance, Checks: false);
        }
        if (isChat || protocol is AnthropicProtocol)
        {
            yield return new(Parser, shape => Parse(protocol, shape, ReadPattern.FourKibibytes));
            yield return new(ParserPerChunk, shape => Parse(protocol, shape, ReadPattern.PerChunk));
        }
        if (isChat)
        {
            yield return new(OpenAISdk, shape => Wait(OpenAIAsync(shape, ReadPattern.FourKibibytes)));
            yield return new(OpenAISdkPerChunk, shape => Wait(OpenAIAsync(shape, ReadPattern.PerChunk)));
        }
        if (protocol is AnthropicProtocol)
            yield return new(AnthropicSdk, shape => Wait(AnthropicAsync(shape, ReadPattern.FourKibibytes)));
    }

    /// <summary>
    /// The readers of a real service's recording. If the service reported an error or broke off, the library's own readers count as
    /// finished there.
    /// </summary>
    public static IEnumerable<Contender> For(Recording recording)
    {
        var protocol = recording.Protocol;
        bool isChat = protocol is ChatCompletionsProtocol;
        bool isBinary = protocol is ConverseProtocol or BedrockInvokeProtocol;
        yield return new(Floor, isBinary ? shape => Framing.Crc32.Compute(shape.Bytes.Span) : FindNewlines);
        if (!isBinary)
            yield return new(Tokens, Advance);
        yield return new(Buffer, shape => UntilError(() => Decode(protocol, shape, prediction: true)));
        yield return new(BufferOff, shape => UntilError(() => Decode(protocol, shape, prediction: false)));
        yield return new(WholeStream, shape => UntilError(() => Wait(ReadAsync(protocol, shape, ReadPattern.Whole, prediction: true))));
        yield return new(PerChunk, shape => UntilError(() => Wait(ReadAsync(protocol, shape, ReadPattern.PerChunk, prediction: true))));
        if (isChat || protocol is AnthropicProtocol)
        {
            yield return new(ParserWhole, shape => Parse(protocol, shape, ReadPattern.Whole));
            yield return new(ParserPerChunk, shape => Parse(protocol, shape, ReadPattern.PerChunk));
            yield return new(
                SdkWhole,
                shape => Wait(isChat ? OpenAIAsync(shape, ReadPattern.Whole) : AnthropicAsync(shape, ReadPattern.Whole))
            );
            yield return new(
                SdkPerChunk,
                shape => Wait(isChat ? OpenAIAsync(shape, ReadPattern.PerChunk) : AnthropicAsync(shape, ReadPattern.PerChunk))
            );
        }
    }

    private static long UntilError(Func<long> read)
    {
        try
        {
            return read();
        }
        catch (LlmException)
        {
            return 0;
        }
    }

    private static long Decode(WireProtocol protocol, TrafficShape shape, bool prediction)
    {
        using var decoder = protocol.CreateDecoder(new DecoderOptions { Prediction = prediction });
        decoder.Append(shape.Bytes);
        decoder.Complete();
        long length = 0;
        while (decoder.TryRead())
        {
            var e = decoder.Current;
            if (e.Kind is StreamEventKind.Text or StreamEventKind.Reasoning or StreamEventKind.ToolArguments)
                length += e.Utf8.Length;
        }
        return length;
    }

    private static async Task<long> ReadAsync(WireProtocol protocol, TrafficShape shape, ReadPattern reads, bool prediction)
    {
        long length = 0;
        await foreach (
            var e in new ChatStream(new TrafficStream(shape, reads), protocol.CreateDecoder(new DecoderOptions { Prediction = prediction }))
        )
        {
            if (e.Kind is StreamEventKind.Text or StreamEventKind.Reasoning or StreamEventKind.ToolArguments)
                length += e.Utf8.Length;
        }
        return length;
    }

    private static async Task<long> TextAsync(WireProtocol protocol, TrafficShape shape)
    {
        long length = 0;
        await foreach (
            string piece in new ChatStream(new TrafficStream(shape, ReadPattern.FourKibibytes), protocol.CreateDecoder()).TextAsync()
        )
        {
            length += Encoding.UTF8.GetByteCount(piece);
        }

        return length;
    }

    private static long FindNewlines(TrafficShape shape)
    {
        var rest = shape.Bytes.Span;
        long count = 0;
        for (int at; (at = rest.IndexOf((byte)'\n')) >= 0; rest = rest[(at + 1)..])
            count++;
        return count;
    }

    private static long Advance(TrafficShape shape)
    {
        var rest = shape.Bytes.Span;
        long count = 0;
        for (int at; (at = rest.IndexOf((byte)'\n')) >= 0; rest = rest[(at + 1)..])
        {
            // A line of server-sent events or of JSON lines.
            int start =
                rest.StartsWith("data: {"u8) ? 6
                : rest.StartsWith("{"u8) ? 0
                : -1;
            if (start < 0)
                continue;
            var reader = new Utf8JsonReader(rest[start..at]);
            while (reader.Read())
                count++;
        }
        return count;
    }

    private static long Parse(WireProtocol protocol, TrafficShape shape, ReadPattern reads)
    {
        long length = 0;
        bool isChat = protocol is ChatCompletionsProtocol;
        foreach (
            var item in SseParser
                .Create(new TrafficStream(shape, reads), (_, data) => isChat ? ReadChat(data) : ReadMessage(data))
                .Enumerate()
        )
        {
            length += item.Data;
        }

        return length;
    }

    private static int ReadChat(ReadOnlySpan<byte> data)
    {
        if (data.SequenceEqual("[DONE]"u8))
            return 0;
        var chunk = JsonSerializer.Deserialize(data, WireContext.Default.ChatChunk)!;
        int length = 0;
        foreach (var choice in chunk.Choices ?? [])
        {
            length += choice.Delta?.Content is { } text ? Encoding.UTF8.GetByteCount(text) : 0;
            foreach (var call in choice.Delta?.ToolCalls ?? [])
                length += call.Function?.Arguments is { } arguments ? Encoding.UTF8.GetByteCount(arguments) : 0;
        }
        return length;
    }

    private static int ReadMessage(ReadOnlySpan<byte> data)
    {
        var e = JsonSerializer.Deserialize(data, WireContext.Default.MessageEvent)!;
        return (e.Delta?.Text ?? e.Delta?.PartialJson) is { } text ? Encoding.UTF8.GetByteCount(text) : 0;
    }

    private static async Task<long> OpenAIAsync(TrafficShape shape, ReadPattern reads)
    {
        using var http = new HttpClient(new ShapeHandler(shape, reads));
        var client = new ChatClient(
            "m",
            new ApiKeyCredential("k"),
            new OpenAIClientOptions { Endpoint = new("http://127.0.0.1/v1"), Transport = new HttpClientPipelineTransport(http) }
        );
        long length = 0;
        await foreach (var update in client.CompleteChatStreamingAsync([new UserChatMessage("hi")]))
        {
            foreach (var part in update.ContentUpdate)
                length += Encoding.UTF8.GetByteCount(part.Text);
            foreach (var call in update.ToolCallUpdates)
                length += call.FunctionArgumentsUpdate?.ToMemory().Length ?? 0;
        }
        return length;
    }

    private static async Task<long> AnthropicAsync(TrafficShape shape, ReadPattern reads)
    {
        using var http = new HttpClient(new ShapeHandler(shape, reads));
        var client = new AnthropicClient { ApiKey = "k", HttpClient = http };
        long length = 0;
        await foreach (
            var e in client.Messages.CreateStreaming(
                new MessageCreateParams
                {
                    Model = "claude-sonnet-4-5",
                    MaxTokens = 10,
                    Messages = [new UserMessageParam { Content = "hi" }],
                }
            )
        )
        {
            if (!e.TryPickContentBlockDelta(out var delta))
                continue;
            if (delta.Delta.TryPickText(out var text))
                length += Encoding.UTF8.GetByteCount(text.Text);
            else if (delta.Delta.TryPickInputJson(out var json))
                length += Encoding.UTF8.GetByteCount(json.PartialJson);
        }
        return length;
    }

    private static long Wait(Task<long> task) => task.GetAwaiter().GetResult();

    private sealed class ShapeHandler(TrafficShape shape, ReadPattern reads) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var content = new StreamContent(new TrafficStream(shape, reads));
            content.Headers.ContentType = new("text/event-stream");
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK) { Content = content, RequestMessage = request });
        }
    }
}
