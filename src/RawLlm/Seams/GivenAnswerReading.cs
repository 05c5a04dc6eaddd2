namespace RawLlm;

/// <summary>Reads along with a stream that may go on elsewhere, and notes what it gives.</summary>
internal sealed class GivenAnswerReading(LlmClient client, string? mediaType, GivenAnswer given) : BodyReading(client, mediaType)
{
    protected override void See(in StreamEvent e) => given.Note(e.Kind, e.Choice, e.Index, e.Utf8);
}
