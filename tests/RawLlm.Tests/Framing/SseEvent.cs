namespace RawLlm.Tests.Framing;

/// <summary>What an event listener would see.</summary>
internal sealed record SseEvent(string Type, string Data, string Id)
{
    public static SseEvent From(RecordedFrame frame) =>
        new(
            frame.Type.Length == 0 ? "message" : RecordedFrame.Utf8(frame.Type),
            RecordedFrame.Utf8(frame.Data),
            RecordedFrame.Utf8(frame.Id)
        );
}
