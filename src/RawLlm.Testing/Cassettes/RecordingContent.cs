using System.Net;

namespace RawLlm.Testing;

/// <summary>The content of a response, read through a <see cref="RecordingStream"/>.</summary>
internal sealed class RecordingContent : HttpContent
{
    private readonly HttpContent _content;
    private readonly CallRecording _recording;

    public RecordingContent(HttpContent content, CallRecording recording)
    {
        _content = content;
        _recording = recording;
        foreach (var (name, values) in content.Headers.NonValidated)
            Headers.TryAddWithoutValidation(name, values);
    }

    protected override async Task<Stream> CreateContentReadStreamAsync() =>
        new RecordingStream(await _content.ReadAsStreamAsync().ConfigureAwait(false), _recording);

    protected override async Task<Stream> CreateContentReadStreamAsync(CancellationToken cancellationToken) =>
        new RecordingStream(await _content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false), _recording);

    protected override Stream CreateContentReadStream(CancellationToken cancellationToken) =>
        new RecordingStream(_content.ReadAsStream(cancellationToken), _recording);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        var body = await CreateContentReadStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
            await body.CopyToAsync(stream, cancellationToken).ConfigureAwait(false);
    }

    protected override void SerializeToStream(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        using var body = CreateContentReadStream(cancellationToken);
        body.CopyTo(stream);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _recording.Leave();
            _content.Dispose();
        }
        base.Dispose(disposing);
    }
}
