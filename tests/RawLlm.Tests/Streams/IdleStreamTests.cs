using System.Text;
using RawLlm.Protocols;
using RawLlm.Transport;

namespace RawLlm.Tests.Streams;

/// <summary>
/// A waiting stream holds no buffer: an empty read waits until there are bytes, and its result does not count as the end.
/// </summary>
public sealed class IdleStreamTests
{
    private const string Chunk = """data: {"choices":[{"index":0,"delta":{"content":"a"}}]}""" + "\n\n";
    private const string End = """data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""" + "\n\ndata: [DONE]\n\n";

    [Fact]
    public async Task Reads_AtEndOfEvent_BeginWithEmptyRead()
    {
        var body = new PieceStream(canWait: true, Chunk, Chunk, End);
        Assert.Equal("aa", await ReadAsync(body));
        Assert.Equal(body.Pieces, body.EmptyReads);
    }

    // Some streams, including decompressing ones, complete an empty read at once.
    [Fact]
    public async Task Reads_EmptyReadCompletesImmediately_Continue() =>
        Assert.Equal("aa", await ReadAsync(new PieceStream(canWait: false, Chunk, Chunk, End)));

    [Fact]
    public async Task Reads_InMiddleOfEvent_KeepBuffer()
    {
        var body = new PieceStream(canWait: true, Chunk[..20], Chunk[20..], End);
        Assert.Equal("a", await ReadAsync(body));
        Assert.Equal(2, body.EmptyReads);
    }

    private static async Task<string> ReadAsync(PieceStream body)
    {
        var watchdog = new Watchdog(LlmTimeouts.Default, TimeProvider.System, isStream: true, CancellationToken.None);
        watchdog.HeadersCame();
        using var answer = new HttpAnswer(
            new HttpResponseMessage { Content = new StreamContent(body) },
            body,
            watchdog,
            CancellationToken.None
        );
        var text = new StringBuilder();
        await foreach (string piece in new ChatStream(answer, new ChatCompletionsProtocol().CreateDecoder()).TextAsync())
            text.Append(piece);
        return text.ToString();
    }

    private sealed class PieceStream(bool canWait, params string[] pieces) : MemoryStream
    {
        private readonly Queue<byte[]> _rest = new(pieces.Select(Encoding.UTF8.GetBytes));

        public int Pieces => pieces.Length;

        public int EmptyReads { get; private set; }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (buffer.IsEmpty)
            {
                EmptyReads++;
                if (canWait)
                    await Task.Yield();
                return 0;
            }
            if (!_rest.TryDequeue(out byte[]? piece))
                return 0;
            piece.CopyTo(buffer);
            return piece.Length;
        }
    }
}
