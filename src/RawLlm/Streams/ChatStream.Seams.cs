using RawLlm.Protocols;
using RawLlm.Telemetry;

namespace RawLlm;

// For a chain that continues broken streams: how another service's answer replaces the one that broke.
public sealed partial class ChatStream
{
    /// <summary>
    /// The seams so far, where the answer broke and another service took over (<see cref="StreamFailover"/>); usually empty.
    /// </summary>
    /// <remarks>Code that reads only text learns here whether the text before a seam still counts.</remarks>
    public IReadOnlyList<StreamSwitch> Switches => _rareState?.Seams?.Switches ?? [];

    /// <summary>The cost of the current attempt.</summary>
    internal Cost? OwnCost => CostOf(_decoder.Usage, Model);

    /// <summary>Whether it is known why the answer ended, although its end was not read.</summary>
    internal bool IsStopped => _decoder.IsStopped;

    /// <summary>The provider and model, formatted as in an attempt.</summary>
    internal string Endpoint => LlmAttempt.EndpointOf(Client!.Provider, RequestedModel!);

    /// <summary>Lets the stream, from which nothing has been read, continue elsewhere if it breaks.</summary>
    internal void AttachSeams(StreamSeams seams)
    {
        RareState.Seams = seams;
        _body = seams.ObserveBody(_answer!, Client!, _opening!.MediaType);
    }

    /// <summary>Ends the answer that broke.</summary>
    internal void Abort(LlmException failure)
    {
        if (TelemetrySwitch.IsSupported)
            Telemetry?.StreamBroken(failure, Facts());
        // The chain starts the service's back-off now. If no service takes over, the same failure ends the stream much later.
        RareState.Health = null;
        _answer!.Dispose();
        _isReopening = true;
    }

    /// <summary>Gives up the decoder to another stream, which reads the answer from here on (<see cref="Adopt"/>).</summary>
    internal StreamDecoder ReleaseDecoder()
    {
        _joined?.Dispose();
        _joined = null;
        return _decoder;
    }

    /// <summary>Continues with another stream's answer, which is at its beginning, and moves to the seam.</summary>
    /// <param name="next">The other stream, which no other code reads or disposes.</param>
    /// <param name="decoder">Its decoder, with the seam before its events.</param>
    internal void Adopt(ChatStream next, StreamDecoder decoder)
    {
        var answer = next._answer!;
        _decoder.Dispose();
        _decoder = decoder;
        _body = next._body;
        _eventsAtLastWait = _eventCount = 1;
        (Client, RequestedModel) = (next.Client, next.RequestedModel);
        var notes = RareState;
        (notes.Secrets, notes.Earlier, notes.Health) = (next.Secrets, next._rareState?.Earlier, next._rareState?.Health);
        notes.UsesRequestCredential = next.UsesRequestCredential;
        if (TelemetrySwitch.IsSupported)
            notes.Telemetry = next.Telemetry;
        SetAnswer(answer);
        Interlocked.MemoryBarrier();
        if (_isDisposed != 0)
        {
            answer.Dispose();
            throw new ObjectDisposedException(nameof(ChatStream));
        }
        // Skips Connected, which the caller has already seen, and moves to the seam.
        decoder.TryRead();
        decoder.TryRead();
    }

    private bool MayGoOn(Exception e, CancellationToken cancellationToken) =>
        _rareState is { Seams: { } seams, Failure: null }
        && _isCommitted
        && _isDisposed == 0
        && Translate(e, cancellationToken) is LlmException failure
        && seams.MayGoOn(this, failure);

    /// <summary>Moves to the next event that was held until the end of the answer; the failure comes after them.</summary>
    /// <returns>False if there is none.</returns>
    internal bool TryEndWithLeft(LlmException failure)
    {
        if (_isDisposed != 0)
            return false;
        _decoder.Abort();
        RecordFailure(failure);
        return TryReadLeft();
    }

    private Cost? Total(Cost? last) => _rareState?.Seams is { } seams ? seams.Total(last) : last;
}
