using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Text.RegularExpressions;

namespace RawLlm.Comparisons.Results;

/// <summary>The machine and day of a measurement.</summary>
/// <param name="Processor">The processor's own name.</param>
/// <param name="Cores">The number of available cores.</param>
/// <param name="Vectors">The widest vectors that the runtime uses, in bits.</param>
/// <param name="Runtime">The runtime.</param>
/// <param name="Date">The day, such as 2026-11-21.</param>
internal sealed partial record Machine(string Processor, int Cores, int Vectors, string Runtime, string Date)
{
    /// <summary>Describes this machine, today.</summary>
    public static Machine Here() =>
        new(
            ProcessorName(),
            Environment.ProcessorCount,
            Vector512.IsHardwareAccelerated ? 512
                : Vector256.IsHardwareAccelerated ? 256
                : 128,
            $"{RuntimeInformation.FrameworkDescription}, {RuntimeInformation.ProcessArchitecture}",
            DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)
        );

    /// <summary>The processor and the day as a file name.</summary>
    public string FileName =>
        $"{NoWord().Replace(Trade().Replace(Processor, "").Replace("@", "", StringComparison.Ordinal).ToLowerInvariant(), "-").Trim('-')}-{Date}";

    private static string ProcessorName()
    {
        const string Path = "/proc/cpuinfo";
        if (!File.Exists(Path))
            return RuntimeInformation.ProcessArchitecture.ToString();
        string? line = File.ReadLines(Path).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal));
        return line is null
            ? RuntimeInformation.ProcessArchitecture.ToString()
            : line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
    }

    [GeneratedRegex(@"\((R|TM)\)|\b(Processor|CPU)\b")]
    private static partial Regex Trade();

    [GeneratedRegex("[^a-z0-9.]+")]
    private static partial Regex NoWord();
}
