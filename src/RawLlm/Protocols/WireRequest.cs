using System.Buffers;
using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using RawLlm.Framing;

namespace RawLlm.Protocols;

/// <summary>A request as bytes: what a <see cref="WireProtocol"/> writes, a credential signs and the transport sends.</summary>
/// <remarks>The body is pooled. It stays the same for every attempt and is cleared when the request is disposed.</remarks>
public sealed class WireRequest : IBufferWriter<byte>, IDisposable
{
    // The most that Expect reserves, as a multiple of what is written.
    private const int MaxAhead = 16;

    // More than this is not reserved in advance: an array that is much larger than its body is expensive to keep.
    private const int MaxExpected = 512 << 10;

    private readonly List<KeyValuePair<string, string>> _headers = [];
    private List<Quirk>? _quirks;
    private KeptBodies? _keptBodies;
    private byte[] _body = [];
    private int _length;

    // The holders of the body: the owner, until it is disposed, and each send in progress.
    private int _holderCount = 1;
    private int _isDisposed;

    /// <summary>The HTTP method.</summary>
    public string Method { get; set; } = "POST";

    /// <summary>The URL without the protocol's own part: <see cref="Provider.BaseUrl"/>.</summary>
    public required Uri BaseUrl { get; init; }

    /// <summary>
    /// Distinguishes data from this service from data of other services on the same wire (<see cref="WireData.Origin"/>): a writer sends
    /// back no data of another origin. Null if they are not distinguished.
    /// </summary>
    public string? Origin { get; init; }

    /// <summary>The complete URL, set by the protocol.</summary>
    public Uri? Url { get; set; }

    /// <summary>
    /// The URL of the client's last conversation with this model in the same mode, streamed or whole; null if the URL must be built.
    /// </summary>
    internal Uri? KnownUrl { get; init; }

    /// <summary>Whether the operation is outside the server's API, at a URL that has only the host in common with the user's.</summary>
    internal bool LeavesBasePath { get; set; }

    /// <summary>The media type of the body; null for a request without a body.</summary>
    public string? ContentType { get; set; } = "application/json";

    /// <summary>The media type to accept.</summary>
    public string Accept { get; set; } = "application/json";

    /// <summary>Whether the answer is to be streamed.</summary>
    public bool IsStream { get; set; }

    /// <summary>Whether the answer is to include log probabilities.</summary>
    internal bool RequestsLogProbs { get; set; }

    /// <summary>Whether a whole answer is requested as a stream, because the service supports no other way.</summary>
    internal bool IsGathered { get; set; }

    /// <summary>The headers, each name once.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers => _headers;

    /// <summary>Returns a copy of the current headers.</summary>
    internal KeyValuePair<string, string>[] CopyHeaders() => [.. _headers];

    /// <summary>The values that a custom credential has set so far, over all attempts; usually null.</summary>
    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    internal List<string>? Secrets { get; set; }

    /// <summary>The number of bytes written so far.</summary>
    internal int Length => _length;

    /// <summary>How many of these bytes were copied from a kept body or taken over with it.</summary>
    internal int Copied { get; set; }

    /// <summary>What is recorded about the body while it is written; null if the body is not kept.</summary>
    internal KeptBody? Written { get; private set; }

    /// <summary>The kept body from which unchanged parts are copied; null if there is none.</summary>
    internal KeptBody? Earlier { get; private set; }

    /// <summary>The body written so far.</summary>
    public ReadOnlyMemory<byte> Body => _body.AsMemory(0, _length);

    /// <summary>What was left out of the request or changed because the wire or the service cannot carry it.</summary>
    public IReadOnlyList<Quirk> Quirks => _quirks ?? (IReadOnlyList<Quirk>)[];

    /// <summary>Whether there are any quirks. Checking this is faster than looping over an empty list through its interface.</summary>
    internal bool HasQuirks => _quirks is not null;

    /// <summary>
    /// Sets a header. Replaces an earlier value of the same name, regardless of case, including <see cref="Accept"/> and, if there is a
    /// body, <see cref="ContentType"/>.
    /// </summary>
    /// <exception cref="ArgumentException">The name is not a token, or it is Content-Length, which is set automatically, or
    /// Transfer-Encoding; or the value contains a character that is not allowed in a header. The message does not show the
    /// value.</exception>
    public void SetHeader(string name, string value)
    {
        HeaderText.Check(name, value);
        if (IsOwn(name, value))
            return;
        for (int i = 0; i < _headers.Count; i++)
        {
            if (string.Equals(_headers[i].Key, name, StringComparison.OrdinalIgnoreCase))
            {
                _headers[i] = new(name, value);
                return;
            }
        }
        _headers.Add(new(name, value));
    }

