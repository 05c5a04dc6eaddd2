using System.Globalization;

namespace RawLlm.Cli.Doctor;

/// <summary>Formats a duration for display.</summary>
internal static class Duration
{
    public static string Text(TimeSpan time) =>
        time.TotalSeconds >= 10
            ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.0} s")
            : string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.#} ms");
}
