using System.Buffers.Binary;
using System.Text;

namespace RawLlm.Testing;

/// <summary>Writes messages of Amazon's binary event stream.</summary>
internal static class AwsEventFrame
{
    // The lengths of the message and of its headers, and the checksum of both.
    private const int Prelude = 12;
    private const int Checksum = 4;
    private const byte TextHeader = 7;

    public static byte[] Event(string type, byte[] json) =>
        Write([(":event-type", type), (":content-type", "application/json"), (":message-type", "event")], json);

    public static byte[] Exception(string type, byte[] json) =>
        Write([(":exception-type", type), (":content-type", "application/json"), (":message-type", "exception")], json);

    private static byte[] Write((string Name, string Value)[] headers, byte[] payload)
    {
        using var head = new MemoryStream();
        foreach (var (name, value) in headers)
        {
            byte[] text = Encoding.UTF8.GetBytes(value);
            head.WriteByte((byte)name.Length);
            head.Write(Encoding.UTF8.GetBytes(name));
            head.Write([TextHeader, (byte)(text.Length >> 8), (byte)text.Length]);
            head.Write(text);
        }
        int headLength = (int)head.Length;
        byte[] message = new byte[Prelude + headLength + payload.Length + Checksum];
        BinaryPrimitives.WriteUInt32BigEndian(message, (uint)message.Length);
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(4), (uint)headLength);
        BinaryPrimitives.WriteUInt32BigEndian(message.AsSpan(8), Crc32(message.AsSpan(0, 8)));
        head.GetBuffer().AsSpan(0, headLength).CopyTo(message.AsSpan(Prelude));
        payload.CopyTo(message.AsSpan(Prelude + headLength));
        BinaryPrimitives.WriteUInt32BigEndian(
            message.AsSpan(message.Length - Checksum),
            Crc32(message.AsSpan(0, message.Length - Checksum))
        );
        return message;
    }

    // The CRC-32 of IEEE 802.3, bit by bit, because the messages are short.
    private static uint Crc32(ReadOnlySpan<byte> bytes)
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
