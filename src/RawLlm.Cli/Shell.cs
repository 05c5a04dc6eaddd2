namespace RawLlm.Cli;

/// <summary>Everything a command uses from its environment, so that tests can replace it.</summary>
internal sealed record Shell
{
    /// <summary>Standard input, which <c>-</c> reads.</summary>
    public required Stream In { get; init; }

    /// <summary>Receives the answer and nothing else, as bytes, so that no console encoding is applied.</summary>
    public required Stream Out { get; init; }

    /// <summary>Receives everything that is printed about the answer.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>Whether <see cref="In"/> is a terminal: the program does not wait for input there unless <c>-</c> asks for it.</summary>
    public bool IsInTerminal { get; init; }

    /// <summary>Whether <see cref="Out"/> is a terminal, where control characters in a model's text are made visible.</summary>
    public bool IsOutTerminal { get; init; }

    /// <summary>The number of characters per line of the terminal; null to ask the terminal itself.</summary>
    public int? Width { get; init; }

    /// <summary>Whether <see cref="Error"/> may be colored.</summary>
    public bool ColorsError { get; init; }

    /// <summary>Reads an environment variable.</summary>
    public Func<string, string?> Variable { get; init; } = Environment.GetEnvironmentVariable;

    /// <summary>The services that are known by name, in the order in which their API keys are looked for.</summary>
    public IReadOnlyList<Provider> Providers { get; init; } = RawLlm.Providers.All();

    /// <summary>Lists the models of a local server; null if nothing responds there in time.</summary>
    public Func<Provider, CancellationToken, Task<IReadOnlyList<ModelInfo>?>> Probe { get; init; } = Targets.LocalProbe.ListAsync;

    /// <summary>The pause between two pieces of the demonstration's answer.</summary>
    public TimeSpan DemoPause { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>Reads <see cref="In"/> to its end.</summary>
    public async Task<MemoryStream> ReadInputAsync(CancellationToken cancellationToken)
    {
        var input = new MemoryStream();
        // A console read cannot be canceled once it has begun, so it is abandoned on cancellation.
        await In.CopyToAsync(input, cancellationToken).WaitAsync(cancellationToken).ConfigureAwait(false);
        input.Position = 0;
        return input;
    }

    /// <summary>The value of a variable; null if it is not set or blank.</summary>
    public string? Value(string variable) => Variable(variable) is { } value && !string.IsNullOrWhiteSpace(value) ? value : null;
}
