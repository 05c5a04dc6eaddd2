namespace RawLlm;

/// <summary>The names under which the adapter puts what Microsoft.Extensions.AI has no place for into <c>AdditionalProperties</c>. All values are texts.</summary>
/// <remarks>Of a whole answer they stand in those of the <c>ChatResponse</c>; of a stream, in those of its last update, and so in the message that is made of the updates.</remarks>
public static class LlmAdapterKeys
{
    /// <summary>The service's own word for why the answer ended.</summary>
    public const string StopReason = "rawllm.stop_reason";

    /// <summary>What deviated from the wire and was tolerated, and what of the request could not be sent, separated by <c>; </c> (<see cref="Quirk"/>).</summary>
    public const string Quirks = "rawllm.quirks";

    /// <summary>The name of the service that answered.</summary>
    public const string Provider = "rawllm.provider";

    /// <summary>The service's id of the request, for its support.</summary>
    public const string RequestId = "rawllm.request_id";

    /// <summary>What the answer cost, in US dollars, as an invariant decimal number.</summary>
    public const string Cost = "rawllm.cost";

    /// <summary>What the service said of its limits (<see cref="RawLlm.RateLimits"/>), as JSON: <c>{"requests":{"limit":60,"remaining":59,"reset_after_seconds":1}}</c>, with <c>tokens</c>, <c>input_tokens</c> and <c>output_tokens</c> beside.</summary>
    public const string RateLimits = "rawllm.rate_limits";

    /// <summary>On a <c>TextContent</c>: what the text is to the answer (<see cref="TextPart.Phase"/>), where the service says it before the text ends.</summary>
    public const string Phase = "rawllm.phase";

    /// <summary>On a content: what its service wants back unchanged with it. Keep it where messages are stored.</summary>
    public const string Part = "rawllm.part";
}
