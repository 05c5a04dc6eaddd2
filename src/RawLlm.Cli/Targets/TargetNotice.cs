using RawLlm.Cli.Output;

namespace RawLlm.Cli.Targets;

/// <summary>Prints which service is asked and at which address; if the program chose it, also how to choose another.</summary>
internal static class TargetNotice
{
    /// <param name="shell">Where to print.</param>
    /// <param name="target">The service.</param>
    /// <param name="model">The model; null if none is asked, or if it is not known yet.</param>
    /// <param name="address">The address of the request.</param>
    public static void Write(Shell shell, Target target, string? model, string address)
    {
        if (target.Demo is not null)
        {
            WriteNotice(
                shell,
                target.Reason is null ? $"asking the {target.Provider.Title}" : $"{target.Reason}: asking the {target.Provider.Title}"
            );
            if (target.Reason is not null)
            {
                WriteNotice(
                    shell,
                    "to ask a model, set OPENAI_API_KEY or another API key variable (rawllm providers lists them), start Ollama, or pass --base-url URL"
                );
            }

            return;
        }
        // An incomplete address is not shown.
        string place = target.Problem is null ? $" at {address}" : "";
        string asked = $"asking {target.Provider.Title}{(model is null ? "" : $", model {model}{(place.Length > 0 ? "," : "")}")}{place}";
        WriteNotice(
            shell,
            target.Reason is null
                ? asked
                : $"{asked}, because {target.Reason}; to ask another service, use --provider NAME or --base-url URL"
        );
    }

    /// <summary>Prints which model is asked, if it was chosen from the service's list.</summary>
    public static void WriteModel(Shell shell, string model, string address) =>
        WriteNotice(shell, $"asking model {model}, chosen from the service's list, at {address}");

    private static void WriteNotice(Shell shell, string text) =>
        shell.Error.WriteLine(TerminalColor.Dim(shell, "rawllm: " + SafeText.Line(text)));
}
