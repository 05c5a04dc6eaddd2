namespace RawLlm;

/// <summary>Decodes a stream that may continue elsewhere as its bytes arrive, and records what it delivers.</summary>
internal sealed class DeliveredAnswerReading(LlmClient client, string? mediaType, DeliveredAnswer given) : BodyObserver(client, mediaType)
{
    protected override void See(in StreamEvent e) => given.Note(e.Kind, e.Choice, e.Index, e.Utf8);
}
