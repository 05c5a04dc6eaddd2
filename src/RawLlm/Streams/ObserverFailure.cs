namespace RawLlm;

/// <summary>An observer that has thrown, and was told nothing more.</summary>
/// <param name="Observer">The observer.</param>
/// <param name="Error">What it has thrown.</param>
public sealed record ObserverFailure(IStreamObserver Observer, Exception Error);
