using System.Text.RegularExpressions;

namespace RawLlm.Tests.Architecture;

/// <summary>What source files must not contain; each gate returns the files that violate it.</summary>
internal static partial class SourceGates
{
    public static readonly string[] Http =
    [
        "System.Net.Http",
        "HttpClient",
        "HttpRequestMessage",
        "HttpResponseMessage",
        "HttpContent",
        "HttpMessageHandler",
        "HttpMessageInvoker",
        "SocketsHttpHandler",
        "HttpClientHandler",
        "DelegatingHandler",
        "HttpMethod",
    ];

    public static readonly string[] Tasks = ["Task", "ValueTask", "Stream", "CancellationToken"];
    public static readonly string[] Clocks =
    [
        "DateTime",
        "DateTimeOffset.Now",
        "DateTimeOffset.UtcNow",
        "Stopwatch",
        "TimeProvider",
        "Environment.TickCount",
    ];
    public static readonly string[] Json = ["System.Text.Json", "Utf8JsonReader", "Utf8JsonWriter", "JsonDocument", "JsonSerializer"];

    private const string LoopsEnding = ".Loops.cs";

    private static readonly string[] MayNameHttp = ["LlmClient.cs", "LlmClientOptions.cs"];
    private static readonly string[] Unsafe =
    [
        "unsafe",
        "DllImport",
        "LibraryImport",
        "Activator",
        "System.Reflection",
        "MakeGenericType",
        "ModuleInitializer",
        "stackalloc byte*",
    ];

    public static IEnumerable<string> Naming(IEnumerable<SourceFile> files, string folder, string name) =>
        files.Where(file => file.Folder == folder && file.Names(name)).Select(file => file.Path);

    /// <summary>
    /// Files of a wire, or of the code that wires share, that name a type of another wire (a folder that contains a protocol). InvokeModel
    /// carries other wires and may name them.
    /// </summary>
    public static IEnumerable<string> NamingOtherWires(IReadOnlyCollection<SourceFile> files)
    {
        var wires = files
            .Where(file =>
                file.Folder == "Protocols" && file.Subfolder is not null && file.Path.EndsWith("Protocol.cs", StringComparison.Ordinal)
            )
            .Select(file => file.Subfolder)
            .ToHashSet();
        var types = files
            .Where(file => file.Folder == "Protocols" && wires.Contains(file.Subfolder))
            .ToLookup(file => file.Subfolder, file => Path.GetFileNameWithoutExtension(file.Path));
        foreach (var file in files.Where(file => file.Folder == "Protocols" && file.Subfolder != "BedrockInvoke"))
        {
            // A member of an enum may have the same name as a type of another wire.
            string own = string.Concat(
                files
                    .Where(other => other.Subfolder == file.Subfolder && other.Code.Contains("enum ", StringComparison.Ordinal))
                    .Select(other => other.Code)
            );
            foreach (string name in types.Where(wire => wire.Key != file.Subfolder).SelectMany(wire => wire))
            {
                if (
                    file.Code.Contains(name, StringComparison.Ordinal)
                    && file.Names(name)
                    && !Regex.IsMatch(own, $@"^\s+{name},\s*$", RegexOptions.Multiline)
                )
                {
                    yield return $"{file.Path}: {name}";
                }
            }
        }
    }

    public static IEnumerable<string> NamingHttp(IEnumerable<SourceFile> files) =>
        files
            .Where(file => file.Folder != "Transport" && !MayNameHttp.Contains(file.Path) && Http.Any(file.Names))
            .Select(file => file.Path);

    /// <summary>The files that may name HTTP outside the transport but do not need to.</summary>
    public static IEnumerable<string> MayNameHttpInVain(IReadOnlyCollection<SourceFile> files) =>
        MayNameHttp.Where(path => !files.Any(file => file.Path == path && Http.Any(file.Names)));

    public static IEnumerable<string> Reflecting(IEnumerable<SourceFile> files) =>
        files.SelectMany(file => Unsafe.Where(file.Names).Select(name => $"{file.Path}: {name}"));

    /// <summary>Calls of the serializer whose last argument is not metadata.</summary>
    public static IEnumerable<string> SerializingByReflection(IEnumerable<SourceFile> files) =>
        files.SelectMany(file =>
            Calls()
                .Matches(file.Code)
                .Where(call => !Metadata().IsMatch(call.Groups["arguments"].Value))
                .Select(call => $"{file.Path}: {call.Value}")
        );

    public static IEnumerable<string> WithoutOneTypeAndFileScope(IEnumerable<SourceFile> files) =>
        files.Where(file => Types().Count(file.Code) != 1 || !Namespace().IsMatch(file.Code)).Select(file => file.Path);

    public static IEnumerable<string> TellingContent(IEnumerable<SourceFile> files)
    {
        string[] content =
        [
            "Message",
            "Messages",
            "Parts",
            "Text",
            "Reasoning",
            "Refusal",
            "ToolCalls",
            "Tools",
            "Stop",
            "System",
            "User",
            "Extra",
            "Inputs",
            "Vectors",
            "Partial",
            "Utf8",
            "ProviderCode",
            "Query",
            "AbsoluteUri",
        ];
        // Not followed by a parenthesis: activities are stopped by a method.
        return files
            .Where(file => file.Folder == "Telemetry")
            .SelectMany(file =>
                content.Where(name => Regex.IsMatch(file.Code, $@"\.{name}\b(?!\()")).Select(name => $"{file.Path}: {name}")
            );
    }

