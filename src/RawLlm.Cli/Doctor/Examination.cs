using RawLlm.Cli.Targets;

namespace RawLlm.Cli.Doctor;

/// <summary>Examines one endpoint, one check after another.</summary>
internal sealed class Examination : IDisposable
{
    private readonly List<Finding> _findings = [];
    private readonly Target _target;
    private readonly string? _address;
    private readonly TimeSpan _patience;
    private readonly Action<Finding> _progress;
    private readonly EndpointQuestions _questions;

    /// <param name="target">The endpoint.</param>
    /// <param name="address">The base URL from the command line, for the expression that creates the provider; null if none was
    /// given.</param>
    /// <param name="patience">The time limit for one question.</param>
    /// <param name="progress">Receives each finding as it is made.</param>
    public Examination(Target target, string? address, TimeSpan patience, Action<Finding> progress)
    {
        _target = target;
        _address = address;
        _patience = patience;
        _progress = progress;
        _questions = new EndpointQuestions(
            target.Provider,
            target.Options with
            {
                // Each answer counts as it is, and the endpoint alone decides what it supports.
                Retries = LlmRetries.None,
                CheckCapabilities = false,
                Timeouts = TargetOptions.ToTimeouts(patience),
            }
        );
    }

    /// <summary>What was found so far.</summary>
    public Diagnosis Diagnosis =>
        new(
            _questions.Provider,
            _questions.Model,
            _findings,
            _questions.Quirks,
            _questions.Timing,
            ProviderExpression.Write(_target, _address, _questions.Adjustments),
            ProviderExpression.Options(_target)
        );

    // The variable of the API key that is sent; null if none or only a placeholder is sent.
    private string? SentFrom => _target.Provider.Credential.IsSecret ? _target.KeyVariable : null;

    /// <summary>Runs every check.</summary>
    /// <param name="model">The model to ask; null for the service's default model, or the first that it lists.</param>
    /// <param name="cancellationToken">Cancels the examination.</param>
    public async Task RunAsync(string? model, CancellationToken cancellationToken)
    {
        // A configuration error is reported before any name lookup or connection.
        if (CreateClient(model ?? _target.Provider.DefaultModel ?? "any") is { } problem)
        {
            Skip([Checks.Reach, Checks.Tls], "the configuration is wrong");
            Add(new Finding(Checks.Key, Verdict.Fails, problem));
            Skip([Checks.Models, .. Checks.OfModel], "an earlier check failed");
        }
        else if (await ReachAsync(cancellationToken).ConfigureAwait(false))
        {
            Add(
                new Finding(
                    Checks.Key,
                    Verdict.Skipped,
                    SentFrom is null
                        ? "none sent, or only a placeholder; no answer arrived"
                        : $"sent from {SentFrom}; no answer arrived to show whether it works"
                )
            );
            await CheckAsync(Checks.Models, token => _questions.ListAsync(model, token), cancellationToken).ConfigureAwait(false);
            if (_questions.Model is null)
                Skip(Checks.OfModel, "no model to ask; name one with --model");
            else
                await AskAsync(cancellationToken).ConfigureAwait(false);
        }
        else
        {
            Skip([Checks.Models, .. Checks.OfModel], "an earlier check failed");
        }
    }

    public void Dispose() => _questions.Dispose();

