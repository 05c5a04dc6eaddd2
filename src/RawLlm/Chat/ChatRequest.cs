using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>
/// A request to a model: the conversation, and everything that controls the answer. Immutable; change a copy with <c>with { … }</c>.
/// </summary>
/// <remarks>
/// <para>Values that are null or empty are not sent. The same request always produces the same bytes, so that the service's prompt caching
/// works.</para>
/// <para>The lists and dictionaries are kept as they are given, not copied, and are read whenever the request is written, which may happen
/// again during the call: do not change them afterwards. For a list that grows, use a copy, such as <c>[.. messages]</c>.</para>
/// </remarks>
public sealed record ChatRequest
{
    /// <summary>The model; null for the client's own.</summary>
    public string? Model { get; init; }

    /// <summary>The system prompt: instructions that precede the conversation.</summary>
    public string? System { get; init; }

    /// <summary>The conversation so far, oldest first.</summary>
    /// <remarks>
    /// Without messages, <see cref="System"/> is sent alone if the wire sends it as a message (chat
    /// completions, Responses, Ollama); on the other wires that is an <see cref="ArgumentException"/>.
    /// </remarks>
    public IReadOnlyList<Message> Messages { get; init; } = [];

    /// <summary>
    /// The maximum number of tokens of the answer, including reasoning if the service counts it; null for the service's own limit.
    /// </summary>
    /// <remarks>
    /// A request with a negative number is refused with an <see cref="ArgumentException"/>. For a server with which a negative number means
    /// "no limit", such as llama.cpp or Ollama, leave this null and put the server's own member in <see cref="Extra"/>.
    /// </remarks>
    public int? MaxTokens { get; init; }

    /// <summary>The sampling temperature: 0 for the most likely tokens; most services accept values up to 1 or 2.</summary>
    public double? Temperature { get; init; }

    /// <summary>Nucleus sampling: considers only the most likely tokens that together have this probability.</summary>
    public double? TopP { get; init; }

    /// <summary>The seed of the sampling: the same number gives the same answer, as far as the service honors it.</summary>
    public long? Seed { get; init; }

    /// <summary>Stop sequences, at which the answer ends.</summary>
    public IReadOnlyList<string> Stop { get; init; } = [];

    /// <summary>Makes tokens less likely the more often they have appeared; usually -2 to 2.</summary>
    public double? FrequencyPenalty { get; init; }

    /// <summary>Makes tokens less likely once they have appeared; usually -2 to 2.</summary>
    public double? PresencePenalty { get; init; }

    /// <summary>
    /// How many of the most likely tokens to report at each position, with their log probabilities
    /// (<see cref="ChatReply.LogProbs"/>); 0 for the chosen token only. Reading such answers is slower.
    /// </summary>
    public int? TopLogProbs { get; init; }

    /// <summary>How many answers to return; each is a choice of the reply.</summary>
    public int? ChoiceCount { get; init; }

    /// <summary>The tools that the model may call, each with its own name.</summary>
    public IReadOnlyList<ToolDefinition> Tools { get; init; } = [];

    /// <summary>Whether the model may, must or must not call tools.</summary>
    public ToolChoice? ToolChoice { get; init; }

    /// <summary>Whether the model may call several tools in one turn.</summary>
    public bool? ParallelToolCalls { get; init; }

    /// <summary>The format of the answer, such as structured output.</summary>
    public ReplyFormat? Format { get; init; }

    /// <summary>How much the model should think before it answers.</summary>
    public Thinking? Thinking { get; init; }

    /// <summary>An ID of the end user, which services use to detect abuse.</summary>
    public string? User { get; init; }

    /// <summary>
    /// Members that are written into the request's JSON unchanged. They must not repeat what the request already says, except for
    /// <c>tools</c>: on the wires of chat completions, Responses, Anthropic and Gemini, its elements follow the request's own.
    /// </summary>
    public IReadOnlyDictionary<string, RawJson> Extra { get; init; } = NoMembers<RawJson>.Instance;

    /// <summary>Headers for this request only, in addition to the provider's.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = NoMembers<string>.Instance;

    /// <summary>
    /// The credential for this request, instead of the provider's own, such as the API key of a gateway's tenant; null for the provider's.
    /// </summary>
    /// <remarks>
    /// A <see cref="FallbackChain"/> over several hosts does not accept one, because each of them would see it; supply one per client with
    /// <see cref="FallbackOptions.RequestFor"/>. It is not stored with the request.
    /// </remarks>
    [JsonIgnore]
    public Credential? Credential { get; init; }

    /// <summary>Returns a hash code for hash tables, computed from a few properties.</summary>
    // Equality compares every property. A generated hash would compute them all, which is 1.5 KB of a native program.
    public override int GetHashCode() => HashCode.Combine(Messages, MaxTokens ?? 0);

    /// <summary>Creates a request with one user message.</summary>
    public static ChatRequest Ask(string prompt)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        return new() { Messages = [Message.User(prompt)] };
    }

    /// <summary>Converts a text to a request with one user message.</summary>
    public static implicit operator ChatRequest(string prompt) => Ask(prompt);
}