    /// <summary>
    /// Loops over the events of a stream whose text differs from the first one, apart from the types of stream and event.
    /// </summary>
    public static IEnumerable<string> LoopsApart(IEnumerable<SourceFile> files)
    {
        var loops = files.Where(IsLoops).Select(file => (file.Path, Text: Loops(file))).ToList();
        return loops.Where(each => each.Text != loops[0].Text).Select(each => each.Path);
    }

    /// <summary>Whether a file contains the loops over a stream's events.</summary>
    public static bool IsLoops(SourceFile file) => file.Path.EndsWith(LoopsEnding, StringComparison.Ordinal);

    /// <summary>Tests whose names do not state their subject, its condition and the outcome.</summary>
    public static IEnumerable<string> TestsNamedOtherwise(IEnumerable<SourceFile> files) =>
        files.SelectMany(file =>
            Tests()
                .Matches(file.Code)
                .Select(test => test.Groups["name"].Value)
                .Where(name => !SubjectConditionOutcome().IsMatch(name))
                .Select(name => $"{file.Path}: {name}")
        );

    /// <summary>Tests that measure the whole process while others may run.</summary>
    public static IEnumerable<string> MeasuringTheProcessAmongOthers(IEnumerable<SourceFile> files) =>
        files.Where(file => OfTheProcess().IsMatch(file.Code) && !RunsAlone().IsMatch(file.Code)).Select(file => file.Path);

    /// <summary>Tests that can fail because of a loaded machine, a different draw of cases or a proxy in the environment.</summary>
    public static IEnumerable<string> FailingByChance(IEnumerable<SourceFile> files) =>
        files
            .Where(file => !file.Path.EndsWith("/PropertyRun.cs", StringComparison.Ordinal))
            .SelectMany(file => Chance().Matches(file.Code).Select(found => $"{file.Path}: {found.Value}"));

    // Without the lines that are empty once their comment is removed.
    private static string Loops(SourceFile file)
    {
        string stream = Path.GetFileName(file.Path)[..^LoopsEnding.Length];
        string text = Regex.Replace(Regex.Replace(file.Code, $@"\b{stream}\b", "TheStream"), @"\b(?:Stream|Tool)Event\b", "TheEvent");
        return string.Join('\n', text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
    }

    // Arguments may contain nested calls.
    [GeneratedRegex(@"JsonSerializer\s*\.\s*\w+\s*(?:<[^;()]*>)?\s*\((?<arguments>(?:[^()]|(?<open>\()|(?<-open>\)))*)\)")]
    private static partial Regex Calls();

    [GeneratedRegex(@",\s*(?:type|\w*[tT]ypeInfo|[\w.]+\.Default\.\w+)\s*$")]
    private static partial Regex Metadata();

    [GeneratedRegex(
        @"^(?:public |internal )?(?:static |sealed |abstract |readonly |ref |partial )*(?:class|struct|record|enum|interface|record struct|ref struct|delegate \w+) \w+",
        RegexOptions.Multiline
    )]
    private static partial Regex Types();

    [GeneratedRegex(@"^namespace RawLlm(?:\.\w+)?;", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    // The first method after a test attribute.
    [GeneratedRegex(
        @"^[ ]*\[(?:Fact|Theory|Property)\b.*?^[ ]*public (?:static )?(?:async )?[\w<>]+ (?<name>\w+)\(",
        RegexOptions.Multiline | RegexOptions.Singleline
    )]
    private static partial Regex Tests();

    [GeneratedRegex(
        @"\bGC\s*\.\s*(?:GetTotal\w+|GetGCMemoryInfo|CollectionCount)\b|\bThreadPool\s*\.\s*ThreadCount\b|\bWorkingSet\w*\b|\bnew PlatformLedger\b|\bByteArrays\s*\.\s*Ledger\b|:\s*EventListener\b"
    )]
    private static partial Regex OfTheProcess();

    [GeneratedRegex(@"\[Collection\((?:\w+\.)*AllocationCollection\.Name\)\]")]
    private static partial Regex RunsAlone();

    [GeneratedRegex(
        @"\b(?:WaitAsync|CancelAfter|SpinUntil)\([^;]*?TimeSpan\.From(?:Milliseconds|Seconds)\([^;]*?\)|\bnew CancellationTokenSource\(\s*(?:\d|TimeSpan\.From(?:Milliseconds|Seconds))|\bCancellationTokenSource \w+ = new\(\s*(?:\d|TimeSpan\.From(?:Milliseconds|Seconds))|\b(?:QuickThrowOnFailure|QuickCheck\w*)\b|\[Property\b|\bnew HttpClient(?:\(\)| *\{)|\b(?:Thread\.Sleep|Task\.Delay)\(\s*(?:[0-9]|TimeSpan\.From)"
    )]
    private static partial Regex Chance();

    [GeneratedRegex(@"^[A-Z][A-Za-z0-9]*_[A-Z0-9][A-Za-z0-9]*_[A-Z0-9][A-Za-z0-9]*$")]
    private static partial Regex SubjectConditionOutcome();
}
