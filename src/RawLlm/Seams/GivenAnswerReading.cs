namespace RawLlm;

/// <summary>Reads along with a stream that may go on elsewhere, and notes what it gives.</summary>
// The media type was let go of; the bytes tell as well.
internal sealed class GivenAnswerReading(LlmClient client, GivenAnswer given) : BodyReading(client, mediaType: null)
{
    protected override void See(in StreamEvent e) => given.Note(e.Kind, e.Choice, e.Index, e.Utf8);
}
