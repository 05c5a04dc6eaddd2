namespace RawLlm;

/// <summary>
/// The keys in <c>AdditionalProperties</c> for values that Microsoft.Extensions.AI has no member for. All values are strings.
/// </summary>
/// <remarks>For a whole answer they are in the properties of the <c>ChatResponse</c>; for a stream in those of its last update, and
/// therefore of the message that the updates form.</remarks>
public static class LlmAdapterKeys
{
    /// <summary>The service's own stop reason.</summary>
    public const string StopReason = "rawllm.stop_reason";

    /// <summary>
    /// The tolerated deviations from the wire, and the parts of the request that could not be sent, separated by <c>; </c>
    /// (<see cref="Quirk"/>).
    /// </summary>
    public const string Quirks = "rawllm.quirks";

    /// <summary>The name of the service that answered.</summary>
    public const string Provider = "rawllm.provider";

    /// <summary>The service's ID of the request, for its support.</summary>
    public const string RequestId = "rawllm.request_id";

    /// <summary>The cost of the answer in US dollars, as an invariant decimal number.</summary>
    public const string Cost = "rawllm.cost";

    /// <summary>The rate limits that the service reported (<see cref="RawLlm.RateLimits"/>), as JSON:
    /// <c>{"requests":{"limit":60,"remaining":59,"reset_after_seconds":1}}</c>, likewise <c>tokens</c>, <c>input_tokens</c> and
    /// <c>output_tokens</c>.</summary>
    public const string RateLimits = "rawllm.rate_limits";

    /// <summary>
    /// On a <c>TextContent</c>: the role of the text in the answer (<see cref="TextPart.Phase"/>), if the service sends it before the text
    /// ends.
    /// </summary>
    public const string Phase = "rawllm.phase";

    /// <summary>On a content: data that its service wants back unchanged. Keep it when you store messages.</summary>
    public const string Part = "rawllm.part";
}
