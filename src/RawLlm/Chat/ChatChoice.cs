using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>One choice of a reply: services can return several answers to one request.</summary>
/// <param name="Index">The index of the choice.</param>
/// <param name="Message">The model's message.</param>
/// <param name="StopReason">
/// Why the choice ended; <see cref="StopReason.ToolUse"/> if the model called tools, unless the service reported that the answer was cut
/// off, withheld, refused, paused or failed.
/// </param>
/// <param name="RawStopReason">The service's own stop reason; null if it sent none.</param>
public sealed record ChatChoice(int Index, [property: JsonRequired] Message Message, StopReason StopReason, string? RawStopReason)
{
    /// <summary>All text of the choice, joined.</summary>
    [JsonIgnore]
    public string Text => Message.Text;

    /// <summary>
    /// The text without the model's commentary: the parts with the phase <see cref="TextPart.FinalAnswer"/>, or, if there are none, all
    /// parts except those with <see cref="TextPart.Commentary"/>. All text if there is nothing but commentary.
    /// </summary>
    [JsonIgnore]
    public string FinalText
    {
        get
        {
            bool hasFinal = false;
            bool hasOther = false;
            bool hasCommentary = false;
            foreach (var part in Message.Parts)
            {
                if (part is not TextPart { Phase: var phase })
                    continue;
                hasFinal |= phase == TextPart.FinalAnswer;
                hasCommentary |= phase == TextPart.Commentary;
                hasOther |= phase is not (TextPart.FinalAnswer or TextPart.Commentary);
            }
            if (hasFinal)
                return Message.Join(Message.Parts, static part => part is TextPart { Phase: TextPart.FinalAnswer } text ? text.Text : null);
            return hasCommentary && hasOther
                ? Message.Join(Message.Parts, static part => part is TextPart text && text.Phase != TextPart.Commentary ? text.Text : null)
                : Text;
        }
    }

    /// <summary>All reasoning of the choice, joined.</summary>
    [JsonIgnore]
    public string Reasoning => Message.Join(Message.Parts, static part => (part as ReasoningPart)?.Text);

    /// <summary>
    /// The words with which the model declined. If it gave none and the choice ended with
    /// <see cref="StopReason.Refusal"/>, those of the service; empty if there are none.
    /// </summary>
    [JsonIgnore]
    public string Refusal
    {
        get
        {
            string text = Message.Join(Message.Parts, static part => (part as RefusalPart)?.Text);
            return text.Length == 0 && StopReason == StopReason.Refusal ? StopMessage ?? "" : text;
        }
    }

    /// <summary>
    /// What the service says about why the choice ended, such as Anthropic's explanation of a refusal or Gemini's description of a tool
    /// call that it could not read; null if it sends nothing but the stop reason. It is not part of the message and is not sent back.
    /// </summary>
    public string? StopMessage { get; init; }

    /// <summary>
    /// The stop sequence of the request that ended the choice, which the text does not contain; null if none did, or if the service does
    /// not say which one, as most do not: Anthropic, vLLM and SGLang do. The stop reason is then <see cref="StopReason.StopSequence"/> or,
    /// on chat completions, usually <see cref="StopReason.EndTurn"/>.
    /// </summary>
    public string? StopSequence { get; init; }

    /// <summary>
    /// The images that the model made, in order of appearance: bytes with their media type, or a URL if the service sent one, which RawLlm
    /// never opens.
    /// </summary>
    [JsonIgnore]
    public IReadOnlyList<ImagePart> Images
    {
        get
        {
            var images = new List<ImagePart>();
            foreach (var part in Message.Parts)
            {
                if (part is ImagePart image)
                    images.Add(image);
            }
            return images;
        }
    }

    /// <summary>The audio that the model made, in order of appearance.</summary>
    /// <remarks>
    /// Audio without a file header that shows its format has the type <c>audio/pcm</c>: for OpenAI, 16
    /// bits per sample, little-endian, 24 kHz, one channel. Gemini's type includes the sample rate.
    /// </remarks>
    [JsonIgnore]
    public IReadOnlyList<FilePart> Audio
    {
        get
        {
            var sounds = new List<FilePart>();
            foreach (var part in Message.Parts)
            {
                if (part is FilePart { MediaType: { } type } file && type.StartsWith("audio/", StringComparison.OrdinalIgnoreCase))
                    sounds.Add(file);
            }
            return sounds;
        }
    }

    /// <summary>The transcript of the audio, joined, if the service sends one; otherwise empty.</summary>
    [JsonIgnore]
    public string Transcript => Message.Join(Message.Parts, static part => (part as FilePart)?.Transcript);

    /// <summary>The citations of the choice, in the order in which the service sent them.</summary>
    public IReadOnlyList<Citation> Citations { get; init; } = [];

    /// <summary>
    /// The log probabilities of the text's tokens; null unless they were requested (<see cref="ChatRequest.TopLogProbs"/>) and the service
    /// sends them.
    /// </summary>
    public LogProbs? LogProbs { get; init; }

    /// <summary>The tool calls, complete or not, in order of appearance.</summary>
    [JsonIgnore]
    public IReadOnlyList<ToolCall> ToolCalls
    {
        get
        {
            var calls = new List<ToolCall>();
            foreach (var part in Message.Parts)
            {
                if (part is ToolCallPart { Call: var call })
                    calls.Add(call);
            }
            return calls;
        }
    }
}
