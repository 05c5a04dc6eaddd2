using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using RawLlm.Framing;

namespace RawLlm.Protocols;

/// <summary>A request as bytes: what a <see cref="WireProtocol"/> writes, a credential signs and the transport sends.</summary>
/// <remarks>The body is pooled; it stays the same for every attempt and is cleared when the request is disposed.</remarks>
public sealed class WireRequest : IBufferWriter<byte>, IDisposable
{
    // The most that Expect makes room for, in units of what is written.
    private const int MostAhead = 16;

    // Room for more is not made before it is needed: an array that is much larger than its body is dear to keep.
    private const int MostExpected = 512 << 10;

    private readonly List<KeyValuePair<string, string>> _headers = [];
    private List<Quirk>? _quirks;
    private KeptBodies? _keeper;
    private byte[] _body = [];
    private int _length;

    // Who holds the body: the owner, until it disposes, and each sending that is under way.
    private int _holders = 1;
    private int _isDisposed;

    /// <summary>The HTTP method.</summary>
    public string Method { get; set; } = "POST";

    /// <summary>The address without the protocol's own part: <see cref="Provider.BaseUrl"/>.</summary>
    public required Uri BaseUrl { get; init; }

    /// <summary>
    /// What tells what the service gave itself from what others of its wire did (<see cref="WireData.Origin"/>): a writer gives back no data of another origin. Null
    /// where there is no telling.
    /// </summary>
    public string? Origin { get; init; }

    /// <summary>The whole address, set by the protocol.</summary>
    public Uri? Url { get; set; }

    /// <summary>The address of the client's last conversation with this model, streamed or not as this one; null where it is to be built.</summary>
    internal Uri? KnownUrl { get; init; }

    /// <summary>True for an operation that a server has beside its API, at an address which holds nothing of the user's but the host.</summary>
    internal bool LeavesBasePath { get; set; }

    /// <summary>The media type of the body; null for a request without one.</summary>
    public string? ContentType { get; set; } = "application/json";

    /// <summary>The media type that is asked for.</summary>
    public string Accept { get; set; } = "application/json";

    /// <summary>True when the answer is to be streamed.</summary>
    public bool IsStream { get; set; }

    /// <summary>True where the answer is to tell how likely its tokens were.</summary>
    internal bool AsksLogProbs { get; set; }

    /// <summary>True where a whole answer is asked for as a stream, because the service gives it no other way.</summary>
    internal bool IsGathered { get; set; }

    /// <summary>Headers, each name once.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers => _headers;

    /// <summary>The headers as they are now.</summary>
    internal KeyValuePair<string, string>[] CopyHeaders() => [.. _headers];

    /// <summary>What a credential of the caller's own has set so far, over all attempts; null as a rule.</summary>
    internal List<string>? Secrets { get; set; }

    /// <summary>How many bytes were written so far.</summary>
    internal int Length => _length;

    /// <summary>How many of them were copied from a kept body, or taken over with it.</summary>
    internal int Copied { get; set; }

    /// <summary>What is noted down of the body while it is written; null when it is not to be kept.</summary>
    internal KeptBody? Written { get; private set; }

    /// <summary>The kept body from which is copied what did not change; null when there is none.</summary>
    internal KeptBody? Earlier { get; private set; }

    /// <summary>The body that was written so far.</summary>
    public ReadOnlyMemory<byte> Body => _body.AsMemory(0, _length);

    /// <summary>What was left out of the request or changed because the wire or the service cannot carry it.</summary>
    public IReadOnlyList<Quirk> Quirks => _quirks ?? (IReadOnlyList<Quirk>)[];

    /// <summary>Whether there is any. A loop over none, through the interface, takes longer than to ask.</summary>
    internal bool HasQuirks => _quirks is not null;

