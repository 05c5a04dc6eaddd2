using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>One of the answers that a service gave side by side.</summary>
/// <param name="Index">Its number.</param>
/// <param name="Message">What the model said.</param>
/// <param name="StopReason">Why it ended; <see cref="StopReason.ToolUse"/> where functions were called.</param>
/// <param name="RawStopReason">The service's own word for it.</param>
public sealed record ChatChoice(int Index, [property: JsonRequired] Message Message, StopReason StopReason, string? RawStopReason)
{
    /// <summary>All text of the choice, joined.</summary>
    [JsonIgnore]
    public string Text => Message.Text;

    /// <summary>The text without what the model said while it worked: the parts of the phase <see cref="TextPart.FinalAnswer"/>, or else all but those of <see cref="TextPart.Commentary"/>. All of it where nothing else is there.</summary>
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
            return hasCommentary && hasOther ? Message.Join(Message.Parts, static part => part is TextPart text && text.Phase != TextPart.Commentary ? text.Text : null) : Text;
        }
    }

    /// <summary>All thoughts of the choice, joined.</summary>
    [JsonIgnore]
    public string Reasoning => Message.Join(Message.Parts, static part => (part as ReasoningPart)?.Text);

    /// <summary>
    /// The words with which the model declined, or those of the service where it ended the answer with <see cref="StopReason.Refusal"/> and
    /// the model said none; empty when neither did.
    /// </summary>
    [JsonIgnore]
    public string Refusal
    {
        get
        {
            string said = Message.Join(Message.Parts, static part => (part as RefusalPart)?.Text);
            return said.Length == 0 && StopReason == StopReason.Refusal ? StopMessage ?? "" : said;
        }
    }

    /// <summary>
    /// What the service says of why the choice ended, as Anthropic of a refusal and Gemini of a function call that it could not read; null
    /// where it says no more than its word. It is no part of the message, and does not go back.
    /// </summary>
    public string? StopMessage { get; init; }

    /// <summary>The pictures that the model made, in order of appearance: bytes with their type, or an address where the service gave one, which is never opened here.</summary>
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

    /// <summary>The sound that the model made, in order of appearance.</summary>
    /// <remarks>Sound without a head that tells its form is <c>audio/pcm</c>: for OpenAI 16 bits a sample, little-endian, 24 kHz, one channel. Gemini's type says its rate.</remarks>
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

    /// <summary>What is said in the sound, joined, where the service tells it; empty where there is none.</summary>
    [JsonIgnore]
    public string Transcript => Message.Join(Message.Parts, static part => (part as FilePart)?.Transcript);

    /// <summary>The sources that the choice cites, in the order in which the service gave them.</summary>
    public IReadOnlyList<Citation> Citations { get; init; } = [];

    /// <summary>How likely the tokens of the text were; null unless they were asked for (<see cref="ChatRequest.TopLogProbs"/>) and the service tells.</summary>
    public LogProbs? LogProbs { get; init; }

    /// <summary>The function calls, complete or not, in order of appearance.</summary>
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
