namespace RawLlm;

/// <summary>An observer that calls a delegate.</summary>
internal sealed class ObservingAction(Action<StreamEvent> observe) : IStreamObserver
{
    public ValueTask OnEventAsync(StreamEvent e, CancellationToken cancellationToken)
    {
        observe(e);
        return default;
    }
}
