using System.Globalization;
using System.Reflection;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Readme;

/// <summary>The pages state the same defaults as the types.</summary>
public sealed class DefaultsTests
{
    [Fact]
    public void ErrorsPage_Limits_ListsAllWithDefaults() => Hold("errors.md", LlmLimits.Default);

    [Fact]
    public void ErrorsPage_Timeouts_ListsAllWithDefaults()
    {
        string page = Page("errors.md");
        foreach (var (name, text) in Defaults(LlmTimeouts.Default).Where(known => known.Text is not null))
            Assert.Matches($@"\| `{name}` \| [^|]* \| {text} \|", page);
    }

    [Fact]
    public void ToolsPage_LoopOptions_ListsAllWithDefaults() => Hold("tools.md", new ToolLoopOptions());

    private static string Page(string name) => File.ReadAllText(Path.Combine(Folders.Repository, "docs", name));

    private static void Hold(string page, object options)
    {
        string text = Page(page);
        var defaults = Defaults(options).Where(known => known.Text is not null).ToList();
        Assert.True(defaults.Count >= 4);
        Assert.All(defaults, known => Assert.Contains($"| `{known.Name}` | {known.Text} |", text, StringComparison.Ordinal));
    }

    private static IEnumerable<(string Name, string? Text)> Defaults(object options) =>
        options
            .GetType()
            .GetProperties(BindingFlags.Public | BindingFlags.Instance)
            .Select(property => (property.Name, Text(property.Name, property.GetValue(options))));

    private static string? Text(string name, object? value) =>
        value switch
        {
            TimeSpan time when time == Timeout.InfiniteTimeSpan => "none",
            TimeSpan { TotalSeconds: var seconds } => string.Create(CultureInfo.InvariantCulture, $"{seconds:0.###} s"),
            int or long when name.EndsWith("Bytes", StringComparison.Ordinal) => Bytes(
                Convert.ToInt64(value, CultureInfo.InvariantCulture)
            ),
            int or long => string.Create(CultureInfo.InvariantCulture, $"{value:N0}"),
            _ => null,
        };

    private static string Bytes(long bytes) =>
        bytes switch
        {
            >= 1 << 30 => $"{bytes >> 30} GiB",
            >= 1 << 20 => $"{bytes >> 20} MiB",
            _ => $"{bytes >> 10} KiB",
        };
}
