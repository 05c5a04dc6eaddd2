using System.CommandLine;

namespace RawLlm.Cli.Targets;

/// <summary>The options that say which service is meant; the same for every command that calls one.</summary>
internal sealed class TargetOptions
{
    private readonly Option<string?> _provider = new("--provider", "-p")
    {
        Description = "A service by its name, as in openai or ollama-compatible; demo is the built-in demonstration. rawllm providers lists all.",
        HelpName = "NAME",
    };

    private readonly Option<string?> _baseUrl = new("--base-url")
    {
        Description = "Another address for the service; without --provider any server that speaks chat completions.",
        HelpName = "URL",
    };

    private readonly Option<string?> _keyVariable = new("--key-env")
    {
        Description = "The environment variable that holds the key, in place of the service's own. With --base-url alone no key is sent unless this names one.",
        HelpName = "VAR",
    };

    public void AddTo(Command command)
    {
        command.Add(_provider);
        command.Add(_baseUrl);
        command.Add(_keyVariable);
    }

    public string? Provider(ParseResult parsed) => parsed.GetValue(_provider);

    public string? BaseUrl(ParseResult parsed) => parsed.GetValue(_baseUrl);

    public string? KeyVariable(ParseResult parsed) => parsed.GetValue(_keyVariable);
}
