using RawLlm.Cli.Output;

namespace RawLlm.Cli.Targets;

/// <summary>Says which service is asked, and, where the program chose it, how to choose another.</summary>
internal static class TargetNotice
{
    public static void Write(Shell shell, Target target, string? model)
    {
        string asked = SafeText.Line(model is null ? target.Provider.Title : $"{target.Provider.Title}, model {model}");
        if (target.Demo is not null)
        {
            Say(shell, target.Reason is null ? $"asking the {target.Provider.Title}" : $"{target.Reason}: asking the {target.Provider.Title}");
            if (target.Reason is not null)
                Say(shell, "for a model: set OPENAI_API_KEY or another variable (rawllm providers lists them), start Ollama, or give --base-url URL");
            return;
        }
        Say(shell, target.Reason is null ? $"asking {asked}" : $"asking {asked}, because {target.Reason}; another with --provider NAME or --base-url URL");
    }

    private static void Say(Shell shell, string text) => shell.Error.WriteLine(Ink.Dim(shell, "rawllm: " + text));
}
