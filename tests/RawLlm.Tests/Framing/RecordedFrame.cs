using System.Text;
using RawLlm.Framing;

namespace RawLlm.Tests.Framing;

/// <summary>A copy of a frame; each char is one byte.</summary>
internal sealed record RecordedFrame(
    string Data,
    string Type,
    string Id,
    string Category,
    string ErrorMessage,
    string Raw,
    bool IsUnterminated
)
{
    public RecordedFrame(in Frame frame)
        : this(
            Text(frame.Data),
            Text(frame.Type),
            Text(frame.Id),
            Text(frame.Category),
            Text(frame.ErrorMessage),
            Text(frame.Raw),
            frame.IsUnterminated
        ) { }

    /// <summary>Decodes the bytes as UTF-8.</summary>
    public static string Utf8(string bytes) => Encoding.UTF8.GetString(Encoding.Latin1.GetBytes(bytes));

    private static string Text(ReadOnlySpan<byte> bytes) => bytes.IsEmpty ? "" : Encoding.Latin1.GetString(bytes);
}
