namespace RawLlm.Comparisons;

/// <summary>Two contenders do not come to the same: nothing that they take can be compared.</summary>
internal sealed class DisagreementException(string message) : Exception(message);
