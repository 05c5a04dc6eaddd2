namespace RawLlm;

/// <summary>Holds a request against what its model is known to be unable to do.</summary>
/// <remarks>Passes over what is null: it is refused where the request is written, by a message that says where.</remarks>
internal static class CapabilityCheck
{
    /// <summary>What the request asks that the model cannot do, as the end of a sentence that says what to do; null when nothing is known against it.</summary>
    public static string? Problem(Capabilities known, ChatRequest request, bool stream)
    {
        if (known == Capabilities.Unknown)
            return null;
        if (stream && known.Streaming == false)
            return "does not stream its answers; use SendAsync";
        if (known.Tools == false && request.Tools is { Count: > 0 })
            return "calls no functions; leave Tools empty";
        if (known.ParallelTools == false && request.ParallelToolCalls == true)
            return "calls one function at a time; leave ParallelToolCalls null";
        if (known.Thinking == false && request.Thinking is { } thinking && (thinking.BudgetTokens is not null || thinking.Effort is not (null or ThinkingEffort.None)))
            return "cannot be asked to think; leave Thinking null";
        if (known.StructuredOutput == false && request.Format?.Kind == ReplyFormatKind.JsonSchema)
            return "does not hold its answer to a JSON schema; ask for ReplyFormat.Json and say in the prompt what it should hold";
        if (request.MaxTokens is { } limit)
        {
            if (limit > known.MaxOutputTokens)
                return $"gives at most {known.MaxOutputTokens} tokens in an answer, not the {limit} of MaxTokens";
            if (limit > known.ContextTokens)
                return $"holds {known.ContextTokens} tokens of prompt and answer together, fewer than the {limit} of MaxTokens";
        }
        return Media(known, request);
    }

    /// <summary>About how many tokens the prompt has, where that is more than the model holds; null where it may fit.</summary>
    // An estimate alone keeps nothing back: only a prompt that would not fit if it were half as long does.
    public static long? TooLong(Capabilities known, ChatRequest request)
    {
        // A character is never more than a token: most prompts need no estimate.
        if (known.ContextTokens is not { } context || TokenEstimate.Characters(request) / 2 <= context)
            return null;
        long estimate = TokenEstimate.Of(request, TokenShape.Usual);
        return estimate / 2 > context ? estimate : null;
    }

    private static string? Media(Capabilities known, ChatRequest request)
    {
        if (known.Vision != false && known.Audio != false && known.Files != false)
            return null;
        foreach (var message in request.Messages ?? [])
        {
            // What a model made goes back where the service takes it, and is left out elsewhere.
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

    private static string? Refused(Capabilities known, Part part) => part switch
    {
        ImagePart when known.Vision == false => "does not look at pictures; leave the ImagePart out",
        FilePart { MediaType: { } type } when type.StartsWith("audio/", StringComparison.OrdinalIgnoreCase) => known.Audio == false ? "does not listen to recordings; leave the FilePart out" : null,
        // Of video nothing is known; it is no document.
        FilePart { MediaType: { } type } when type.StartsWith("video/", StringComparison.OrdinalIgnoreCase) => null,
        FilePart when known.Files == false => "reads no documents; leave the FilePart out, or give its text as a TextPart",
        _ => null,
    };
}
