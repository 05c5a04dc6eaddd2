namespace RawLlm;

/// <summary>Checks a request against what its model is known to be unable to do.</summary>
/// <remarks>Ignores null values. The writer of the request refuses them with a message that names the place.</remarks>
internal sealed class CapabilityCheck
{
    private CapabilityCheck() { }

    /// <summary>The check. Its methods are those of an object, so that a native program links them only if something creates it.</summary>
    public static CapabilityCheck Instance { get; } = new();

    /// <summary>Returns what is known about a model.</summary>
    public Capabilities Known(Provider provider, string model) => provider.CapabilitiesOf(model);

    /// <summary>Returns what the model cannot do, as the end of a sentence that says what to do; null if no problem is known.</summary>
    public string? Problem(Capabilities known, ChatRequest request, bool stream)
    {
        if (known == Capabilities.Unknown)
            return null;
        if (stream && known.Streaming == false)
            return "does not stream answers; use SendAsync";
        if (known.Tools == false && request.Tools is { Count: > 0 })
            return "does not call tools; leave Tools empty";
        if (known.ParallelTools == false && request.ParallelToolCalls == true)
            return "calls only one tool at a time; leave ParallelToolCalls null";
        if (
            known.Thinking == false
            && request.Thinking is { } thinking
            && (thinking.BudgetTokens is not null || thinking.Effort is not (null or ThinkingEffort.None))
        )
        {
            return "cannot be asked to reason; leave Thinking null";
        }

        if (known.StructuredOutput == false && request.Format?.Kind == ReplyFormatKind.JsonSchema)
            return "does not follow a JSON schema; use ReplyFormat.Json and describe the JSON in the prompt";
        if (request.MaxTokens is { } limit)
        {
            if (limit > known.MaxOutputTokens)
                return $"returns at most {known.MaxOutputTokens} tokens per answer, but MaxTokens is {limit}; lower MaxTokens";
            if (limit > known.ContextTokens)
                return $"takes at most {known.ContextTokens} tokens of prompt and answer together, but MaxTokens is {limit}; lower MaxTokens";
        }
        return Media(known, request);
    }

    /// <summary>Returns the approximate number of tokens in a prompt that is too long for the model; null if it may fit.</summary>
    // An estimate is not exact: a prompt is refused only if half of it would be too long.
    public long? TooLong(Capabilities known, ChatRequest request)
    {
        // A prompt never has more tokens than characters, so most prompts need no estimate.
        if (known.ContextTokens is not { } context || TokenEstimate.Characters(request) / 2 <= context)
            return null;
        long estimate = TokenEstimate.Of(request, TokenShape.Usual);
        return estimate / 2 > context ? estimate : null;
    }

    /// <summary>Returns what is wrong with a prompt that is too long, as the end of a sentence.</summary>
    public string Overflow(Capabilities known, long tokens) =>
        $"takes at most {known.ContextTokens.GetValueOrDefault()} tokens of prompt and answer together, and the prompt has about {tokens}; shorten it";

    private static string? Media(Capabilities known, ChatRequest request)
    {
        if (known.Vision != false && known.Audio != false && known.Files != false)
            return null;
        foreach (var message in request.Messages ?? [])
        {
            // Media that a model created goes back if the service accepts it, and is otherwise left out.
            if (message?.Role == Role.Assistant)
                continue;
            foreach (var part in message?.Parts ?? [])
            {
                if (Refused(known, part) is { } problem)
                    return problem;
                if (part is not ToolResultPart result)
                    continue;
                foreach (var inner in result.Content ?? [])
                {
                    if (Refused(known, inner) is { } innerProblem)
                        return innerProblem;
                }
            }
        }
        return null;
    }

    private static string? Refused(Capabilities known, Part part) =>
        part switch
        {
            ImagePart when known.Vision == false => "does not accept images; leave out the ImagePart",
            FilePart { MediaType: { } type } when type.StartsWith("audio/", StringComparison.OrdinalIgnoreCase) => known.Audio == false
                ? "does not accept audio; leave out the FilePart"
                : null,
            // Whether a model accepts video is unknown. Video is not a document.
            FilePart { MediaType: { } type } when type.StartsWith("video/", StringComparison.OrdinalIgnoreCase) => null,
            FilePart when known.Files == false => "does not accept documents; leave out the FilePart, or send its text as a TextPart",
            _ => null,
        };
}
