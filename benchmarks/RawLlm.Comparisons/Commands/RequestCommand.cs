using System.Buffers;
using System.ClientModel;
using System.ClientModel.Primitives;
using System.CommandLine;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using OpenAI;
using OpenAI.Chat;
using RawLlm.Comparisons.Requests;
using RawLlm.Comparisons.Results;
using RawLlm.Protocols;

namespace RawLlm.Comparisons.Commands;

/// <summary><c>request</c>: the cost of writing the request of a long conversation and passing it to HTTP.</summary>
internal sealed class RequestCommand : MeasuringCommand
{
    private const string Copy = "memcpy of the body";
    private const string Transcode = Names.Transcoding;
    private const string Writing = "rawllm, writing alone";
    private const string Sending = Names.Sending;
    private const string Growing = Names.Growing;
    private const string GrowingAlone = "rawllm, writing alone, one message more each time";
    private const string Platform = "Utf8JsonWriter, writing alone";
    private const string PlatformSending = Names.PlatformSending;
    private const string Ready = "HttpClient, body ready";
    private const string Sdk = Names.Sdk;

    private const int Steps = 20;

    // Enough repetitions to replace what the others left in the caches; the same for all.
    private const int Repeats = 4;

    public RequestCommand()
        : base("request", "A request of 200 messages and 20 tools on chat completions: writing it, and passing it to HTTP.") { }

    protected override Task<Report> MeasureAsync(ParseResult parsed, bool isQuick)
    {
        var conversation = new LongConversation(messages: 200, tools: 20);
        var protocol = new ChatCompletionsProtocol();
        var provider = Providers.OpenAICompatible("http://127.0.0.1/v1/", "k");
        var request = conversation.Request;

        using var handler = new DiscardingHandler();
        using var http = new HttpClient(handler);
        var sdk = new ChatClient(
            LongConversation.Model,
            new ApiKeyCredential("k"),
            new OpenAIClientOptions { Endpoint = provider.BaseUrl, Transport = new HttpClientPipelineTransport(http) }
        );
        using var client = new LlmClient(provider, LongConversation.Model, http: http);
        var platform = new ArrayBufferWriter<byte>(1 << 20);

        byte[] body = Capture(handler, () => Wait(client.SendAsync(request)));
        Check(
            "the OpenAI package",
            body,
            Capture(handler, () => Wait(sdk.CompleteChatAsync(conversation.SdkMessages, conversation.SdkOptions)))
        );
        PlatformWriter.Write(request, platform);
        Check("Utf8JsonWriter", body, platform.WrittenSpan.ToArray());

        byte[] copy = new byte[body.Length];
        var strings = conversation.Strings();
        byte[] transcoded = new byte[body.Length * 3];
        List<LlmClient> fresh = [];
        LlmClient? growing = null;
        List<ChatRequest> grown = [];
        var alternatives = new List<Alternative>
        {
            Repeated(Copy, () => body.CopyTo(copy, 0)),
            Repeated(Transcode, () => Transcoded(strings, transcoded)),
            Repeated(Writing, () => Write(protocol, request, provider)),
            Repeated(
                Platform,
                () =>
                {
                    platform.ResetWrittenCount();
                    PlatformWriter.Write(request, platform);
                }
            ),
            Repeated(Ready, () => Send(http, provider, body)),
            new(
                Sending,
                Repeats,
                () =>
                {
                    foreach (var one in fresh)
                        Wait(one.SendAsync(request));
                },
                () =>
                {
                    // Clients that have sent nothing yet; what a client keeps of its last request is measured below.
                    foreach (var one in fresh)
                        one.Dispose();
                    fresh = [.. Enumerable.Range(0, Repeats).Select(_ => new LlmClient(provider, LongConversation.Model, http: http))];
                }
            ),
            Repeated(
                PlatformSending,
                () =>
                {
                    platform.ResetWrittenCount();
                    PlatformWriter.Write(request, platform);
                    Send(http, provider, platform.WrittenMemory);
                }
            ),
            Repeated(Sdk, () => Wait(sdk.CompleteChatAsync(conversation.SdkMessages, conversation.SdkOptions))),
            new(
                GrowingAlone,
                Steps,
                () =>
                {
                    foreach (var step in grown)
                        Write(protocol, step, provider);
                },
                () => grown = conversation.Grow(Steps)
            ),
            new(
                Growing,
                Steps,
                () =>
                {
                    foreach (var step in grown)
                        Wait(growing!.SendAsync(step));
                },
                () =>
                {
                    // A client that has sent the conversation without the added messages.
                    growing?.Dispose();
                    growing = new LlmClient(provider, LongConversation.Model, http: http);
                    Wait(growing.SendAsync(request));
                    grown = conversation.Grow(Steps);
                }
            ),
        };
        CheckGrown(handler, provider, conversation, protocol);
        var timings = Turns.Measure(alternatives, TimeSpan.FromSeconds(isQuick ? 8 : 30)).ToDictionary(timing => timing.Name);
        foreach (var one in fresh)
            one.Dispose();
        growing?.Dispose();
        double mine = timings[Sending].Median;
        var table = new Table(
            Names.LongRequest,
            "way",
            [new(Names.MedianMicroseconds, 1), new("least µs", 1), new("of LlmClient", 2), new("B a request")],
            [
                .. alternatives.Select(way =>
                    timings[way.Name] is var timing
                        ? new Row(
                            way.Name,
                            [timing.Median / 1000, timing.Least / 1000, timing.Median / mine, (double)timing.Bytes / way.Operations]
                        )
                        : null!
                ),
            ]
        );
        return Task.FromResult(
            new Report(
                Name,
                $"{body.Length:N0} bytes of JSON, the same for all contenders (messages and tools are compared as JSON first). LlmClient, HttpClient and the package send to a handler that discards the body and answers at once, so their figures include reading a short reply. The growing conversation is {Steps} requests of one client, each with one message more, after one that is not measured.",
                [table],
                [
                    new("request: LlmClient, against the OpenAI package", timings[Sdk].Median / mine, 3, IsLeast: true, "x"),
                    new("request: writing it, allocated", timings[Writing].Bytes / (double)Repeats, 1024, IsLeast: false, "B"),
                    new(
                        "request: one message more, LlmClient, against the OpenAI package",
                        timings[Sdk].Median / timings[Growing].Median,
                        20,
                        IsLeast: true,
                        "x"
                    ),
                ]
            )
        );
    }

