using System.CommandLine;
using RawLlm.Cli.Output;

namespace RawLlm.Cli.Commands;

/// <summary><c>rawllm providers</c>: lists the services that are known by name. Shows which API keys are set, never a key.</summary>
internal sealed class ProvidersCommand : TeachingCommand
{
    private readonly Shell _shell;
    private readonly Switch _json = new("--json") { Description = "Print one JSON object instead of the table." };

    public ProvidersCommand(Shell shell)
        : base("providers", "List the services that are known by name, and whether their API keys are set.")
    {
        _shell = shell;
        Add(_json);
        SetAction(Run);
    }

    public override string Lesson =>
        """
            rawllm chat looks for an API key in this order. It skips HF_TOKEN, CLOUDFLARE_API_TOKEN, GOOGLE_OAUTH_ACCESS_TOKEN
            and SCW_SECRET_KEY, which have other uses too: it asks their services only if --provider
            or --model names them.
            For any other server that speaks chat completions, use --base-url URL.

            Members of the JSON object (--json), which is printed on one line:
              providers                    [{name, title, baseUrl, protocol, keyVariable, keySet, isLocal, defaultModel,
                                           headers, capabilities}]
                capabilities               {ability: true, false or null}

            Examples:
              rawllm providers
              rawllm providers --json | jq -r '.providers[] | select(.keySet) | .name'

            Exit codes:
              0    success
              2    wrong usage
              141  the output was closed early, for example by head
            """;

    private int Run(ParseResult parsed)
    {
        if (parsed.GetValue(_json))
            WriteJson();
        else
        {
            Listing.Write(
                _shell,
                ["Name", "Service", "Base URL", "Protocol", "Key variable", "Key", "Default model"],
                _shell.Providers.Select(Row),
                dispensable: [3, 1, 6],
                lastResort: [2, 5, 4]
            );
        }

        return ExitCode.Ok;
    }

    private string[] Row(Provider provider) =>
        [
            provider.Name,
            provider.Title,
            AddressText.Of(provider.BaseUrl),
            provider.Protocol.Name,
            provider.Credential.Variable ?? "-",
            provider.Credential.Variable is null ? "not needed"
            : IsKeySet(provider) ? "set"
            : provider.IsLocal ? "optional"
            : "not set",
            provider.DefaultModel ?? (provider.IsLocal ? "first in its list" : "-"),
        ];

    private void WriteJson() =>
        ReplyJson.WriteLine(
            _shell.Out,
            json =>
            {
                json.WriteStartArray("providers");
                foreach (var provider in _shell.Providers)
                {
                    json.WriteStartObject();
                    json.WriteString("name", provider.Name);
                    json.WriteString("title", provider.Title);
                    json.WriteString("baseUrl", AddressText.Of(provider.BaseUrl));
                    json.WriteString("protocol", provider.Protocol.Name);
                    json.WriteString("keyVariable", provider.Credential.Variable);
                    json.WriteBoolean("keySet", IsKeySet(provider));
                    json.WriteBoolean("isLocal", provider.IsLocal);
                    json.WriteString("defaultModel", provider.DefaultModel);
                    json.WriteStartObject("headers");
                    foreach (var (name, value) in provider.Headers)
                        json.WriteString(name, value);
                    json.WriteEndObject();
                    CapabilityNames.Write(json, "capabilities", provider.Capabilities);
                    json.WriteEndObject();
                }
                json.WriteEndArray();
            }
        );

    private bool IsKeySet(Provider provider) => provider.Credential.Variable is { } variable && _shell.Value(variable) is not null;
}
