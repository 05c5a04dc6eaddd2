namespace RawLlm;

/// <summary>Decodes a stream that may continue elsewhere as its bytes arrive, and records what it delivers.</summary>
internal sealed class GivenAnswerReading(LlmClient client, string? mediaType, GivenAnswer given) : BodyReading(client, mediaType)
{
    protected override void See(in StreamEvent e) => given.Note(e.Kind, e.Choice, e.Index, e.Utf8);
}
