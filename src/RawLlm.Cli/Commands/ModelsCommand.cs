using System.CommandLine;
using System.Globalization;
using RawLlm.Cli.Output;
using RawLlm.Cli.Targets;

namespace RawLlm.Cli.Commands;

/// <summary><c>rawllm models</c>: what a service offers.</summary>
internal sealed class ModelsCommand : TeachingCommand
{
    private readonly Shell _shell;
    private readonly TargetOptions _target = new();
    private readonly Option<bool> _json = new("--json") { Description = "Print one JSON object in place of the table." };

    public ModelsCommand(Shell shell)
        : base("models", "Lists the models that a service offers.")
    {
        _shell = shell;
        _target.AddTo(this);
        Add(_json);
        SetAction(RunAsync);
    }

    public override string Lesson => """
        Without --provider and --base-url the service is chosen as by rawllm chat.

        Examples:
          rawllm models --provider openrouter
          rawllm models --base-url http://localhost:8080
          rawllm models --provider groq --json | jq -r '.models[].id'

        Environment:
          OPENAI_API_KEY and others   keys, one variable for each service: rawllm providers

        Exit codes:
          0 done   1 the call failed   2 wrong usage   130 cancelled
        """;

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        await using var target = await TargetChoice.ChooseAsync(_target.Provider(parsed), _target.BaseUrl(parsed), _target.KeyVariable(parsed), _shell, cancellationToken).ConfigureAwait(false);
        TargetNotice.Write(_shell, target, model: null);
        IReadOnlyList<ModelInfo> models;
        try
        {
            models = target.Models ?? await target.ListModelsAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (LlmException e)
        {
            ErrorText.Write(_shell, e, target.KeyVariable);
            return ExitCode.Failed;
        }
        if (parsed.GetValue(_json))
            WriteJson(target, models);
        else
            Listing.Write(_shell, ["Model", "Context tokens", "Most output tokens", "Owner"], models.Select(Row));
        return ExitCode.Ok;
    }

    private static string[] Row(ModelInfo model) => [model.Id, Number(model.ContextTokens), Number(model.MaxOutputTokens), model.Owner ?? "-"];

    private static string Number(long? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "-";

    private void WriteJson(Target target, IReadOnlyList<ModelInfo> models) => ReplyJson.WriteLine(_shell.Out, json =>
    {
        json.WriteString("provider", target.Provider.Name);
        json.WriteStartArray("models");
        foreach (var model in models)
        {
            json.WriteStartObject();
            json.WriteString("id", model.Id);
            json.WriteString("title", model.Title);
            ReplyJson.WriteNumber(json, "contextTokens", model.ContextTokens);
            ReplyJson.WriteNumber(json, "maxOutputTokens", model.MaxOutputTokens);
            json.WriteString("owner", model.Owner);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    });
}
