using System.Text;
using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>A whole answer. Immutable.</summary>
/// <param name="Id">The service's ID of the answer; null if it sent none.</param>
/// <param name="Model">The model that answered, as the service names it; null if it sent none, as on Bedrock's Converse
/// (<see cref="ChatReply.RequestedModel"/>).</param>
/// <param name="Choices">The choices, usually one; never empty.</param>
/// <param name="Usage">What the answer used; null if the service did not report it.</param>
public sealed record ChatReply(string? Id, string? Model, [property: JsonRequired] IReadOnlyList<ChatChoice> Choices, Usage? Usage)
{
    /// <summary>The model's message in the first choice; append it to the conversation unchanged.</summary>
    [JsonIgnore]
    public Message Message => Choices[0].Message;

    /// <summary>
    /// Why the first choice ended; <see cref="StopReason.ToolUse"/> if the model called tools, unless the service reported that the answer
    /// was cut off, withheld, refused, paused or failed.
    /// </summary>
    [JsonIgnore]
    public StopReason StopReason => Choices[0].StopReason;

    /// <summary>The service's own stop reason; null if it sent none.</summary>
    [JsonIgnore]
    public string? RawStopReason => Choices[0].RawStopReason;

    /// <inheritdoc cref="ChatChoice.StopMessage"/>
    [JsonIgnore]
    public string? StopMessage => Choices[0].StopMessage;

    /// <inheritdoc cref="ChatChoice.StopSequence"/>
    [JsonIgnore]
    public string? StopSequence => Choices[0].StopSequence;

    /// <summary>All text of the first choice.</summary>
    [JsonIgnore]
    public string Text => Choices[0].Text;

    /// <summary>
    /// The text of the first choice without the model's commentary (<see cref="TextPart.Phase"/>);
    /// the same as <see cref="Text"/> if the service does not distinguish the two.
    /// </summary>
    [JsonIgnore]
    public string FinalText => Choices[0].FinalText;

    /// <summary>All reasoning of the first choice.</summary>
    [JsonIgnore]
    public string Reasoning => Choices[0].Reasoning;

    /// <summary>The words with which the model declined; empty if it did not.</summary>
    [JsonIgnore]
    public string Refusal => Choices[0].Refusal;

    /// <summary>The images that the model made, in the first choice.</summary>
    [JsonIgnore]
    public IReadOnlyList<ImagePart> Images => Choices[0].Images;

    /// <summary>The audio that the model made, in the first choice.</summary>
    [JsonIgnore]
    public IReadOnlyList<FilePart> Audio => Choices[0].Audio;

    /// <summary>
    /// The transcript of the audio, if the service sends one; otherwise empty. <see cref="Text"/> is what the model wrote.
    /// </summary>
    [JsonIgnore]
    public string Transcript => Choices[0].Transcript;

    /// <summary>The citations of the first choice.</summary>
    [JsonIgnore]
    public IReadOnlyList<Citation> Citations => Choices[0].Citations;

    /// <summary>
    /// The log probabilities of the first choice's tokens; null unless they were
    /// requested (<see cref="ChatRequest.TopLogProbs"/>) and the service sends them.
    /// </summary>
    [JsonIgnore]
    public LogProbs? LogProbs => Choices[0].LogProbs;

    /// <summary>The tool calls of the first choice, complete or not.</summary>
    [JsonIgnore]
    public IReadOnlyList<ToolCall> ToolCalls => Choices[0].ToolCalls;

    /// <summary>The complete tool calls of the first choice, which are those that may be run.</summary>
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
    /// The body of the answer as the service sent it, for data without a property here, if
    /// <see cref="LlmClientOptions.KeepRaw"/> is set. Otherwise empty; also empty if the answer arrived as a stream, whether
    /// you requested a stream, the client did so because the answer may be long, or the service sent one unrequested.
    /// </summary>
    /// <remarks>Not stored with the reply, and not part of <see cref="ToString"/>.</remarks>
    [JsonIgnore]
    public RawJson Json { get; init; }

    /// <summary>
    /// The headers of the response, if <see cref="LlmClientOptions.KeepRaw"/> is set:
    /// names as the server wrote them, without cookies and keys. Otherwise empty.
    /// </summary>
    /// <remarks>Not stored with the reply, and not part of <see cref="ToString"/>.</remarks>
    [JsonIgnore]
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>
    /// How the service counts input and output in <see cref="Usage"/>
    /// (<see cref="RawLlm.Usage.Normalize"/>); null for an answer that was read without a client.
    /// </summary>
    public UsageConvention? UsageConvention { get; init; }

    /// <summary>What the answer cost; null if that is unknown.</summary>
    public Cost? Cost { get; init; }

    /// <summary>
    /// False for what had arrived of an answer that broke off (<see cref="LlmException.Partial"/>), or if part of the stream had been read
    /// before.
    /// </summary>
    public bool IsComplete { get; init; } = true;

    /// <summary>Tolerated deviations from the wire's specification, and what was changed or left out of the request.</summary>
    public IReadOnlyList<Quirk> Quirks { get; init; } = [];

    /// <summary>What remains of the service's rate limits; null if it sent no such headers.</summary>
    public RateLimits? RateLimits { get; init; }

    /// <summary>The service's request ID, to quote to its support.</summary>
    public string? RequestId { get; init; }

    /// <summary>The name of the service that answered; null for an answer that was read without a client.</summary>
    public string? Provider { get; init; }

    /// <summary>
    /// The model that was requested from the service that answered, which may be another name for <see cref="Model"/>, such as an alias;
    /// null for an answer that was read without a client.
    /// </summary>
    public string? RequestedModel { get; init; }

    /// <summary>
    /// The attempts that failed before this answer arrived, including those at other services of a <see cref="FallbackChain"/>; usually
    /// empty.
    /// </summary>
    public IReadOnlyList<LlmAttempt> Attempts { get; init; } = [];

    /// <summary>
    /// The seams of a streamed answer that broke and continued at another service (<see cref="StreamFailover"/>); usually empty.
    /// </summary>
    /// <remarks>
    /// The reply contains what came after the last seam at which the answer restarted, including continuations. <see cref="Usage"/> is that
    /// of the last attempt; <see cref="Cost"/> is that of all attempts, as far as it is known.
    /// </remarks>
    public IReadOnlyList<StreamSwitch> Switches { get; init; } = [];

    // The compiler-generated version would include the body and the headers.
    private bool PrintMembers(StringBuilder text)
    {
        text.Append($"Id = {Id}, Model = {Model}, Choices = {Choices}, Usage = {Usage}");
        text.Append(
            $", Message = {Message}, StopReason = {StopReason}, RawStopReason = {RawStopReason}, StopMessage = {StopMessage}, StopSequence = {StopSequence}, Text = {Text}, FinalText = {FinalText}, Reasoning = {Reasoning}, Refusal = {Refusal}"
        );
        text.Append(
            $", Images = {Images}, Audio = {Audio}, Transcript = {Transcript}, Citations = {Citations}, LogProbs = {LogProbs}, ToolCalls = {ToolCalls}, CompletedToolCalls = {CompletedToolCalls}"
        );
        text.Append(
            $", UsageConvention = {UsageConvention}, Cost = {Cost}, IsComplete = {IsComplete}, Quirks = {Quirks}, RateLimits = {RateLimits}, RequestId = {RequestId}, Provider = {Provider}, RequestedModel = {RequestedModel}, Attempts = {Attempts}, Switches = {Switches}"
        );
        return true;
    }
}
