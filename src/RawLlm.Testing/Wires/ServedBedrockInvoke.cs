namespace RawLlm.Testing;

/// <summary>Bedrock's invoke in Anthropic's format: the events of Messages, each in a frame of Amazon's event stream.</summary>
internal sealed class ServedBedrockInvoke : ServedWire
{
    private static readonly ServedConverse Converse = new();
    private static readonly ServedAnthropic Messages = new();

    public override string Name => "Bedrock's invoke";

    public override string StreamType => Converse.StreamType;

    public override byte[] KeepAlive => [];

    public override byte[] WriteWhole(ServedAnswer answer) => Messages.WriteWhole(answer);

    public override IEnumerable<WireFrame> Stream(ServedAnswer answer)
    {
        foreach (var frame in Messages.Stream(answer))
        {
            yield return new(
                AwsEventFrame.Event("chunk", JsonBytes.Object(json => json.WriteBase64String("bytes", ServedAnthropic.Data(frame)))),
                frame.Role
            );
        }
    }

    public override WireError Error(LlmErrorKind kind, string? message) => Converse.Error(kind, message);

    public override byte[] ErrorDocument(LlmErrorKind kind, string? message) => Converse.ErrorDocument(kind, message);

    public override byte[] ErrorFrame(LlmErrorKind kind, string? message) => Converse.ErrorFrame(kind, message);
}
