using RawLlm.Protocols;
using RawLlm.Tests.Faults;

namespace RawLlm.Tests.Streams;

/// <summary>Streams that are opened a second time, and whose wire then fails.</summary>
public sealed class ReopenedStreamTests
{
    [Fact]
    public async Task Stream_CreateDecoderThrowsOnReopen_ClosesAllConnections()
    {
        using var wire = new FaultWire(Script.OnRequest.Sse().Fin(), Script.OnRequest.Sse().Chunk(Answers.Role).Stall());
        var provider = FaultWire.Compatible();
        var client = wire.Client(provider: provider with { Protocol = new FailingOnce(provider.Protocol) });
        var stream = await client.StreamAsync("Hi", wire.Token);
        await Assert.ThrowsAsync<InvalidOperationException>(async () =>
        {
            while (await stream.ReadAsync(wire.Token)) { }
        });
        Assert.Equal(2, wire.Connections.Count);
        // Before the client and the stream are disposed.
        foreach (var connection in wire.Connections)
            await connection.Closed.WaitAsync(wire.Token);
        await stream.DisposeAsync();
    }

    private sealed record FailingOnce(WireProtocol Inner) : WireProtocol
    {
        private readonly int[] _decoders = [0];

        public override string Name => "failing";

        public override void WriteRequest(ChatRequest request, bool stream, WireRequest wire) => Inner.WriteRequest(request, stream, wire);

        public override void ReadReply(ReadOnlySpan<byte> body, EventBuffer events) => Inner.ReadReply(body, events);

        public override StreamDecoder CreateDecoder(DecoderOptions? options = null) =>
            ++_decoders[0] == 1 ? Inner.CreateDecoder(options) : throw new InvalidOperationException("A wire of one's own.");

        public override bool IsStream(string? mediaType) => Inner.IsStream(mediaType);
    }
}