    private async Task<bool> ReachAsync(CancellationToken cancellationToken)
    {
        // Behind a proxy, only the proxy can reach the host; the questions go through it.
        if (NetworkProbe.ProxyFor(_target.Provider.BaseUrl, HttpClient.DefaultProxy) is { } proxy)
        {
            Skip([Checks.Reach, Checks.Tls], $"the system proxy {proxy.Authority} connects");
            return true;
        }
        using var network = new NetworkProbe();
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(_patience);
        try
        {
            Add(await network.ReachAsync(_target.Provider.BaseUrl, deadline.Token).ConfigureAwait(false));
            if (_findings[^1].Verdict != Verdict.Fails)
                Add(await network.SecureAsync(_target.Provider.BaseUrl, deadline.Token).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            Add(
                new Finding(
                    _findings.Count == 0 ? Checks.Reach : Checks.Tls,
                    Verdict.Fails,
                    $"no answer within {Duration.Text(_patience)}; check --base-url, the network, and whether a firewall is in between"
                )
            );
        }
        // Plain HTTP is skipped, not failed.
        if (_findings[^1].Verdict != Verdict.Fails)
            return true;
        Skip(_findings.Count == 1 ? [Checks.Tls, Checks.Key] : [Checks.Key], "an earlier check failed");
        return false;
    }

    // Creates the client. If that fails, returns what is wrong with the configuration.
    private string? CreateClient(string model)
    {
        if (_target.Problem is { } problem)
            return problem.Hint is null ? problem.Text : $"{problem.Text} To fix this, {problem.Hint}.";
        try
        {
            _questions.Create(model);
            return null;
        }
        catch (LlmException e)
        {
            return e.Message;
        }
    }

    private async Task AskAsync(CancellationToken cancellationToken)
    {
        _questions.Create(_questions.Model!);
        await CheckAsync(Checks.Whole, _questions.AskWholeAsync, cancellationToken).ConfigureAwait(false);
        await CheckAsync(Checks.Stream, _questions.AskStreamAsync, cancellationToken).ConfigureAwait(false);
        var answers = _findings.TakeLast(2).ToArray();
        if (answers.All(answer => answer.Verdict is Verdict.Fails or Verdict.Skipped))
        {
            Skip(
                Checks.OfModel[2..],
                answers.All(answer => answer.Verdict == Verdict.Skipped) ? answers[^1].Detail : "the model does not answer"
            );
            return;
        }
        Add(_questions.UsageFinding());
        await CheckAsync(Checks.Tools, _questions.AskToolAsync, cancellationToken).ConfigureAwait(false);
        var tools = _findings[^1];
        if (tools.Verdict is Verdict.Works or Verdict.Differs)
        {
            await CheckAsync(Checks.Parallel, _questions.AskTwoToolsAsync, cancellationToken).ConfigureAwait(false);
            await CheckAsync(Checks.Choice, _questions.AskChoiceAsync, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            Skip([Checks.Parallel, Checks.Choice], tools.Verdict == Verdict.Skipped ? tools.Detail : "tools do not work");
        }
        await CheckAsync(Checks.Schema, _questions.AskSchemaAsync, cancellationToken).ConfigureAwait(false);
        await CheckAsync(Checks.Reasoning, _questions.AskReasoningAsync, cancellationToken).ConfigureAwait(false);
        await CheckAsync(Checks.Image, _questions.AskImageAsync, cancellationToken).ConfigureAwait(false);
        await CheckAsync(Checks.Error, _questions.AskNoSuchModelAsync, cancellationToken).ConfigureAwait(false);
        Add(_questions.LimitsFinding());
    }

    private async Task CheckAsync(string check, Func<CancellationToken, Task<Finding>> ask, CancellationToken cancellationToken)
    {
        Finding finding;
        try
        {
            finding = await ask(cancellationToken).ConfigureAwait(false);
            // Some services list their models without an API key.
            if (check is not (Checks.Models or Checks.Error))
                SettleKey(Verdict.Works, SentFrom is null ? "the service needs none, or accepts a placeholder" : $"from {SentFrom}");
        }
        catch (LlmException e) when (EndpointQuestions.IsLimit(e))
        {
            string limit = (e.CauseKind ?? e.Kind) == LlmErrorKind.RateLimited ? "rate limited" : "the service is overloaded";
            finding = new Finding(check, Verdict.Skipped, $"could not be checked: {limit}");
        }
        catch (LlmException e)
        {
            if ((e.CauseKind ?? e.Kind) is LlmErrorKind.Authentication or LlmErrorKind.PermissionDenied)
            {
                SettleKey(
                    Verdict.Fails,
                    SentFrom is null
                        ? "the service requires one; name its variable with --key-env"
                        : $"the service rejects the one in {SentFrom}"
                );
            }

            string code = e.ProviderCode is null ? "" : $", code {e.ProviderCode}";
            finding = new Finding(
                check,
                Verdict.Fails,
                $"{e.CauseKind ?? e.Kind}{(e.Status is { } status ? $" (HTTP {status}{code})" : "")}: {e.Message}"
            );
        }
        catch (ArgumentException e)
        {
            finding = new Finding(check, Verdict.Fails, $"the wire cannot carry this request: {e.Message}");
        }
        Add(finding);
    }

    // The first answer decides: once a model has answered, a later refusal does not mean that the API key is bad.
    private void SettleKey(Verdict verdict, string detail)
    {
        int index = _findings.FindIndex(finding => finding.Check == Checks.Key);
        if (_findings[index].Verdict == Verdict.Works)
            return;
        _findings[index] = new Finding(Checks.Key, verdict, detail);
        _progress(_findings[index]);
    }

    private void Skip(IEnumerable<string> checks, string why)
    {
        foreach (string check in checks)
            Add(new Finding(check, Verdict.Skipped, why));
    }

    private void Add(Finding finding)
    {
        _findings.Add(finding);
        _progress(finding);
    }
}
