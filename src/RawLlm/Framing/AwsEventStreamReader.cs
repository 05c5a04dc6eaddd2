using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;

namespace RawLlm.Framing;

/// <summary>
/// Reads the binary messages of <c>application/vnd.amazon.eventstream</c>, without copying. Both checksums of each message are verified.
/// </summary>
/// <remarks>
/// <see cref="Frame.Category"/> is the header <c>:message-type</c>. <see cref="Frame.Type"/> is <c>:event-type</c>, for an exception
/// <c>:exception-type</c>, for an error <c>:error-code</c>, whose text is <see cref="Frame.ErrorMessage"/>. Other headers are checked and
/// skipped. Source: Smithy's "Amazon Event Stream Specification".
/// </remarks>
[Experimental("RLLM903")]
public sealed class AwsEventStreamReader : FrameReader
{
    private const int PreludeLength = 12;
    private const int ChecksumLength = 4;
    private const int EmptyLength = PreludeLength + ChecksumLength;

    // A service may send 24 MiB of payload and 128 KiB of headers; clients are told not to enforce these limits. Something twice as long is
    // not a message.
    private const int MaxBytes = 64 << 20;

    // A message may have any number of headers, each name once. Only this many names are compared, so that a message with many is not
    // quadratic; services send three to five.
    private const int MaxCompared = 64;

    // 0 until the prelude of the next message has been read.
    private int _length;
    private int _headersLength;

    internal override int PreludeBytes => PreludeLength;

    /// <inheritdoc/>
    public override bool TryRead(ReadOnlySpan<byte> unread, bool isFinal, out Frame frame, out int consumed)
    {
        if (!TryFind(unread, isFinal, out frame, out consumed))
            return false;
        frame = ReadHead(frame);
        return true;
    }

    internal override bool TryFind(ReadOnlySpan<byte> unread, bool isFinal, out Frame frame, out int consumed)
    {
        frame = default;
        consumed = 0;
        if (_length == 0 && unread.Length >= PreludeLength)
            ReadPrelude(unread);
        Measure(_length == 0 ? unread.Length : _length);
        if (_length == 0 || unread.Length < _length)
        {
            if (isFinal)
            {
                IsCut |= !unread.IsEmpty;
                consumed = unread.Length;
            }
            return false;
        }

        var message = unread[.._length];
        if (BinaryPrimitives.ReadUInt32BigEndian(message[^ChecksumLength..]) != Crc32.Compute(message[..^ChecksumLength]))
            Throw("An event stream message has a wrong checksum.");
        frame = new Frame(message[(PreludeLength + _headersLength)..^ChecksumLength], message);
        consumed = _length;
        _length = 0;
        return true;
    }

    internal override Frame ReadHead(scoped in Frame found)
    {
        var message = found.Raw;
        int headersEnd = message.Length - ChecksumLength - found.Data.Length;
        ReadOnlySpan<byte> category = default,
            eventType = default,
            exceptionType = default,
            errorCode = default,
            errorMessage = default;
        Span<int> names = stackalloc int[MaxCompared];
        int count = 0;
        for (int at = PreludeLength; at < headersEnd; count++)
        {
            int start = at;
            var name = ReadName(message[..headersEnd], ref at);
            var value = ReadValue(message[..headersEnd], ref at, out bool isText);
            for (int i = 0; i < Math.Min(count, MaxCompared); i++)
            {
                if (message.Slice(names[i] + 1, message[names[i]]).SequenceEqual(name))
                    ThrowRepeated();
            }
            if (count < MaxCompared)
                names[count] = start;
            if (!isText || name[0] != (byte)':')
                continue;

            if (name.SequenceEqual(":event-type"u8))
                Store(ref eventType, value);
            else if (name.SequenceEqual(":message-type"u8))
                Store(ref category, value);
            else if (name.SequenceEqual(":exception-type"u8))
                Store(ref exceptionType, value);
            else if (name.SequenceEqual(":error-code"u8))
                Store(ref errorCode, value);
            else if (name.SequenceEqual(":error-message"u8))
                Store(ref errorMessage, value);
        }
        bool isException = category.SequenceEqual("exception"u8);
        bool isError = category.SequenceEqual("error"u8);
        return new Frame(found.Data, message)
        {
            Type =
                isException ? exceptionType
                : isError ? errorCode
                : eventType,
            Category = category,
            ErrorMessage = errorMessage,
        };
    }

    // The lengths are trusted only if their checksum is correct: the reader never waits for bytes that a corrupt prelude announces.
    private void ReadPrelude(ReadOnlySpan<byte> unread)
    {
        const int Lengths = PreludeLength - ChecksumLength;
        if (BinaryPrimitives.ReadUInt32BigEndian(unread[Lengths..]) != Crc32.Compute(unread[..Lengths]))
            Throw("An event stream prelude has a wrong checksum.");
        uint length = BinaryPrimitives.ReadUInt32BigEndian(unread);
        uint headersLength = BinaryPrimitives.ReadUInt32BigEndian(unread[4..]);
        if (length < EmptyLength)
            Throw("An event stream message is shorter than its own frame.");
        if (length > MaxBytes)
            Throw("An event stream message is longer than any service may send.");
        if (headersLength > length - EmptyLength)
            Throw("The headers of an event stream message are longer than the message.");
        _length = (int)length;
        _headersLength = (int)headersLength;
    }

    // A header that matters must not repeat, even beyond the names that are compared.
    private static void Store(ref ReadOnlySpan<byte> slot, ReadOnlySpan<byte> value)
    {
        if (!slot.IsEmpty)
            ThrowRepeated();
        slot = value;
    }

    private static ReadOnlySpan<byte> ReadName(ReadOnlySpan<byte> headers, scoped ref int at)
    {
        int length = ReadBytes(headers, ref at, 1)[0];
        if (length == 0)
            Throw("A header of an event stream message has no name.");
        return ReadBytes(headers, ref at, length);
    }

    private static ReadOnlySpan<byte> ReadValue(ReadOnlySpan<byte> headers, scoped ref int at, out bool isText)
    {
        byte type = ReadBytes(headers, ref at, 1)[0];
        isText = type == 7;
        int length = type switch
        {
            0 or 1 => 0, // true, false
            2 => 1, // byte
            3 => 2, // short
            4 => 4, // integer
            5 or 8 => 8, // long, timestamp
            6 or 7 => BinaryPrimitives.ReadUInt16BigEndian(ReadBytes(headers, ref at, 2)), // byte array, string
            9 => 16, // UUID
            _ => -1,
        };
        // Spec: "The set of types is fixed and not open to extension."
        if (length < 0)
            Throw("A header of an event stream message has an unknown type.");
        return ReadBytes(headers, ref at, length);
    }

    private static ReadOnlySpan<byte> ReadBytes(ReadOnlySpan<byte> headers, scoped ref int at, int length)
    {
        if (length > headers.Length - at)
            Throw("A header of an event stream message reaches past the end of the headers.");
        at += length;
        return headers.Slice(at - length, length);
    }

    private static void ThrowRepeated() => Throw("An event stream message contains the same header twice.");

    private static void Throw(string message) => throw new FramingException(message);
}
