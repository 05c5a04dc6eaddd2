using RawLlm.Protocols;

namespace RawLlm.Tests.Protocols.Errors;

/// <summary>Reads like chat completions and always writes the same request, so that tests of answers depend on no writer.</summary>
internal sealed record FixedRequestProtocol : WireProtocol
{
    private readonly ChatCompletionsProtocol _chat = new();

    public override string Name => "fixed";

    public override void WriteRequest(ChatRequest request, bool stream, WireRequest wire) => wire.Url = new Uri(wire.BaseUrl, "chat");

    public override void ReadReply(ReadOnlySpan<byte> body, EventBuffer events) => _chat.ReadReply(body, events);

    public override StreamDecoder CreateDecoder(DecoderOptions? options = null) => _chat.CreateDecoder(options);

    public override bool IsStream(string? mediaType) => _chat.IsStream(mediaType);

    public override bool WriteModelsRequest(WireRequest wire) => _chat.WriteModelsRequest(wire);
}
