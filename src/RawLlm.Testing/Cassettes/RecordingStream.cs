namespace RawLlm.Testing;

/// <summary>A body that is handed on as it comes, and told to its <see cref="CallRecording"/> beside that.</summary>
internal sealed class RecordingStream(Stream body, CallRecording recording) : ReadOnlyBody
{
    // That of the read which is under way.
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
        // A read into no room asks whether there is something to come, and says nothing of an end.
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
            // First, so that a read which fails because of it is not taken for a broken connection; and one that was cancelled is told as such,
            // also where whoever cancelled it closes the body before the read ends.
            if (_reading.IsCancellationRequested)
                recording.Fail(new OperationCanceledException(_reading));
            else
                recording.Leave();
            body.Dispose();
        }
        base.Dispose(disposing);
    }
}
