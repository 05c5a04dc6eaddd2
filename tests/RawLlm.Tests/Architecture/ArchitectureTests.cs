using System.Text.RegularExpressions;
using System.Xml.Linq;
using RawLlm.Tests.Faults;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Architecture;

/// <summary>Which folder may depend on which: dependencies point in one direction only.</summary>
public sealed class ArchitectureTests
{
    public static TheoryData<string, string> Rules
    {
        get
        {
            var rules = new TheoryData<string, string>();
            Forbid(
                "Chat",
                [.. SourceGates.Http, .. SourceGates.Tasks, .. SourceGates.Clocks, "RawLlm.Framing", "RawLlm.Protocols", "RawLlm.Transport"]
            );
            Forbid(
                "Framing",
                [
                    .. SourceGates.Http,
                    .. SourceGates.Tasks,
                    .. SourceGates.Clocks,
                    .. SourceGates.Json,
                    "RawLlm.Protocols",
                    "RawLlm.Transport",
                    "StreamEvent",
                    "ChatRequest",
                    "LlmException",
                ]
            );
            Forbid(
                "Protocols",
                [.. SourceGates.Http, .. SourceGates.Tasks, .. SourceGates.Clocks, "RawLlm.Transport", "LlmClient", "Provider", "Providers"]
            );
            Forbid("Credentials", [.. SourceGates.Http, .. SourceGates.Tasks, "RawLlm.Transport", "LlmClient"]);
            Forbid("Transport", [.. SourceGates.Json, "ChatCompletionsProtocol", "LlmClient"]);
            Forbid(
                "Providers",
                [
                    .. SourceGates.Http,
                    .. SourceGates.Tasks,
                    .. SourceGates.Clocks,
                    .. SourceGates.Json,
                    "RawLlm.Framing",
                    "RawLlm.Transport",
                ]
            );
            Forbid("Calls", [.. SourceGates.Http, .. SourceGates.Json, "RawLlm.Framing"]);
            Forbid("Streams", [.. SourceGates.Http, .. SourceGates.Json, "RawLlm.Framing"]);
            Forbid("Seams", [.. SourceGates.Http, .. SourceGates.Json]);
            Forbid("Budgets", [.. SourceGates.Http, .. SourceGates.Json, "RawLlm.Framing", "RawLlm.Protocols"]);
            Forbid("Routing", [.. SourceGates.Http, .. SourceGates.Json, "RawLlm.Framing", "RawLlm.Protocols", "RawLlm.Transport"]);
            Forbid("Tools", [.. SourceGates.Http, "RawLlm.Framing", "RawLlm.Protocols", "RawLlm.Transport"]);
            Forbid("Catalog", [.. SourceGates.Http, .. SourceGates.Tasks, "RawLlm.Framing", "RawLlm.Transport", "LlmClient"]);
            Forbid("Telemetry", [.. SourceGates.Http, .. SourceGates.Json, "RawLlm.Framing", "RawLlm.Transport"]);
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
    public void Folder_WithRule_HasNoForbiddenDependency(string folder, string name)
    {
        Assert.Contains(SourceFile.All, file => file.Folder == folder);
        Assert.Empty(SourceGates.Naming(SourceFile.All, folder, name));
    }

    [Fact]
    public void HttpTypes_InLibrary_AreUsedOnlyInTransportAndClient()
    {
        Assert.Empty(SourceGates.NamingHttp(SourceFile.All));
        Assert.Empty(SourceGates.MayNameHttpInVain(SourceFile.All));
    }

    // A fix in one must be made in all.
    [Fact]
    public void StreamLoops_InAllFiles_HaveSameText()
    {
        Assert.Equal(3, SourceFile.All.Count(SourceGates.IsLoops));
        Assert.Empty(SourceGates.LoopsApart(SourceFile.All));
    }

    [Fact]
    public void Wires_InSources_DoNotReferenceOtherWires()
    {
        Assert.Contains(SourceFile.All, file => file.Subfolder == "BedrockInvoke");
        Assert.Empty(SourceGates.NamingOtherWires(SourceFile.All));
    }

    [Fact]
    public void Protocols_InSources_DoNotNameServices()
    {
        // Comments may: they say which service needs a branch.
        string[] services =
        [
            "OpenRouter",
            "Groq",
            "Mistral",
            "DeepSeek",
            "Azure",
            "LiteLLM",
            "Vllm",
            "LocalAI",
            "Copilot",
            "Perplexity",
            "Moonshot",
        ];
        var named = SourceFile
            .All.Where(file => file.Folder is "Protocols" or "Framing")
            .SelectMany(file =>
                services
                    .Where(service => file.Code.Contains(service, StringComparison.OrdinalIgnoreCase))
                    .Select(service => $"{file.Path}: {service}")
            );
        Assert.Empty(named);
    }

    [Fact]
    [Case(114)]
    public void Telemetry_InSources_ReadsNoMessageContent()
    {
        Assert.Contains(SourceFile.All, file => file.Folder == "Telemetry");
        Assert.Empty(SourceGates.TellingContent(SourceFile.All));
    }

    [Fact]
    [Case(78, 165)]
    public void Library_InSources_UsesNoUnsafeCodeOrReflection() => Assert.Empty(SourceGates.Reflecting(SourceFile.All));

    [Fact]
    [Case(78)]
    public void JsonSerializer_InLibrary_IsCalledOnlyWithGeneratedMetadata() =>
        Assert.Empty(SourceGates.SerializingByReflection(SourceFile.All));

    [Fact]
    [Case(164)]
    public void Library_InProjectFile_ReferencesNoPackage()
    {
        var project = XDocument.Load(Path.Combine(Folders.Repository, "src", "RawLlm", "RawLlm.csproj"));
        Assert.Empty(project.Descendants("PackageReference"));
        Assert.Empty(project.Descendants("ProjectReference"));
    }

    [Fact]
    public void Files_InLibrary_ContainOneTypeAndFileScopedNamespace() =>
        Assert.Empty(SourceGates.WithoutOneTypeAndFileScope(SourceFile.All));

    [Fact]
    public void TypeNames_InSources_AvoidMeaninglessWords()
    {
        string[] words = ["Manager", "Helper", "Helpers", "Util", "Utils", "Utility", "Service", "Processor", "Impl", "Base", "Common"];
        var wrong = Directory
            .EnumerateFiles(Path.Combine(Folders.Repository, "src"), "*.cs", SearchOption.AllDirectories)
            .Select(file => Path.GetFileNameWithoutExtension(file))
            .Where(name => Regex.Matches(name, "[A-Z][a-z0-9]*").Any(word => words.Contains(word.Value)));
        Assert.Empty(wrong);
    }

    [Fact]
    public void TestNames_InSources_HaveSubjectConditionAndOutcome()
    {
        Assert.NotEmpty(SourceFile.Tests);
        Assert.Empty(SourceGates.TestsNamedOtherwise(SourceFile.Tests));
    }

    // The measurement would include what other tests hold at that moment.
    [Fact]
    public void Tests_MeasuringProcess_RunInAllocationCollection() =>
        Assert.Empty(SourceGates.MeasuringTheProcessAmongOthers(SourceFile.Tests));

    [Fact]
    public void Tests_OnSlowMachine_HaveLongTimeoutsAndFixedSeeds() => Assert.Empty(SourceGates.FailingByChance(SourceFile.Tests));

    // The formatter breaks code, not comments.
    [Fact]
    public void Comments_InAllSources_FitLineWidth()
    {
        var wide =
            from folder in new[] { "src", "tests", "benchmarks" }
            from file in Directory.EnumerateFiles(Path.Combine(Folders.Repository, folder), "*.cs", SearchOption.AllDirectories)
            from line in File.ReadLines(file)
            where line.Length > 140 && line.AsSpan().TrimStart().StartsWith("//", StringComparison.Ordinal)
            select $"{file}: {line}";
        Assert.Empty(wide);
    }

    [Fact]
    public void RepositoryRoot_Listed_ContainsOnlyExpectedEntries()
    {
        string[] expected = ["LICENSE", "README.md", "RawLlm.sln", "benchmarks", "docs", "global.json", "src", "tests"];
        var found = Directory
            .EnumerateFileSystemEntries(Folders.Repository)
            .Select(entry => Path.GetFileName(entry)!)
            .Where(name => !name.StartsWith('.') && !name.StartsWith("Directory.", StringComparison.Ordinal));
        Assert.Empty(found.Except(expected));
    }
}
