namespace RawLlm;

/// <summary>Decodes a stream that may continue elsewhere as its bytes arrive, and records what it delivers.</summary>
internal sealed class DeliveredAnswerObserver(LlmClient client, string? mediaType, DeliveredAnswer delivered)
    : BodyObserver(client, mediaType)
{
    protected override void OnEvent(in StreamEvent e) => delivered.Record(e.Kind, e.Choice, e.Index, e.Utf8);
}
