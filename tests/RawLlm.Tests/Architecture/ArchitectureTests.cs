using System.Text.RegularExpressions;
using System.Xml.Linq;
using RawLlm.Tests.Faults;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Architecture;

/// <summary>Which folder may know which: arrows never turn back.</summary>
public sealed class ArchitectureTests
{
    private static readonly string[] Http = ["System.Net.Http", "HttpClient", "HttpRequestMessage", "HttpResponseMessage", "HttpContent"];
    private static readonly string[] Tasks = ["Task", "ValueTask", "Stream", "CancellationToken"];
    private static readonly string[] Clocks = ["DateTime", "DateTimeOffset.Now", "DateTimeOffset.UtcNow", "Stopwatch", "TimeProvider", "Environment.TickCount"];
    private static readonly string[] Json = ["System.Text.Json", "Utf8JsonReader", "Utf8JsonWriter", "JsonDocument", "JsonSerializer"];

    public static TheoryData<string, string> Rules
    {
        get
        {
            var rules = new TheoryData<string, string>();
            Forbid("Chat", [.. Http, .. Tasks, .. Clocks, "RawLlm.Framing", "RawLlm.Protocols", "RawLlm.Transport"]);
            Forbid("Framing", [.. Http, .. Tasks, .. Clocks, .. Json, "RawLlm.Protocols", "RawLlm.Transport", "StreamEvent", "ChatRequest", "LlmException"]);
            Forbid("Protocols", [.. Http, .. Tasks, .. Clocks, "RawLlm.Transport", "LlmClient", "Provider", "Providers"]);
            Forbid("Credentials", [.. Http, .. Tasks, "RawLlm.Transport", "LlmClient"]);
            Forbid("Transport", [.. Json, "ChatCompletionsProtocol", "LlmClient"]);
            Forbid("Providers", [.. Http, .. Tasks, .. Clocks, .. Json, "RawLlm.Framing", "RawLlm.Transport"]);
            Forbid("Calls", [.. Http, .. Json, "RawLlm.Framing"]);
            Forbid("Streams", [.. Http, .. Json, "RawLlm.Framing"]);
            Forbid("Seams", [.. Http, .. Json]);
            Forbid("Budgets", [.. Http, .. Json, "RawLlm.Framing", "RawLlm.Protocols"]);
            Forbid("Routing", [.. Http, .. Json, "RawLlm.Framing", "RawLlm.Protocols", "RawLlm.Transport"]);
            Forbid("Tools", [.. Http, "RawLlm.Framing", "RawLlm.Protocols", "RawLlm.Transport"]);
            Forbid("Catalog", [.. Http, .. Tasks, "RawLlm.Framing", "RawLlm.Transport", "LlmClient"]);
            Forbid("Telemetry", [.. Http, .. Json, "RawLlm.Framing", "RawLlm.Transport"]);
            return rules;

            void Forbid(string folder, string[] names)
            {
                foreach (string name in names)
                    rules.Add(folder, name);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Rules))]
    public void Folder_MayNotName(string folder, string name)
    {
        var files = SourceFile.All.Where(file => file.Folder == folder).ToList();
        Assert.NotEmpty(files);
        Assert.Empty(files.Where(file => file.Names(name)).Select(file => file.Path));
    }

    [Fact]
    public void Http_IsNamedInTransportAndByTheClientThatTakesOneAlone()
    {
        string[] allowed = ["LlmClient.cs", "LlmClientOptions.cs", "LlmTimeouts.cs"];
        Assert.Empty(SourceFile.All.Where(file => file.Folder != "Transport" && !allowed.Contains(file.Path) && Http.Any(file.Names)).Select(file => file.Path));
    }

    [Fact]
    public void Protocols_NameNoService()
    {
        // Comments may: they tell whose oddity a branch is for.
        string[] services = ["OpenRouter", "Groq", "Mistral", "DeepSeek", "Azure", "LiteLLM", "Vllm", "LocalAI", "Copilot", "Perplexity", "Moonshot"];
        var named = SourceFile.All.Where(file => file.Folder is "Protocols" or "Framing")
            .SelectMany(file => services.Where(service => file.Code.Contains(service, StringComparison.OrdinalIgnoreCase) && !(service == "Groq" && file.Code.Contains("ReadGroq", StringComparison.Ordinal))).Select(service => $"{file.Path}: {service}"));
        Assert.Empty(named);
    }