    /// <summary>
    /// Sets a header; an earlier value of the same name, in whatever case, is replaced: that of <see cref="Accept"/> too, and of
    /// <see cref="ContentType"/> where there is a body.
    /// </summary>
    /// <exception cref="ArgumentException">The name is not a token, or is that of the length, which is counted; or the value holds a character that may not stand in a header. The value is not shown.</exception>
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
                throw new ArgumentException("The length of a request is counted, and is no header to set.", nameof(name));
            default:
                return false;
        }
    }

    /// <summary>Whether some data is what this service gave itself: of its wire, and of no other origin, as far as origins are known.</summary>
    /// <param name="data">The data.</param>
    /// <param name="protocol">The wire's name.</param>
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

    /// <summary>Sets what stands above the body of a request for an answer.</summary>
    /// <param name="url">The whole address.</param>
    /// <param name="stream">Whether the answer is to be streamed.</param>
    /// <param name="streamType">The media type of a stream of the wire.</param>
    internal void Begin(Uri url, bool stream, string streamType)
    {
        Url = url;
        IsStream = stream;
        Accept = stream ? streamType : "application/json";
    }

    /// <summary>Has the body kept for the conversation's next request.</summary>
    internal void Keep(KeptBodies keeper, KeptBody written, KeptBody? earlier)
    {
        _keeper = keeper;
        Written = written;
        Earlier = earlier;
    }

    /// <summary>Goes on in an array that holds what is to follow the bytes so far already.</summary>
    /// <param name="body">The array, zero behind what follows.</param>
    /// <param name="length">Where what follows ends.</param>
    internal void GoOnIn(byte[] body, int length)
    {
        ByteArrays.Copy(_body.AsSpan(0, _length), body);
        Return(_body, _length);
        _body = body;
        _length = length;
    }

    /// <summary>Makes room for the rest of a list at once, as though it were like what is written of it.</summary>
    /// <param name="done">How many elements are written.</param>
    /// <param name="all">How many there are.</param>
    internal void Expect(int done, int all)
    {
        // A long first message says little about the others, and what is too large for its bytes is not kept.
        long rest = Math.Min(MostAhead * (long)_length, (all - done) * (long)_length / done);
        if (rest > _body.Length - _length && _length + rest <= MostExpected)
            Reserve((int)rest);
    }

    /// <summary>The body is written, or could not be.</summary>
    internal void EndWriting(bool isWhole)
    {
        if (Earlier is { } earlier)
            _keeper!.GiveBack(earlier);
        Earlier = null;
        if (isWhole || Written is not { } written)
            return;
        Written = null;
        _keeper!.Recycle(written);
    }

    /// <summary>Clears the body, which holds a prompt, and gives its buffer back, unless it is kept; a second call does nothing.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) == 0)
            LetGo();
    }

    /// <summary>Holds the body while it is sent: over HTTP/2 an answer may be whole before its request is. False when the body is gone.</summary>
    internal bool TryHold()
    {
        int holders = Volatile.Read(ref _holders);
        while (holders > 0)
        {
            int seen = Interlocked.CompareExchange(ref _holders, holders + 1, holders);
            if (seen == holders)
                return true;
            holders = seen;
        }
        return false;
    }

    /// <summary>Ends one hold; with the last one the body goes.</summary>
    internal void LetGo()
    {
        if (Interlocked.Decrement(ref _holders) == 0)
            GiveBack();
    }

    private void GiveBack()
    {
        byte[] body = _body;
        int length = _length;
        var written = Written;
        _body = [];
        _length = 0;
        Written = null;
        if (written is not null)
        {
            if (_keeper!.TryKeep(written, body, length))
                return;
            _keeper.Recycle(written);
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
        // Of requests that are short and many the pool would keep as many arrays as it may.
        byte[] larger = ByteArrays.Rent(Math.Max(_body.Length == 0 ? 1024 : 4096, (int)Math.Min(Array.MaxLength, Math.Max(needed, 2L * _body.Length))));
        ByteArrays.Copy(_body.AsSpan(0, _length), larger);
        Return(_body, _length);
        _body = larger;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ThrowTooLong() =>
        throw new ArgumentException("The request would be longer than 2 GB, the most that one body holds. Send large files by their address or id.");

    private static void Return(byte[] body, int length)
    {
        if (body.Length == 0)
            return;
        body.AsSpan(0, length).Clear();
        ByteArrays.Return(body);
    }
}
