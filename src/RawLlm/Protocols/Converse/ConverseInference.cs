namespace RawLlm.Protocols;

/// <summary>What goes out as <c>inferenceConfig</c>, of what a request asks for.</summary>
/// <param name="MaxTokens">The most tokens of the answer.</param>
/// <param name="Temperature">The temperature.</param>
/// <param name="TopP">The share of tokens.</param>
/// <param name="HasStop">Whether the request's stop sequences do.</param>
internal readonly record struct ConverseInference(int? MaxTokens, double? Temperature, double? TopP, bool HasStop);
