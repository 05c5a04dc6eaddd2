namespace RawLlm;

/// <summary>An observer that is a method alone.</summary>
internal sealed class ObservingAction(Action<StreamEvent> observe) : IStreamObserver
{
    public ValueTask OnEventAsync(StreamEvent e, CancellationToken cancellationToken)
    {
        observe(e);
        return default;
    }
}
