using System.CommandLine;
using RawLlm.Cli.Commands;

namespace RawLlm.Cli.Targets;

/// <summary>The options that choose the service and how to ask it; the same for every command that calls a service.</summary>
internal sealed class TargetOptions
{
    private const string SecondsRange = "--timeout takes 1 to 3600 seconds.";

    private readonly Option<string?> _provider = new("--provider", "-p")
    {
        Description =
            "Service to ask, such as openai or ollama-compatible; demo is the built-in demonstration. rawllm providers lists the names.",
        HelpName = "NAME",
    };

    private readonly Option<string?> _baseUrl = new("--base-url")
    {
        Description =
            "Base URL to use instead of the service's own; without --provider, that of any server that speaks chat completions. A URL without a path gets /v1, or the path that its wire starts with; a path is used as it is, and a pasted .../chat/completions works too.",
        HelpName = "URL",
    };

    private readonly Option<string?> _keyVariable = new("--key-env")
    {
        Description =
            "Environment variable that contains the API key, instead of the service's own variable. With --base-url alone, no API key is sent unless this option names one.",
        HelpName = "VAR",
    };

    private readonly Switch _allowPlainHttpKey = new("--allow-plain-http-key")
    {
        IsPermission = true,
        Description =
            "Allow sending the API key over plain HTTP to another machine. Use it only on a network that you trust: others on it can read the key.",
    };

    private readonly Option<int?> _timeout;

    /// <param name="timeout">The description of <c>--timeout</c>: what it limits, and what applies without it.</param>
    public TargetOptions(string timeout) =>
        _timeout = new("--timeout")
        {
            Description = timeout,
            HelpName = "SECONDS",
            CustomParser = NumberParser.Whole(SecondsRange),
        };

    public void AddTo(Command command)
    {
        command.Add(_provider);
        command.Add(_baseUrl);
        command.Add(_keyVariable);
        command.Add(_allowPlainHttpKey);
        command.Add(_timeout);
    }

    public string? BaseUrl(ParseResult parsed) => parsed.GetValue(_baseUrl);

    /// <summary>The value of <c>--timeout</c>; null if it was not given.</summary>
    /// <exception cref="UsageException">The value is out of range.</exception>
    public TimeSpan? Timeout(ParseResult parsed) =>
        parsed.GetValue(_timeout) switch
        {
            null => null,
            < 1 or > 3600 => throw new UsageException(SecondsRange),
            { } seconds => TimeSpan.FromSeconds(seconds),
        };

    /// <summary>The timeouts of one question. A model that is still loading may be silent for all of that time.</summary>
    public static LlmTimeouts ToTimeouts(TimeSpan patience) =>
        LlmTimeouts.Default with
        {
            ReplyHeaders = patience,
            StreamHeaders = patience,
            FirstEvent = patience,
            Idle = patience > LlmTimeouts.Default.Idle ? patience : LlmTimeouts.Default.Idle,
            Stall = patience,
            ReplyDeadline = patience,
            StreamDeadline = patience,
        };

    /// <summary>
    /// The service and the model that are named. <c>openrouter:openai/gpt-5</c> names both; a colon that belongs to the model does not.
    /// </summary>
    /// <exception cref="UsageException">The model's name is empty.</exception>
    public (string? Service, string? Model) Names(ParseResult parsed, string? model)
    {
        if (model is not null && string.IsNullOrWhiteSpace(model))
            throw new UsageException("--model takes the name of a model.");
        string? service = parsed.GetValue(_provider);
        if (model is null || !Providers.TryResolve(model, out var named, out string bare))
            return (service, model);
        if (service is null ? BaseUrl(parsed) is null : named.Name.Equals(service, StringComparison.OrdinalIgnoreCase))
            return (named.Name, bare);
        return (service, model);
    }

    /// <summary>Chooses the service to ask.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="service">The service's name, as <see cref="Names"/> returns it.</param>
    /// <param name="model">The model's name, as <see cref="Names"/> returns it.</param>
    /// <param name="shell">The environment of the command.</param>
    /// <param name="cancellationToken">Cancels the search.</param>
    /// <exception cref="UsageException">The options name something that does not exist, or only a model and no service is known to ask for
    /// it.</exception>
    public async Task<Target> ChooseAsync(
        ParseResult parsed,
        string? service,
        string? model,
        Shell shell,
        CancellationToken cancellationToken
    )
    {
        var target = await FindAsync(parsed, service, parsed.GetValue(_keyVariable), shell, cancellationToken).ConfigureAwait(false);
        if (model is null || target is not { Demo: not null, Reason: { } why })
            return target;
        await target.DisposeAsync().ConfigureAwait(false);
        throw new UsageException(
            $"No service to ask for the model {model}: {why}. Set OPENAI_API_KEY or another API key variable (rawllm providers lists them), start Ollama, name a server with --base-url, or omit --model to see the built-in demonstration."
        );
    }

    /// <summary>
    /// Chooses the service of a request that is printed and never sent. If the variable of its API key is not set, a random key is used
    /// instead, and <see cref="Target.MissingKey"/> names the variable.
    /// </summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="service">The service's name, as <see cref="Names"/> returns it.</param>
    /// <param name="shell">The environment of the command.</param>
    /// <param name="cancellationToken">Cancels the search.</param>
    /// <exception cref="UsageException">The options name something that does not exist.</exception>
    public async Task<Target> ChooseToPrintAsync(ParseResult parsed, string? service, Shell shell, CancellationToken cancellationToken)
    {
        string? named = parsed.GetValue(_keyVariable);
        if (named is null || !TargetChoice.IsName(named) || shell.Value(named) is not null)
        {
            var target = await FindAsync(parsed, service, named, shell, cancellationToken).ConfigureAwait(false);
            return target.Problem?.MissingKey is { } missing ? target.WithoutKey() with { MissingKey = missing } : target;
        }
        string placeholder = Target.RandomKey();
        var variables = shell.Variable;
        shell = shell with { Variable = name => name == named ? placeholder : variables(name) };
        return await FindAsync(parsed, service, named, shell, cancellationToken).ConfigureAwait(false) with { MissingKey = named };
    }

    private async Task<Target> FindAsync(
        ParseResult parsed,
        string? service,
        string? keyVariable,
        Shell shell,
        CancellationToken cancellationToken
    )
    {
        var patience = Timeout(parsed);
        bool allowsPlainHttp = parsed.GetValue(_allowPlainHttpKey);
        var target = await TargetChoice.ChooseAsync(service, BaseUrl(parsed), keyVariable, shell, cancellationToken).ConfigureAwait(false);
        return target with
        {
            Problem = allowsPlainHttp ? TargetProblem.Of(target.Provider, shell, allowsPlainHttp) : target.Problem,
            Options = new LlmClientOptions
            {
                AllowKeyOverPlainHttp = allowsPlainHttp,
                Timeouts = patience is { } limit ? ToTimeouts(limit) : LlmTimeouts.Default,
            },
        };
    }
}
