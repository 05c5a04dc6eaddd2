namespace RawLlm;

/// <summary>An observer that threw an exception and received nothing more.</summary>
/// <param name="Observer">The observer.</param>
/// <param name="Error">The exception that it threw.</param>
public sealed record ObserverFailure(IStreamObserver Observer, Exception Error);
