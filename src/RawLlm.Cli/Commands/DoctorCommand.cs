using System.CommandLine;
using System.Text;
using System.Text.Json;
using RawLlm.Cli.Doctor;
using RawLlm.Cli.Output;
using RawLlm.Cli.Targets;

namespace RawLlm.Cli.Commands;

/// <summary><c>rawllm doctor</c>: examines what an endpoint can do and how to set it up.</summary>
internal sealed class DoctorCommand : TeachingCommand
{
    private static readonly TimeSpan UsualPatience = TimeSpan.FromSeconds(60);

    private readonly Shell _shell;
    private readonly TargetOptions _target = new("Time limit for each question, in seconds (1 to 3600). Default: 60.");
    private readonly Option<string?> _model = new("--model", "-m")
    {
        Description = "Model to examine. Default: the service's default model, or the first model that it lists.",
        HelpName = "MODEL",
    };
    private readonly Switch _json = new("--json") { Description = "Print one JSON object instead of the table." };

    public DoctorCommand(Shell shell)
        : base("doctor", "Examine an endpoint: what works, how fast it is, how it deviates, and how to set it up.")
    {
        _shell = shell;
        _target.AddTo(this);
        Add(_model);
        Add(_json);
        SetAction(RunAsync);
    }

    public override string Lesson =>
        """
            Without --provider and --base-url, the service is chosen as for rawllm chat.

            Sends about a dozen short questions, which a paid service bills like any others. If a chat completions server
            refuses one, doctor asks again with other settings of the dialect. The C# expression at the end contains the
            settings that were needed. If a rate limit is reached or the service is overloaded, doctor waits for at most 30 seconds
            and asks that question once more. If that does not help, it no longer waits, and what could not be checked is
            skipped.

            Members of the JSON object (--json), which is printed on one line:
              provider, baseUrl, protocol, model, usable
              checks                       [{check, verdict, detail}]; verdict is Works, Differs, Fails or Skipped
              quirks
              timing                       null, or {firstEventMs, medianGapMs, longestGapMs, events}
              expression                   the C# expression of the provider
              options                      the C# expression of the options that a client also needs, or null
              error                        only if the examination did not finish; same members as for rawllm chat

            Examples:
              rawllm doctor --base-url http://localhost:8080
              rawllm doctor --provider groq --model openai/gpt-oss-120b
              rawllm doctor --provider openrouter --json | jq '.checks[] | select(.verdict == "Fails")'

            Environment:
              OPENAI_API_KEY and others   API keys, one variable per service; rawllm providers lists them

            Exit codes:
              0    the endpoint streams answers
              1    it does not
              2    wrong usage
              130  canceled
              141  the output was closed early, for example by head
            """;

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var (service, model) = _target.Names(parsed, parsed.GetValue(_model));
        await using var target = await _target.ChooseAsync(parsed, service, model, _shell, cancellationToken).ConfigureAwait(false);
        TargetNotice.Write(_shell, target, model: null, AddressText.Of(target.Provider.BaseUrl));
        bool isJson = parsed.GetValue(_json);
        using var examination = new Examination(target, _target.BaseUrl(parsed), _target.Timeout(parsed) ?? UsualPatience, ReportProgress);
        try
        {
            await examination.RunAsync(model, cancellationToken).ConfigureAwait(false);
        }
        catch (LlmException e) when (isJson)
        {
            WriteJson(examination.Diagnosis, json => ReplyJson.WriteError(json, e));
            throw;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            if (isJson)
                WriteJson(examination.Diagnosis, ReplyJson.WriteCancelled);
            else if (examination.Diagnosis.Findings.Count > 0)
                WriteTable(examination.Diagnosis);
            throw;
        }
        var diagnosis = examination.Diagnosis;
        if (isJson)
            WriteJson(diagnosis, writeError: null);
        else
            WriteTable(diagnosis);
        return diagnosis.IsUsable ? ExitCode.Ok : ExitCode.Failed;
    }

    // The questions take a while, so a terminal shows the progress.
    private void ReportProgress(Finding finding)
    {
        if (_shell.ColorsError)
            _shell.Error.WriteLine(TerminalColor.Dim(_shell, $"rawllm: {finding.Check}: {Word(finding.Verdict)}"));
    }

    private void WriteTable(Diagnosis diagnosis)
    {
        Listing.Write(
            _shell,
            ["Check", "Verdict", "Details"],
            diagnosis.Findings.Select(finding => new[] { finding.Check, Word(finding.Verdict), finding.Detail }),
            dispensable: [],
            lastResort: []
        );
        var end = new StringBuilder("\n");
        if (diagnosis.Model is { } model)
            end.Append("model:    ").Append(SafeText.Line(model)).Append('\n');
        end.Append("quirks:   ").Append(diagnosis.Quirks.Count == 0 ? "none" : string.Join("; ", diagnosis.Quirks)).Append('\n');
        end.Append("provider: ").Append(SafeText.Line(diagnosis.Expression)).Append('\n');
        if (diagnosis.Options is { } options)
            end.Append("options:  ").Append(options).Append('\n');
        _shell.Out.Write(Encoding.UTF8.GetBytes(end.ToString()));
        _shell.Out.Flush();
    }

    private void WriteJson(Diagnosis diagnosis, Action<Utf8JsonWriter>? writeError) =>
        ReplyJson.WriteLine(
            _shell.Out,
            json =>
            {
                json.WriteString("provider", diagnosis.Provider.Name);
                json.WriteString("baseUrl", AddressText.Of(diagnosis.Provider.BaseUrl));
                json.WriteString("protocol", diagnosis.Provider.Protocol.Name);
                json.WriteString("model", diagnosis.Model);
                json.WriteBoolean("usable", diagnosis.IsUsable);
                json.WriteStartArray("checks");
                foreach (var finding in diagnosis.Findings)
                {
                    json.WriteStartObject();
                    json.WriteString("check", finding.Check);
                    json.WriteString("verdict", finding.Verdict.ToString());
                    json.WriteString("detail", finding.Detail);
                    json.WriteEndObject();
                }
                json.WriteEndArray();
                json.WriteStartArray("quirks");
                foreach (var quirk in diagnosis.Quirks)
                    json.WriteStringValue(quirk.ToString());
                json.WriteEndArray();
                if (diagnosis.Timing is { } timing)
                {
                    json.WriteStartObject("timing");
                    json.WriteNumber("firstEventMs", timing.FirstEvent.TotalMilliseconds);
                    json.WriteNumber("medianGapMs", timing.MedianGap.TotalMilliseconds);
                    json.WriteNumber("longestGapMs", timing.LongestGap.TotalMilliseconds);
                    json.WriteNumber("events", timing.Events);
                    json.WriteEndObject();
                }
                else
                {
                    json.WriteNull("timing");
                }
                json.WriteString("expression", diagnosis.Expression);
                json.WriteString("options", diagnosis.Options);
                if (writeError is null)
                    return;
                json.WritePropertyName("error");
                writeError(json);
            }
        );

    private static string Word(Verdict verdict) =>
        verdict switch
        {
            Verdict.Works => "works",
            Verdict.Differs => "differs",
            Verdict.Fails => "fails",
            _ => "-",
        };
}
