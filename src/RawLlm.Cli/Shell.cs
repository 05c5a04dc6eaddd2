namespace RawLlm.Cli;

/// <summary>All that a command sees of the world around it, so that tests can give it another one.</summary>
internal sealed record Shell
{
    /// <summary>Where <c>-</c> reads from.</summary>
    public required Stream In { get; init; }

    /// <summary>Takes the answer and nothing else, as bytes: no console encoding comes between.</summary>
    public required Stream Out { get; init; }

    /// <summary>Takes everything that is said about the answer.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>True when a person types <see cref="In"/>: nobody is waited for who was not asked.</summary>
    public bool IsInTerminal { get; init; }

    /// <summary>True when a person looks at <see cref="Out"/>: control characters of a model's text are then made visible.</summary>
    public bool IsOutTerminal { get; init; }

    /// <summary>True when <see cref="Error"/> may be coloured.</summary>
    public bool ColorsError { get; init; }

    /// <summary>The environment.</summary>
    public Func<string, string?> Variable { get; init; } = Environment.GetEnvironmentVariable;

    /// <summary>The services that are known by name, in the order in which they are tried.</summary>
    public IReadOnlyList<Provider> Providers { get; init; } = RawLlm.Providers.All();

    /// <summary>Lists the models of a local server; null when nothing answers there in time.</summary>
    public Func<Provider, CancellationToken, Task<IReadOnlyList<ModelInfo>?>> Probe { get; init; } = Targets.LocalProbe.ListAsync;

    /// <summary>How long the demonstration waits between two pieces of its answer.</summary>
    public TimeSpan DemoPause { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>All that <see cref="In"/> holds.</summary>
    public async Task<MemoryStream> ReadInputAsync(CancellationToken cancellationToken)
    {
        var input = new MemoryStream();
        // A console gives up no read that has begun: it is left behind when the program is told to end.
        await In.CopyToAsync(input, cancellationToken).WaitAsync(cancellationToken).ConfigureAwait(false);
        input.Position = 0;
        return input;
    }

    /// <summary>The value of a variable; null when it is not set or empty.</summary>
    public string? Value(string variable) => Variable(variable) is { } value && !string.IsNullOrWhiteSpace(value) ? value : null;
}
