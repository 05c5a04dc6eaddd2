using RawLlm.Cli.Output;

namespace RawLlm.Cli.Targets;

/// <summary>Says which service is asked and where, and, where the program chose it, how to choose another.</summary>
internal static class TargetNotice
{
    /// <param name="shell">Where to say it.</param>
    /// <param name="target">The service.</param>
    /// <param name="model">The model that is asked; null when none is, or it is not known yet.</param>
    /// <param name="address">The address that is asked.</param>
    public static void Write(Shell shell, Target target, string? model, string address)
    {
        if (target.Demo is not null)
        {
            Say(shell, target.Reason is null ? $"asking the {target.Provider.Title}" : $"{target.Reason}: asking the {target.Provider.Title}");
            if (target.Reason is not null)
                Say(shell, "to ask a model, set OPENAI_API_KEY or another API key variable (rawllm providers lists them), start Ollama, or pass --base-url URL");
            return;
        }
        // An address that lacks a part is no address yet.
        string place = target.Problem is null ? $" at {address}" : "";
        string asked = $"asking {target.Provider.Title}{(model is null ? "" : $", model {model}{(place.Length > 0 ? "," : "")}")}{place}";
        Say(shell, target.Reason is null ? asked : $"{asked}, because {target.Reason}; to ask another service, use --provider NAME or --base-url URL");
    }

    /// <summary>Says which model is asked, where the service had to be asked for that first.</summary>
    public static void WriteModel(Shell shell, string model, string address) => Say(shell, $"asking model {model}, chosen from the service's list, at {address}");

    private static void Say(Shell shell, string text) => shell.Error.WriteLine(Ink.Dim(shell, "rawllm: " + SafeText.Line(text)));
}
