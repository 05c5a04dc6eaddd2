using System.Text;

namespace RawLlm.Tests.Support;

/// <summary>A body that ignores both its token and its disposal: a read ends only when the gate is opened.</summary>
internal sealed class DeafStream(string text) : ReadOnlyStream
{
    private ReadOnlyMemory<byte> _rest = Encoding.UTF8.GetBytes(text);

    /// <summary>Completes when a read waits.</summary>
    public TaskCompletionSource Asked { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Lets the reads continue, on the thread that completes it.</summary>
    public TaskCompletionSource Gate { get; } = new();

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (buffer.IsEmpty)
            return 0;
        Asked.TrySetResult();
        await Gate.Task.ConfigureAwait(false);
        int count = Math.Min(buffer.Length, _rest.Length);
        _rest[..count].CopyTo(buffer);
        _rest = _rest[count..];
        return count;
    }
}
