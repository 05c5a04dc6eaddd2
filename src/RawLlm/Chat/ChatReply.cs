using System.Text;
using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>A whole answer. Immutable.</summary>
/// <param name="Id">The service's id of the answer.</param>
/// <param name="Model">The model that answered, as the service names it.</param>
/// <param name="Choices">The answers side by side, usually one; never empty.</param>
/// <param name="Usage">What the answer used; null when the service said nothing.</param>
public sealed record ChatReply(string? Id, string? Model, [property: JsonRequired] IReadOnlyList<ChatChoice> Choices, Usage? Usage)
{
    /// <summary>What the model said, in the first choice; append it to the conversation as it is.</summary>
    [JsonIgnore]
    public Message Message => Choices[0].Message;

    /// <summary>Why the first choice ended; <see cref="StopReason.ToolUse"/> where functions were called.</summary>
    [JsonIgnore]
    public StopReason StopReason => Choices[0].StopReason;

    /// <summary>The service's own word for it.</summary>
    [JsonIgnore]
    public string? RawStopReason => Choices[0].RawStopReason;

    /// <inheritdoc cref="ChatChoice.StopMessage"/>
    [JsonIgnore]
    public string? StopMessage => Choices[0].StopMessage;

    /// <summary>All text of the first choice.</summary>
    [JsonIgnore]
    public string Text => Choices[0].Text;

    /// <summary>The text of the first choice without what the model said while it worked (<see cref="TextPart.Phase"/>); the same as <see cref="Text"/> where the service tells the two not apart.</summary>
    [JsonIgnore]
    public string FinalText => Choices[0].FinalText;

    /// <summary>All thoughts of the first choice.</summary>
    [JsonIgnore]
    public string Reasoning => Choices[0].Reasoning;

    /// <summary>The words with which the model declined; empty when it did not.</summary>
    [JsonIgnore]
    public string Refusal => Choices[0].Refusal;

    /// <summary>The pictures that the model made, in the first choice.</summary>
    [JsonIgnore]
    public IReadOnlyList<ImagePart> Images => Choices[0].Images;

    /// <summary>The sound that the model made, in the first choice.</summary>
    [JsonIgnore]
    public IReadOnlyList<FilePart> Audio => Choices[0].Audio;

    /// <summary>What is said in the sound, where the service tells it; empty where there is none. <see cref="Text"/> is what the model wrote.</summary>
    [JsonIgnore]
    public string Transcript => Choices[0].Transcript;

    /// <summary>The sources that the first choice cites.</summary>
    [JsonIgnore]
    public IReadOnlyList<Citation> Citations => Choices[0].Citations;

    /// <summary>How likely the tokens of the first choice were; null unless they were asked for (<see cref="ChatRequest.TopLogProbs"/>) and the service tells.</summary>
    [JsonIgnore]
    public LogProbs? LogProbs => Choices[0].LogProbs;

    /// <summary>The function calls of the first choice, complete or not.</summary>
    [JsonIgnore]
    public IReadOnlyList<ToolCall> ToolCalls => Choices[0].ToolCalls;

    /// <summary>The complete function calls of the first choice: those that may be run.</summary>
    [JsonIgnore]
    public IReadOnlyList<ToolCall> CompletedToolCalls
    {
        get
        {
            var calls = new List<ToolCall>();
            foreach (var call in ToolCalls)
            {
                if (call.IsComplete)
                    calls.Add(call);
            }
            return calls;
        }
    }

    /// <summary>
    /// The body of the answer as the service sent it, for what has no property here, where <see cref="LlmClientOptions.KeepsRaw"/> is set. Empty where it is not, and where the
    /// answer came as a stream: asked for as one, or because it may be long, or unasked.
    /// </summary>
    /// <remarks>Not stored with the reply, nor told by <see cref="ToString"/>.</remarks>
    [JsonIgnore]
    public RawJson Json { get; init; }

    /// <summary>The headers of the response, where <see cref="LlmClientOptions.KeepsRaw"/> is set: each as the server spelt it, without cookies and keys. Empty where it is not.</summary>
    /// <remarks>Not stored with the reply, nor told by <see cref="ToString"/>.</remarks>
    [JsonIgnore]
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>What the service counts as input and output in <see cref="Usage"/> (<see cref="RawLlm.Usage.AllInside"/>); null for an answer that was read without a client.</summary>
    public UsageConvention? UsageConvention { get; init; }

    /// <summary>What the answer cost; null when that is not known.</summary>
    public Cost? Cost { get; init; }

    /// <summary>False for what was gathered from an answer that broke off (<see cref="LlmException.Partial"/>), or of which a part was read by hand before.</summary>
    public bool IsComplete { get; init; } = true;

    /// <summary>Deviations from the wire's specification that were tolerated.</summary>
    public IReadOnlyList<Quirk> Quirks { get; init; } = [];

    /// <summary>What is left of the service's limits; null when it sent no such headers.</summary>
    public RateLimits? RateLimits { get; init; }

    /// <summary>The service's id of the request, for its support.</summary>
    public string? RequestId { get; init; }

    /// <summary>The name of the service that answered; null for an answer that was read without a client.</summary>
    public string? Provider { get; init; }

    /// <summary>The tries that failed before this answer came, at other services of a <see cref="FallbackChain"/> too; empty as a rule.</summary>
    public IReadOnlyList<LlmAttempt> Attempts { get; init; } = [];

    /// <summary>The seams of a streamed answer that broke and went on elsewhere (<see cref="StreamFailover"/>); empty as a rule.</summary>
    /// <remarks>The answer is what counts behind the last seam that began anew, with all that was continued; <see cref="Usage"/> is that of the last attempt, <see cref="Cost"/> that of all as far as known.</remarks>
    public IReadOnlyList<StreamSwitch> Switches { get; init; } = [];

    // The compiler's own would tell body and headers as well.
    private bool PrintMembers(StringBuilder text)
    {
        text.Append($"Id = {Id}, Model = {Model}, Choices = {Choices}, Usage = {Usage}");
        text.Append($", Message = {Message}, StopReason = {StopReason}, RawStopReason = {RawStopReason}, StopMessage = {StopMessage}, Text = {Text}, FinalText = {FinalText}, Reasoning = {Reasoning}, Refusal = {Refusal}");
        text.Append($", Images = {Images}, Audio = {Audio}, Transcript = {Transcript}, Citations = {Citations}, LogProbs = {LogProbs}, ToolCalls = {ToolCalls}, CompletedToolCalls = {CompletedToolCalls}");
        text.Append($", UsageConvention = {UsageConvention}, Cost = {Cost}, IsComplete = {IsComplete}, Quirks = {Quirks}, RateLimits = {RateLimits}, RequestId = {RequestId}, Provider = {Provider}, Attempts = {Attempts}, Switches = {Switches}");
        return true;
    }
}
