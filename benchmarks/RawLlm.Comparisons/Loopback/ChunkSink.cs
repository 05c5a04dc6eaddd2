namespace RawLlm.Comparisons.Loopback;

/// <summary>Counts the chunks of many streams together and signals when all have arrived.</summary>
internal sealed class ChunkSink(long expected) : TextSink
{
    private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _lines;

    /// <summary>Completes when all chunks have arrived.</summary>
    public Task All => _all.Task;

    public override void Text(ReadOnlySpan<byte> utf8) => Add(2);

    public override void Text(string text) => Add(2);

    // Each chunk ends with two line feeds. A chunk may be split anywhere, a line feed cannot.
    public override void Raw(ReadOnlySpan<byte> bytes) => Add(bytes.Count((byte)'\n'));

    private void Add(int lines)
    {
        if (lines > 0 && Interlocked.Add(ref _lines, lines) >= 2 * expected)
            _all.TrySetResult();
    }
}
