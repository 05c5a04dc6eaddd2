using System.Runtime.ExceptionServices;
using RawLlm.Transport;

namespace RawLlm;

/// <summary>The body of a stream whose beginning was read already, and is read again.</summary>
internal sealed class HeldBody : WrappedBody
{
    private byte[]? _held;
    private int _start;
    private int _end;

    private HeldBody(Stream body, byte[] held, int length)
        : base(body)
    {
        _held = held;
        _end = length;
    }

    /// <summary>Reads an answer until something of it has come, and gives it back all from its beginning.</summary>
    /// <param name="answer">The answer, of which nothing was read.</param>
    /// <param name="scout">Reads along.</param>
    /// <param name="most">The most bytes that may come before.</param>
    /// <exception cref="LlmException">It broke off, or says that it failed, before anything came.</exception>
    public static async Task HoldAsync(HttpAnswer answer, StreamScout scout, int most)
    {
        byte[] held = new byte[4096];
        int length = 0;
        try
        {
            while (!scout.HasBegun && !scout.IsEnded)
            {
                if (length == held.Length)
                    Array.Resize(ref held, (int)Math.Min(Array.MaxLength, 2L * length));
                answer.Watchdog.BeginWait(hasProgressed: false);
                int count = await answer.Body.ReadAsync(held.AsMemory(length), answer.Watchdog.Token).ConfigureAwait(false);
                answer.Watchdog.EndWait();
                if (count == 0)
                {
                    // A body that heeds no token is closed in its place, and may then say that it has ended.
                    answer.Watchdog.Token.ThrowIfCancellationRequested();
                    scout.Complete();
                }
                else
                {
                    scout.Feed(held.AsSpan(length, count));
                    length += count;
                    answer.BytesRead = length;
                }
                if (scout.Failure is { } failure && !scout.HasBegun)
                    throw failure;
                if (length > most || length == Array.MaxLength)
                    throw new LlmException(LlmErrorKind.LimitExceeded, "Before anything of the answer came more than LlmLimits.EventBytes allows.") { Limit = LlmLimit.EventBytes, Phase = LlmPhase.AwaitFirstEvent };
                // Nothing but white space: whoever reads it says so.
                if (count == 0)
                    break;
            }
        }
        catch (Exception e)
        {
            ExceptionDispatchInfo.Throw(HttpFailure.Translate(e, LlmPhase.AwaitFirstEvent, answer.Watchdog, answer.CancellationToken));
        }
        // They are read and counted once more.
        answer.BytesRead = 0;
        answer.Body = new HeldBody(answer.Body, held, length);
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_held is not { } held)
            return Body.ReadAsync(buffer, cancellationToken);
        int count = Math.Min(buffer.Length, _end - _start);
        held.AsSpan(_start, count).CopyTo(buffer.Span);
        _start += count;
        if (_start == _end)
            _held = null;
        return new(count);
    }
}
