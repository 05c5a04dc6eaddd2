using System.Runtime.CompilerServices;

namespace RawLlm;

/// <summary>The text of a stream as strings. Written by hand: a compiler-generated iterator costs as much as a string.</summary>
internal sealed class TextPieces(ChatStream stream, CancellationToken cancellationToken)
    : IAsyncEnumerable<string>,
        IAsyncEnumerator<string>
{
    private CancellationToken _token = cancellationToken;
    private bool _isEnded;

    public string Current { get; private set; } = "";

    /// <summary>
    /// Returns the text of a stream that is opened when reading begins. Tools are forbidden unless the options say otherwise, because the
    /// text does not show tool calls.
    /// </summary>
    public static IAsyncEnumerable<string> Of(
        ChatRequest request,
        LlmClientOptions options,
        Func<ChatRequest, CancellationToken, Task<ChatStream>> open,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(request);
        return new TokenSequence<string>(cancellationToken, ReadAsync);

        async IAsyncEnumerator<string> ReadAsync(CancellationToken token)
        {
            var asked =
                options.TextOnlyForbidsTools && request.Tools is { Count: > 0 } ? request with { ToolChoice = ToolChoice.None } : request;
            var stream = await open(asked, token).ConfigureAwait(false);
            await foreach (string text in stream.TextAsync(CancellationToken.None).ConfigureAwait(false))
                yield return text;
        }
    }

    public IAsyncEnumerator<string> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        stream.ClaimEnumeration();
        if (!cancellationToken.CanBeCanceled || cancellationToken == _token)
            return this;
        var own = _token;
        _token = cancellationToken;
        if (!own.CanBeCanceled)
            return this;
        var joined = CancellationTokenSource.CreateLinkedTokenSource(own, cancellationToken);
        _token = joined.Token;
        return new JoinedEnumerator<string>(own, cancellationToken, joined, this);
    }

    public ValueTask<bool> MoveNextAsync()
    {
        while (!_isEnded)
        {
            if (!stream.TryTakeAhead())
            {
                var read = stream.ReadAsync(_token);
                if (!read.IsCompletedSuccessfully)
                    return WaitAsync(read);
                _isEnded = !read.Result;
            }
            if (!_isEnded && TrySetCurrent())
                return new(true);
        }
        return new(false);
    }

    public ValueTask DisposeAsync() => stream.DisposeAsync();

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> WaitAsync(ValueTask<bool> read)
    {
        while (await read.ConfigureAwait(false))
        {
            if (TrySetCurrent())
                return true;
            read = stream.ReadAsync(_token);
        }
        _isEnded = true;
        return false;
    }

    private bool TrySetCurrent()
    {
        var piece = stream.Current;
        if (piece.Kind != StreamEventKind.Text || piece.Choice != 0)
            return false;
        string text = piece.ToString();
        stream.ThrowIfDisposed();
        Current = text;
        return true;
    }
}
