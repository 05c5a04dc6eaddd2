using System.Runtime.CompilerServices;

namespace RawLlm;

/// <content>What <c>await foreach</c> needs: .NET's own extension methods do not support sequences of ref structs (.NET 9).</content>
public sealed partial class TeeStream
{
    /// <summary>Enumerates the events; leaving the loop disposes the stream.</summary>
    public readonly struct Enumerator : IAsyncEnumerator<StreamEvent>
    {
        private readonly TeeStream _stream;
        private readonly CancellationToken _cancellationToken;

        internal Enumerator(TeeStream stream, CancellationToken cancellationToken)
        {
            _stream = stream;
            _cancellationToken = cancellationToken;
        }

        /// <inheritdoc/>
        public StreamEvent Current
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => _stream.Current;
        }

        /// <inheritdoc/>
        public ValueTask<bool> MoveNextAsync() => _stream.ReadAsync(_cancellationToken);

        /// <inheritdoc/>
        public ValueTask DisposeAsync() => _stream.DisposeAsync();
    }

    /// <summary>A stream and the token that cancels its reads.</summary>
    public readonly struct WithToken
    {
        private readonly TeeStream _stream;
        private readonly CancellationToken _cancellationToken;

        internal WithToken(TeeStream stream, CancellationToken cancellationToken)
        {
            _stream = stream;
            _cancellationToken = cancellationToken;
        }

        /// <summary>Configures whether the loop's awaits return to the caller's context.</summary>
        /// <param name="continueOnCapturedContext">Whether code after an await runs in the caller's context.</param>
        public Configured ConfigureAwait(bool continueOnCapturedContext) => new(_stream, continueOnCapturedContext, _cancellationToken);

        /// <summary>Starts the loop over the events.</summary>
        public Enumerator GetAsyncEnumerator() => _stream.GetAsyncEnumerator(_cancellationToken);
    }

    /// <summary>A stream whose awaits are configured to return to the caller's context or not.</summary>
    public readonly struct Configured
    {
        private readonly TeeStream _stream;
        private readonly CancellationToken _cancellationToken;
        private readonly bool _continueOnCapturedContext;

        internal Configured(TeeStream stream, bool continueOnCapturedContext, CancellationToken cancellationToken = default)
        {
            _stream = stream;
            _continueOnCapturedContext = continueOnCapturedContext;
            _cancellationToken = cancellationToken;
        }

        /// <summary>Sets the token that cancels the loop's reads.</summary>
        public Configured WithCancellation(CancellationToken cancellationToken) =>
            new(_stream, _continueOnCapturedContext, cancellationToken);

        /// <summary>Starts the loop over the events.</summary>
        public ConfiguredEnumerator GetAsyncEnumerator() => new(_stream.GetAsyncEnumerator(_cancellationToken), _continueOnCapturedContext);

        /// <summary>
        /// Closes the connection and notifies the observers of the end, if they have not been notified yet; a second call does nothing.
        /// </summary>
        public ConfiguredValueTaskAwaitable DisposeAsync() => _stream.DisposeAsync().ConfigureAwait(_continueOnCapturedContext);
    }

    /// <summary>Enumerates the events of a <see cref="Configured"/> stream; leaving the loop disposes the stream.</summary>
    public readonly struct ConfiguredEnumerator
    {
        private readonly Enumerator _events;
        private readonly bool _continueOnCapturedContext;

        internal ConfiguredEnumerator(Enumerator events, bool continueOnCapturedContext)
        {
            _events = events;
            _continueOnCapturedContext = continueOnCapturedContext;
        }

        /// <summary>The current event, lent until the next one.</summary>
        public StreamEvent Current
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get => _events.Current;
        }

        /// <summary>Moves to the next event.</summary>
        public ConfiguredValueTaskAwaitable<bool> MoveNextAsync() => _events.MoveNextAsync().ConfigureAwait(_continueOnCapturedContext);

        /// <summary>Closes the connection and notifies the observers.</summary>
        public ConfiguredValueTaskAwaitable DisposeAsync() => _events.DisposeAsync().ConfigureAwait(_continueOnCapturedContext);
    }
}