    private static Alternative Repeated(string name, Action run) =>
        new(
            name,
            Repeats,
            () =>
            {
                for (int i = 0; i < Repeats; i++)
                    run();
            }
        );

    private static void Write(ChatCompletionsProtocol protocol, ChatRequest request, Provider provider)
    {
        using var wire = new WireRequest { BaseUrl = provider.BaseUrl };
        protocol.WriteRequest(request, stream: false, wire);
    }

    private static void Transcoded(List<string> strings, byte[] buffer)
    {
        int length = 0;
        foreach (string text in strings)
            length += Encoding.UTF8.GetBytes(text, buffer.AsSpan(length));
    }

    private static void Send(HttpClient http, Provider provider, ReadOnlyMemory<byte> body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(provider.BaseUrl, "chat/completions"))
        {
            Content = new ReadOnlyMemoryContent(body),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer k");
        using var response = Wait(http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead));
        using var reply = response.Content.ReadAsStream();
        Span<byte> buffer = stackalloc byte[512];
        while (reply.Read(buffer) > 0) { }
    }

    // A client that reuses earlier bodies must send the same bytes as one that does not.
    private static void CheckGrown(
        DiscardingHandler handler,
        Provider provider,
        LongConversation conversation,
        ChatCompletionsProtocol protocol
    )
    {
        using var http = new HttpClient(handler, disposeHandler: false);
        using var client = new LlmClient(provider, LongConversation.Model, http: http);
        foreach (var request in conversation.Grow(Steps).Prepend(conversation.Request))
        {
            byte[] sent = Capture(handler, () => Wait(client.SendAsync(request)));
            using var wire = new WireRequest { BaseUrl = provider.BaseUrl };
            provider.Protocol.WriteRequest(request, stream: false, wire);
            if (!wire.Body.Span.SequenceEqual(sent))
            {
                throw new DisagreementException(
                    $"After the client has sent {request.Messages.Count - 1} of {request.Messages.Count} messages, its next request differs from what the wire writes."
                );
            }
        }
    }

    private static byte[] Capture(DiscardingHandler handler, Action send)
    {
        using var kept = new MemoryStream();
        handler.Kept = kept;
        send();
        handler.Kept = null;
        return kept.ToArray();
    }

    private static void Check(string whose, byte[] mine, byte[] other)
    {
        var (left, right) = (JsonNode.Parse(mine)!, JsonNode.Parse(other)!);
        foreach (string member in (string[])["model", "messages", "tools"])
        {
            if (!JsonNode.DeepEquals(WithoutNulls(left[member]), WithoutNulls(right[member])))
                throw new DisagreementException($"The library and {whose} write different {member}.");
        }
    }

    // A message with calls only has either no content or null content; both are equivalent.
    private static JsonNode? WithoutNulls(JsonNode? node)
    {
        switch (node)
        {
            case JsonArray array:
                foreach (var item in array)
                    WithoutNulls(item);
                break;
            case JsonObject members:
                foreach (string name in members.Where(member => member.Value is null).Select(member => member.Key).ToList())
                    members.Remove(name);
                foreach (var (_, value) in members)
                    WithoutNulls(value);
                break;
        }
        return node;
    }

    private static T Wait<T>(Task<T> task) => task.GetAwaiter().GetResult();
}
