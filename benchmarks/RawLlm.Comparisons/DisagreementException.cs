namespace RawLlm.Comparisons;

/// <summary>Two contenders produce different results, so their times cannot be compared.</summary>
internal sealed class DisagreementException(string message) : Exception(message);
