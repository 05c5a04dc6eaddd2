using RawLlm.Protocols;
using RawLlm.Telemetry;

namespace RawLlm;

// Behind a chain that lets broken streams go on: how the answer of another service takes the place of the one that broke.
public sealed partial class ChatStream
{
    /// <summary>The seams so far at which the answer broke and went on elsewhere (<see cref="StreamFailover"/>); empty as a rule.</summary>
    /// <remarks>Whoever reads text alone learns here whether what was read before a seam still counts.</remarks>
    public IReadOnlyList<StreamSwitch> Switches => _notes?.Seams?.Switches ?? [];

    /// <summary>What the attempt under way cost.</summary>
    internal Cost? OwnCost => CostOf(_decoder.Usage, Model);

    /// <summary>True once it is known why the answer ended, though its end was not read.</summary>
    internal bool IsStopped => _decoder.IsStopped;

    /// <summary>Provider and model, as attempts name them.</summary>
    internal string Endpoint => LlmAttempt.EndpointOf(Client!.Provider, AskedModel!);

    /// <summary>Has the stream, of which nothing was read, go on where it breaks.</summary>
    internal void Follow(StreamSeams seams)
    {
        Notes.Seams = seams;
        _body = seams.Follow(_answer!, Client!, _opening!.MediaType);
    }

    /// <summary>Ends what broke.</summary>
    internal void Break(LlmException failure)
    {
        if (TelemetrySwitch.IsSupported)
            Telemetry?.StreamBroken(failure, Facts());
        // The chain has the rest begin now, and where nobody goes on the same failure ends the stream much later.
        Notes.Health = null;
        _answer!.Dispose();
        _isReopening = true;
    }

    /// <summary>Hands its decoder to another stream, which reads the answer from here on (<see cref="Adopt"/>).</summary>
    internal StreamDecoder LetGoOfDecoder()
    {
        _joined?.Dispose();
        _joined = null;
        return _decoder;
    }

    /// <summary>Reads another stream's answer from here on, which stands at its beginning, and moves to the seam.</summary>
    /// <param name="next">The other stream, which nobody else reads or disposes.</param>
    /// <param name="decoder">Its decoder, with the seam before its events.</param>
    internal void Adopt(ChatStream next, StreamDecoder decoder)
    {
        var answer = next._answer!;
        _decoder.Dispose();
        _decoder = decoder;
        _body = next._body;
        _eventsAtLastWait = _eventCount = 1;
        (Client, AskedModel) = (next.Client, next.AskedModel);
        var notes = Notes;
        (notes.Secrets, notes.Earlier, notes.Health) = (next.Secrets, next._notes?.Earlier, next._notes?.Health);
        if (TelemetrySwitch.IsSupported)
            notes.Telemetry = next.Telemetry;
        Take(answer);
        Interlocked.MemoryBarrier();
        if (_isDisposed != 0)
        {
            answer.Dispose();
            throw new ObjectDisposedException(nameof(ChatStream));
        }
        // The caller has been told of the connection already.
        decoder.TryRead();
        decoder.TryRead();
    }

    private bool MayGoOn(Exception e, CancellationToken cancellationToken) =>
        _notes is { Seams: { } seams, Failure: null } && _isCommitted && _isDisposed == 0 && Translate(e, cancellationToken) is LlmException failure && seams.MayGoOn(this, failure);

    private async ValueTask GoOnAsync(LlmException broken, CancellationToken cancellationToken)
    {
        try
        {
            await _notes!.Seams!.GoOnAsync(this, broken, cancellationToken).ConfigureAwait(false);
        }
        catch (LlmException e) when (TryEndWithLeft(e))
        {
            // Every later read says what it was.
        }
    }

    // Nobody goes on: what waited for the end of the answer comes before the error.
    private bool TryEndWithLeft(LlmException failure)
    {
        if (_isDisposed != 0)
            return false;
        _decoder.BreakOff();
        KeepFailure(failure);
        return TryReadLeft();
    }

    private Cost? Total(Cost? last) => _notes?.Seams is { } seams ? seams.Total(last) : last;
}
