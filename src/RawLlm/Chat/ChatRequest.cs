using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>Everything that a model is asked. Immutable; change a copy with <c>with { … }</c>.</summary>
/// <remarks>What is null or empty is not sent. The same request always gives the same bytes, so that a service's prompt cache hits.</remarks>
public sealed record ChatRequest
{
    /// <summary>The model; null for the client's own.</summary>
    public string? Model { get; init; }

    /// <summary>Instructions that stand above the conversation.</summary>
    public string? System { get; init; }

    /// <summary>The conversation so far, oldest first.</summary>
    /// <remarks>Without a message <see cref="System"/> is asked alone where it goes out as a message (chat completions, Responses, Ollama); on the other wires that is an <see cref="ArgumentException"/>.</remarks>
    public IReadOnlyList<Message> Messages { get; init; } = [];

    /// <summary>The most tokens that the answer may have, thoughts included where the service counts them.</summary>
    public int? MaxTokens { get; init; }

    /// <summary>0 for the most likely words; most services take up to 1 or 2.</summary>
    public double? Temperature { get; init; }

    /// <summary>Draw only from the most likely words that together have this probability.</summary>
    public double? TopP { get; init; }

    /// <summary>Draws the same words for the same number, as far as the service keeps to it.</summary>
    public long? Seed { get; init; }

    /// <summary>Texts at which the answer ends.</summary>
    public IReadOnlyList<string> Stop { get; init; } = [];

    /// <summary>Makes words rarer the more often they have come up; usually -2 to 2.</summary>
    public double? FrequencyPenalty { get; init; }

    /// <summary>Makes words rarer once they have come up; usually -2 to 2.</summary>
    public double? PresencePenalty { get; init; }

    /// <summary>How many of the likeliest tokens to report for each place, with their probabilities (<see cref="ChatReply.LogProbs"/>); 0 for the chosen one alone. Answers are read more slowly with them.</summary>
    public int? TopLogProbs { get; init; }

    /// <summary>How many answers to give side by side; each is a choice of the reply.</summary>
    public int? ChoiceCount { get; init; }

    /// <summary>Functions that the model may call.</summary>
    public IReadOnlyList<ToolDefinition> Tools { get; init; } = [];

    /// <summary>Whether the model may, must or must not call them.</summary>
    public ToolChoice? ToolChoice { get; init; }

    /// <summary>Whether the model may call several functions in one turn.</summary>
    public bool? ParallelToolCalls { get; init; }

    /// <summary>The form of the answer.</summary>
    public ReplyFormat? Format { get; init; }

    /// <summary>How much to think.</summary>
    public Thinking? Thinking { get; init; }

    /// <summary>An id of the end user, which services use against abuse.</summary>
    public string? User { get; init; }

    /// <summary>Members that are written into the request's JSON as they stand; they may not name what the request says already, but for <c>tools</c>: on chat completions, Responses, Anthropic's wire and Gemini's its elements follow the request's own.</summary>
    public IReadOnlyDictionary<string, RawJson> Extra { get; init; } = NoMembers<RawJson>.Instance;

    /// <summary>Headers for this request alone, beside the provider's.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = NoMembers<string>.Instance;

    /// <summary>Who pays for this request: the proof that goes out in place of the provider's own, such as the key of a gateway's tenant; null for the provider's.</summary>
    /// <remarks>A <see cref="FallbackChain"/> over several services takes none, since each would see it: <see cref="FallbackOptions.RequestFor"/> gives a key for each. It is not stored with the request.</remarks>
    [JsonIgnore]
    public Credential? Credential { get; init; }

    /// <summary>A request of one message of the user.</summary>
    public static ChatRequest Ask(string prompt)
    {
        ArgumentNullException.ThrowIfNull(prompt);
        return new() { Messages = [Message.User(prompt)] };
    }

    /// <summary>A text becomes a request of one message of the user.</summary>
    public static implicit operator ChatRequest(string prompt) => Ask(prompt);
}
