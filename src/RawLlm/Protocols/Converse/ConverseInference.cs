namespace RawLlm.Protocols;

/// <summary>The settings of a request that are sent as <c>inferenceConfig</c>.</summary>
/// <param name="MaxTokens">The maximum number of tokens in the answer.</param>
/// <param name="Temperature">The temperature.</param>
/// <param name="TopP">The top_p setting.</param>
/// <param name="HasStop">Whether the request's stop sequences are sent.</param>
internal readonly record struct ConverseInference(int? MaxTokens, double? Temperature, double? TopP, bool HasStop);