    [Fact]
    [Case(114)]
    public void Telemetry_ReadsNothingThatWasAskedOrAnswered()
    {
        string[] content = ["Message", "Messages", "Parts", "Text", "Reasoning", "Refusal", "ToolCalls", "Tools", "Stop", "System", "User", "Extra", "Inputs", "Vectors", "Partial", "Utf8", "ProviderCode", "Query", "AbsoluteUri"];
        var files = SourceFile.All.Where(file => file.Folder == "Telemetry").ToList();
        Assert.NotEmpty(files);
        // Activities are stopped by a method.
        Assert.Empty(files.SelectMany(file => content.Where(name => Regex.IsMatch(file.Code, $@"\.{name}\b(?!\()")).Select(name => $"{file.Path}: {name}")));
    }

    [Fact]
    [Case(78, 165)]
    public void Library_UsesNothingUnsafeAndNoReflection()
    {
        string[] forbidden = ["unsafe", "DllImport", "LibraryImport", "Activator", "System.Reflection", "MakeGenericType", "ModuleInitializer", "stackalloc byte*"];
        Assert.Empty(SourceFile.All.SelectMany(file => forbidden.Where(file.Names).Select(name => $"{file.Path}: {name}")));
    }

    [Fact]
    [Case(78)]
    public void JsonSerializer_IsCalledWithGeneratedMetadataOnly()
    {
        var calls = SourceFile.All.SelectMany(file => Regex.Matches(file.Code, @"JsonSerializer\.\w+\(([^;]*)\)").Select(call => (file.Path, Arguments: call.Groups[1].Value)));
        Assert.Empty(calls.Where(call => !call.Arguments.Contains("type", StringComparison.OrdinalIgnoreCase)).Select(call => $"{call.Path}: {call.Arguments}"));
    }

    [Fact]
    [Case(164)]
    public void Library_ReferencesNoPackage()
    {
        var project = XDocument.Load(Path.Combine(Folders.Repository, "src", "RawLlm", "RawLlm.csproj"));
        Assert.Empty(project.Descendants("PackageReference"));
        Assert.Empty(project.Descendants("ProjectReference"));
    }

    [Fact]
    public void Files_HoldOneTypeEachAndFileScopedNamespaces()
    {
        var wrong = SourceFile.All
            .Where(file => Regex.Count(file.Code, @"^(?:public |internal )?(?:static |sealed |abstract |readonly |ref |partial )*(?:class|struct|record|enum|interface|record struct|ref struct) \w+", RegexOptions.Multiline) != 1
                || !Regex.IsMatch(file.Code, @"^namespace RawLlm(?:\.\w+)?;", RegexOptions.Multiline))
            .Select(file => file.Path);
        Assert.Empty(wrong);
    }

    [Fact]
    public void Names_AvoidWordsThatSayNothing()
    {
        string[] words = ["Manager", "Helper", "Helpers", "Util", "Utils", "Utility", "Service", "Processor", "Impl", "Base", "Common"];
        var wrong = Directory.EnumerateFiles(Path.Combine(Folders.Repository, "src"), "*.cs", SearchOption.AllDirectories)
            .Select(file => Path.GetFileNameWithoutExtension(file))
            .Where(name => Regex.Matches(name, "[A-Z][a-z0-9]*").Any(word => words.Contains(word.Value)));
        Assert.Empty(wrong);
    }

    [Fact]
    public void TopLevel_HoldsOnlyWhatBelongsThere()
    {
        string[] expected = ["LICENSE", "README.md", "RawLlm.sln", "benchmarks", "docs", "global.json", "src", "tests"];
        var found = Directory.EnumerateFileSystemEntries(Folders.Repository).Select(entry => Path.GetFileName(entry)!)
            .Where(name => !name.StartsWith('.') && !name.StartsWith("Directory.", StringComparison.Ordinal));
        Assert.Empty(found.Except(expected));
    }
}
