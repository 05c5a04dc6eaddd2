using System.Buffers.Binary;
using System.Text;

namespace RawLlm.Tests.Support;

/// <summary>Writes messages of an AWS event stream, valid and invalid ones.</summary>
internal static class AwsMessage
{
    public static byte[] Event(string type, string payload) =>
        Write(
            [.. Text(":event-type", type), .. Text(":content-type", "application/json"), .. Text(":message-type", "event")],
            Encoding.UTF8.GetBytes(payload)
        );

    public static byte[] Write(ReadOnlySpan<byte> headers, ReadOnlySpan<byte> payload) =>
        Write(headers, payload, (uint)(16 + headers.Length + payload.Length), (uint)headers.Length);

    /// <summary>Writes a message with the given lengths, and with checksums that match them.</summary>
    public static byte[] Write(ReadOnlySpan<byte> headers, ReadOnlySpan<byte> payload, uint length, uint headersLength)
    {
        byte[] message = new byte[16 + headers.Length + payload.Length];
        BinaryPrimitives.WriteUInt32BigEndian(message, length);
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(4), headersLength);
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(8), Checksum(message.AsSpan(0, 8)));
        headers.CopyTo(message.AsSpan(12));
        payload.CopyTo(message.AsSpan(12 + headers.Length));
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(message.Length - 4), Checksum(message.AsSpan(0, message.Length - 4)));
        return message;
    }

    public static byte[] Text(string name, string value)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(value);
        return Header(name, 7, [(byte)(bytes.Length >> 8), (byte)bytes.Length, .. bytes]);
    }

    public static byte[] Header(string name, byte type, params byte[] value) =>
        [(byte)Encoding.UTF8.GetByteCount(name), .. Encoding.UTF8.GetBytes(name), type, .. value];

    /// <summary>The checksum, calculated bit by bit through polynomial division.</summary>
    public static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte b in bytes)
        {
            crc ^= b;
            for (int bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
        }
        return ~crc;
    }
}
