namespace RawLlm.Testing;

/// <summary>A body that is passed on as it arrives, and reported to its <see cref="CallRecording"/>.</summary>
internal sealed class RecordingStream(Stream body, CallRecording recording) : ReadOnlyBody
{
    // The token of the read in progress.
    private CancellationToken _reading;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int count;
        _reading = cancellationToken;
        try
        {
            count = await body.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            recording.Fail(e);
            throw;
        }
        _reading = default;
        // A read into an empty buffer only waits for bytes; its 0 does not mean the end.
        if (!buffer.IsEmpty)
            recording.Read(buffer.Span[..count]);
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override int Read(Span<byte> buffer)
    {
        int count;
        try
        {
            count = body.Read(buffer);
        }
        catch (Exception e)
        {
            recording.Fail(e);
            throw;
        }
        if (!buffer.IsEmpty)
            recording.Read(buffer[..count]);
        return count;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            // Before the body is disposed, so that a read that fails because of it is not recorded as a broken connection. A canceled read
            // is recorded as canceled, even if the caller closes the body before the read ends.
            if (_reading.IsCancellationRequested)
                recording.Fail(new OperationCanceledException(_reading));
            else
                recording.Leave();
            body.Dispose();
        }
        base.Dispose(disposing);
    }
}
