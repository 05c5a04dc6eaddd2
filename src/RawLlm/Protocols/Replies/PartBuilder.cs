using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace RawLlm.Protocols;

/// <summary>Collects the events of one part of an answer.</summary>
internal sealed class PartBuilder
{
    private MemoryStream? _transcript;

    public required int Index { get; init; }

    public StreamEventKind Kind { get; set; }

    public MemoryStream Bytes { get; } = new();

    public string? Id { get; set; }

    public string? Name { get; set; }

    public bool IsComplete { get; set; }

    public WireData? Data { get; set; }

    public void AppendTranscript(ReadOnlySpan<byte> utf8, int maxBytes)
    {
        if (Kind == StreamEventKind.None)
            Kind = StreamEventKind.Transcript;
        _transcript ??= new MemoryStream();
        if (utf8.Length > maxBytes - _transcript.Length)
        {
            throw AnswerErrors.LimitExceeded(
                LlmLimit.StreamBytes,
                "A part of the answer exceeds the maximum length of a string. Lower LlmLimits.StreamBytes."
            );
        }

        _transcript.Write(utf8);
    }

    public void Decode(ReadOnlySpan<byte> base64, string type)
    {
        int start = (int)Bytes.Length;
        Bytes.SetLength(start + Base64.GetMaxDecodedFromUtf8Length(base64.Length));
        if (
            !MediaType.IsValid(type, "")
            || Base64.DecodeFromUtf8(base64, Bytes.GetBuffer().AsSpan(start), out int read, out int written) != OperationStatus.Done
            || read != base64.Length
        )
        {
            throw new ArgumentException("A media event must contain base64, and its name must be a media type.", nameof(base64));
        }

        Bytes.SetLength(start + written);
        Bytes.Position = Bytes.Length;
    }

    public Part Build()
    {
        if (Kind == StreamEventKind.Transcript || (Kind == StreamEventKind.Media && Name is not null))
            return BuildMedia(Bytes.ToArray(), Name ?? "audio/pcm");
        string text = Encoding.UTF8.GetString(Bytes.GetBuffer(), 0, (int)Bytes.Length);
        return Kind switch
        {
            StreamEventKind.Text => new TextPart(text) { WireData = Data },
            StreamEventKind.Reasoning => new ReasoningPart(text) { WireData = Data },
            StreamEventKind.Refusal => new RefusalPart(text) { WireData = Data },
            StreamEventKind.Media => new ImagePart(new Uri(text, UriKind.RelativeOrAbsolute)) { WireData = Data },
            StreamEventKind.ToolCallStarted => new ToolCallPart(new ToolCall(Id ?? "", Name ?? "", text) { IsComplete = IsComplete })
            {
                WireData = Data,
            },
            _ => new OpaquePart(Data!),
        };
    }

    private Part BuildMedia(byte[] bytes, string type) =>
        FileTypes.IsImage(type)
            ? new ImagePart(bytes, type) { WireData = Data }
            : new FilePart(bytes, type)
            {
                WireData = Data,
                Transcript = _transcript is null ? null : Encoding.UTF8.GetString(_transcript.GetBuffer(), 0, (int)_transcript.Length),
            };
}
