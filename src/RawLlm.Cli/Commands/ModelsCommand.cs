using System.CommandLine;
using System.Text.Json;
using RawLlm.Cli.Output;
using RawLlm.Cli.Targets;

namespace RawLlm.Cli.Commands;

/// <summary><c>rawllm models</c>: lists the models that a service offers.</summary>
internal sealed class ModelsCommand : TeachingCommand
{
    private readonly Shell _shell;
    private readonly TargetOptions _target = new("Time limit for the whole list with all its pages, in seconds (1 to 3600).");
    private readonly Option<string[]> _supports = new("--supports")
    {
        Description =
            "List only models that are known to support this ability: "
            + string.Join(", ", CapabilityNames.Names)
            + ". Repeat the option, or separate with commas, to require several.",
        HelpName = "ABILITY",
        Arity = ArgumentArity.OneOrMore,
        AllowMultipleArgumentsPerToken = false,
    };

    private readonly Switch _json = new("--json") { Description = "Print one JSON object instead of the table." };

    public ModelsCommand(Shell shell)
        : base("models", "List the models that a service offers.")
    {
        _shell = shell;
        _target.AddTo(this);
        Add(_supports);
        Add(_json);
        SetAction(RunAsync);
    }

    public override string Lesson =>
        """
            Without --provider and --base-url, the service is chosen as for rawllm chat.

            Prices are in US dollars per million tokens. RawLlm's built-in table fills in what the service's list does not
            say about a model; - means unknown. --supports leaves out models that are not known to support the ability.

            Members of the JSON object (--json), which is printed on one line:
              provider
              models                       [{id, title, contextTokens, maxOutputTokens, owner, inputModalities,
                                           outputModalities, supportedParameters, capabilities, price}]
                capabilities               {ability: true, false or null}
                price                      null, or {input, output, cachedInput, cacheWrite, cacheWriteOneHour, source}
              error                        only if the call failed; same members as for rawllm chat

            Examples:
              rawllm models --provider openrouter --supports tools --supports vision
              rawllm models --base-url http://localhost:8080
              rawllm models --provider groq --json | jq -r '.models[].id'

            Environment:
              OPENAI_API_KEY and others   API keys, one variable per service; rawllm providers lists them

            Exit codes:
              0    success
              1    the call failed, or the output could not be written
              2    wrong usage
              130  canceled
              141  the output was closed early, for example by head
            """;

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var wanted = CapabilityNames.Parse(parsed.GetValue(_supports) ?? []);
        var (service, _) = _target.Names(parsed, model: null);
        await using var target = await _target.ChooseAsync(parsed, service, model: null, _shell, cancellationToken).ConfigureAwait(false);
        TargetNotice.Write(_shell, target, model: null, target.ListAddress);
        bool isJson = parsed.GetValue(_json);
        IReadOnlyList<ModelInfo> models;
        try
        {
            models = target.Models ?? await target.ListModelsAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (isJson && cancellationToken.IsCancellationRequested)
        {
            ReplyJson.WriteLine(_shell.Out, json => WriteJson(json, target, [], ReplyJson.WriteCancelled));
            throw;
        }
        catch (LlmException e)
        {
            if (isJson)
                ReplyJson.WriteLine(_shell.Out, json => WriteJson(json, target, [], json => ReplyJson.WriteError(json, e)));
            ErrorText.Write(_shell, e, target, model: null);
            return ExitCode.Failed;
        }
        var rows = models
            .Select(model => ModelRow.Of(target.Provider, model))
            .Where(row => wanted.All(ability => row.Capabilities.Supports(ability) == true))
            .ToList();
        if (models.Count == 0)
            _shell.Error.WriteLine(TerminalColor.Dim(_shell, "rawllm: the service lists no models"));
        else if (rows.Count == 0)
            _shell.Error.WriteLine(TerminalColor.Dim(_shell, $"rawllm: none of the {models.Count} listed models is known to support this"));
        if (isJson)
            ReplyJson.WriteLine(_shell.Out, json => WriteJson(json, target, rows, writeError: null));
        else
        {
            Listing.Write(
                _shell,
                ["Model", "Context tokens", "Max output tokens", "$ in", "$ out", "Supports", "Owner"],
                rows.Select(row => row.Cells),
                dispensable: [6, 2, 5],
                lastResort: [1, 4, 3]
            );
        }

        return ExitCode.Ok;
    }

    private static void WriteJson(Utf8JsonWriter json, Target target, List<ModelRow> rows, Action<Utf8JsonWriter>? writeError)
    {
        json.WriteString("provider", target.Provider.Name);
        json.WriteStartArray("models");
        foreach (var row in rows)
            row.Write(json);
        json.WriteEndArray();
        if (writeError is null)
            return;
        json.WritePropertyName("error");
        writeError(json);
    }
}