    private bool IsOwn(string name, string value)
    {
        switch (name.Length)
        {
            case 6 when name.Equals("Accept", StringComparison.OrdinalIgnoreCase):
                Accept = value;
                return true;
            case 12 when name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase):
                if (ContentType is not null)
                    ContentType = value;
                return true;
            case 14 when name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase):
                throw new ArgumentException("Content-Length is set automatically. Remove the header.", nameof(name));
            // Beside Content-Length it would let a proxy and the service disagree where the body ends (RFC 9112, section 6.2).
            case 17 when name.Equals("Transfer-Encoding", StringComparison.OrdinalIgnoreCase):
                throw new ArgumentException("The body is sent with its length. Remove Transfer-Encoding.", nameof(name));
            default:
                return false;
        }
    }

    /// <summary>Whether some data came from this service: from its wire, and not from another origin as far as origins are known.</summary>
    /// <param name="data">The data.</param>
    /// <param name="protocol">The name of the wire.</param>
    internal bool Owns([NotNullWhen(true)] WireData? data, string protocol) =>
        data is not null && data.Protocol == protocol && (data.Origin is null || Origin is null || data.Origin == Origin);

    /// <summary>Records what was left out or changed.</summary>
    public void Note(QuirkKind kind, string place)
    {
        var quirk = new Quirk(kind, place);
        Written?.Note(quirk);
        _quirks ??= [];
        if (!_quirks.Contains(quirk))
            _quirks.Add(quirk);
    }

    /// <inheritdoc/>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(_body.Length - _length), nameof(count));
        _length += count;
    }

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _body.AsMemory(_length);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _body.AsSpan(_length);
    }

    /// <summary>Sets the URL, the mode and the accepted media type of a request for an answer.</summary>
    /// <param name="url">The complete URL.</param>
    /// <param name="stream">Whether the answer is to be streamed.</param>
    /// <param name="streamType">The media type of the wire's streams.</param>
    internal void Begin(Uri url, bool stream, string streamType)
    {
        Url = url;
        IsStream = stream;
        Accept = stream ? streamType : "application/json";
    }

    /// <summary>Keeps the body for the conversation's next request.</summary>
    internal void StoreBody(KeptBodies bodies, KeptBody written, KeptBody? earlier)
    {
        _keptBodies = bodies;
        Written = written;
        Earlier = earlier;
    }

    /// <summary>Continues in an array that already contains what follows the bytes written so far.</summary>
    /// <param name="body">The array; zero after what follows.</param>
    /// <param name="length">Where what follows ends.</param>
    internal void ContinueIn(byte[] body, int length)
    {
        ByteArrays.Copy(_body.AsSpan(0, _length), body);
        Return(_body, _length);
        _body = body;
        _length = length;
    }

    /// <summary>Reserves room for the rest of a list at once, assuming that it resembles what is already written.</summary>
    /// <param name="done">The number of elements written.</param>
    /// <param name="all">The total number of elements.</param>
    internal void ReserveRest(int done, int all)
    {
        // A long first message says little about the others, and an array that is too large for its content is not kept.
        long rest = Math.Min(MaxAhead * (long)_length, (all - done) * (long)_length / done);
        if (rest > _body.Length - _length && _length + rest <= MaxExpected)
            Reserve((int)rest);
    }

    /// <summary>Ends the writing of the body, successful or not.</summary>
    internal void EndWriting(bool isWhole)
    {
        if (Earlier is { } earlier)
            _keptBodies!.Return(earlier);
        Earlier = null;
        if (isWhole || Written is not { } written)
            return;
        Written = null;
        _keptBodies!.Recycle(written);
    }

    /// <summary>Clears the body, which contains a prompt, and returns its buffer unless it is kept; a second call does nothing.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
            Release();
    }

    /// <summary>
    /// Holds the body while it is sent: over HTTP/2 an answer may be complete before its request is. Returns false if the body is gone.
    /// </summary>
    internal bool TryHold()
    {
        int holders = Volatile.Read(ref _holderCount);
        while (holders > 0)
        {
            int seen = Interlocked.CompareExchange(ref _holderCount, holders + 1, holders);
            if (seen == holders)
                return true;
            holders = seen;
        }
        return false;
    }

    /// <summary>Releases one hold; the last one releases the body.</summary>
    internal void Release()
    {
        if (Interlocked.Decrement(ref _holderCount) == 0)
            ReturnBody();
    }

    private void ReturnBody()
    {
        byte[] body = _body;
        int length = _length;
        var written = Written;
        _body = [];
        _length = 0;
        Written = null;
        if (written is not null)
        {
            if (_keptBodies!.TryStore(written, body, length))
                return;
            _keptBodies.Recycle(written);
        }
        Return(body, length);
    }

    private void Reserve(int sizeHint)
    {
        long needed = _length + (long)Math.Max(sizeHint, 1);
        if (needed <= _body.Length)
            return;
        if (needed > Array.MaxLength)
            ThrowTooLong();
        // Starts small: for many short requests the pool would otherwise keep as many larger arrays as it may.
        byte[] larger = ByteArrays.Rent(
            Math.Max(_body.Length == 0 ? 1024 : 4096, (int)Math.Min(Array.MaxLength, Math.Max(needed, 2L * _body.Length)))
        );
        ByteArrays.Copy(_body.AsSpan(0, _length), larger);
        Return(_body, _length);
        _body = larger;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ThrowTooLong() =>
        throw new ArgumentException("The request would be longer than 2 GB, the maximum for one body. Send large files by URL or file id.");

    private static void Return(byte[] body, int length)
    {
        if (body.Length == 0)
            return;
        body.AsSpan(0, length).Clear();
        ByteArrays.Return(body);
    }
}
