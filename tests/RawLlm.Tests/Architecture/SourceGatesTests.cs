namespace RawLlm.Tests.Architecture;

/// <summary>The gates work: each finds what it forbids and accepts what only looks similar.</summary>
public sealed class SourceGatesTests
{
    [Theory]
    [InlineData("HttpClient", "HttpClient client;", true)]
    [InlineData("HttpMethod", "System.Net.Http.HttpMethod method;", true)]
    [InlineData("System.Net.Http", "using System.Net.Http;", true)]
    [InlineData("System.Net.Http", "global::System.Net.Http.HttpMethod method;", true)]
    [InlineData("Stopwatch", "var began = System.Diagnostics.Stopwatch.StartNew();", true)]
    [InlineData("Task", "global::System.Threading.Tasks.Task Run();", true)]
    [InlineData("Task", "string address = \"https://example.org\"; Task Run();", true)]
    [InlineData("Task", "char quote = '\"'; Task Run(); char other = '\"';", true)]
    [InlineData("Task", "string text = \"\"\"a \"quote\" \"\"\"; Task Run();", true)]
    [InlineData("Task", "// Task", false)]
    [InlineData("Task", "/* Task */ int x;", false)]
    [InlineData("Task", "string text = \"Task\";", false)]
    [InlineData("Task", "string text = @\"c:\\\"; string other = \"Task\";", false)]
    [InlineData("Task", "Task<int> Run();", true)]
    [InlineData("Task", "int tasks = work.Task;", false)]
    [InlineData("Task", "TaskCanceled error;", false)]
    [InlineData("RawLlm.Protocols", "using RawLlm.Protocols;", true)]
    public void Naming_SeededFile_IsFoundIfForbidden(string name, string code, bool isFound) =>
        Assert.Equal(isFound, SourceGates.Naming([SourceFile.Of("Chat/Seeded.cs", code)], "Chat", name).Any());

    [Theory]
    [InlineData("Protocols/Gemini/Seeded.cs", "OllamaBlock block;", true)]
    [InlineData("Protocols/Requests/Seeded.cs", "OllamaBlock block;", true)]
    [InlineData("Protocols/Seeded.cs", "OllamaBlock block;", true)]
    [InlineData("Protocols/Prediction/Seeded.cs", "OllamaBlock block;", true)]
    [InlineData("Protocols/Ollama/Seeded.cs", "OllamaBlock block;", false)]
    [InlineData("Protocols/BedrockInvoke/Seeded.cs", "OllamaBlock block;", false)]
    [InlineData("Protocols/Gemini/Seeded.cs", "// OllamaBlock", false)]
    [InlineData("Protocols/Gemini/Seeded.cs", "internal enum Kind\n{\n    OllamaBlock,\n}\n", false)]
    [InlineData("Providers/Seeded.cs", "OllamaBlock block;", false)]
    public void NamingOtherWires_SeededFile_IsFoundIfForbidden(string path, string code, bool isFound) =>
        Assert.Equal(
            isFound,
            SourceGates
                .NamingOtherWires([
                    SourceFile.Of(path, code),
                    SourceFile.Of("Protocols/Ollama/OllamaBlock.cs", "class OllamaBlock;"),
                    SourceFile.Of("Protocols/Ollama/OllamaProtocol.cs", "class OllamaProtocol;"),
                ])
                .Any()
        );

    [Theory]
    [InlineData("Calls/Seeded.cs", "SocketsHttpHandler handler;", true)]
    [InlineData("LlmTimeouts.cs", "HttpMessageHandler handler;", true)]
    [InlineData("Providers/Seeded.cs", "System.Net.Http.HttpMessageInvoker invoker;", true)]
    [InlineData("Transport/Seeded.cs", "HttpClient client;", false)]
    [InlineData("LlmClient.cs", "HttpClient client;", false)]
    public void NamingHttp_SeededFile_IsFoundIfForbidden(string path, string code, bool isFound) =>
        Assert.Equal(isFound, SourceGates.NamingHttp([SourceFile.Of(path, code)]).Any());

    [Fact]
    public void MayNameHttpInVain_FileWithoutHttpTypes_IsFound() =>
        Assert.Equal(
            ["LlmClientOptions.cs"],
            SourceGates.MayNameHttpInVain([
                SourceFile.Of("LlmClient.cs", "HttpClient client;"),
                SourceFile.Of("LlmClientOptions.cs", "int x;"),
            ])
        );

    [Theory]
    [InlineData("JsonSerializer.Deserialize<int>(json);", true)]
    [InlineData("JsonSerializer.Deserialize<List<int>>(json);", true)]
    [InlineData("JsonSerializer.Deserialize(json, typeof(int));", true)]
    [InlineData("JsonSerializer.Serialize(value);", true)]
    [InlineData("JsonSerializer.Serialize(typeName);", true)]
    [InlineData("JsonSerializer.Serialize(value, options);", true)]
    [InlineData("JsonSerializer\n    .Serialize(Find(value), Options());", true)]
    [InlineData("System.Text.Json.JsonSerializer.Serialize(value);", true)]
    [InlineData("return Use(JsonSerializer.Deserialize(Read(json), type), JsonSerializer.Serialize(x));", true)]
    [InlineData("return Use(JsonSerializer.Deserialize(Read(json), type));", false)]
    [InlineData("JsonSerializer.Serialize(writer, value, MyContext.Default.Thing);", false)]
    public void SerializingByReflection_SeededCall_IsFoundIfForbidden(string code, bool isFound) =>
        Assert.Equal(isFound, SourceGates.SerializingByReflection([SourceFile.Of("Chat/Seeded.cs", code)]).Any());

    [Theory]
    [InlineData("unsafe void F() { }", true)]
    [InlineData("[System.Runtime.InteropServices.DllImport(\"x\")] static extern void F();", true)]
    [InlineData("System.Activator.CreateInstance(t);", true)]
    [InlineData("using System.Reflection;", true)]
    [InlineData("// unsafe", false)]
    public void Reflecting_SeededFile_IsFoundIfForbidden(string code, bool isFound) =>
        Assert.Equal(isFound, SourceGates.Reflecting([SourceFile.Of("Chat/Seeded.cs", code)]).Any());

    [Theory]
    [InlineData("namespace RawLlm;\n\npublic sealed class A;\n", false)]
    [InlineData("namespace RawLlm;\n\ninternal delegate int F(int x);\n", false)]
    [InlineData("namespace RawLlm;\n\npublic sealed class A;\n\ninternal readonly record struct B;\n", true)]
    [InlineData("namespace RawLlm\n{\n    public sealed class A;\n}\n", true)]
    [InlineData("namespace RawLlm;\n", true)]
    public void WithoutOneTypeAndFileScope_SeededFile_IsFoundIfForbidden(string code, bool isFound) =>
        Assert.Equal(isFound, SourceGates.WithoutOneTypeAndFileScope([SourceFile.Of("Chat/Seeded.cs", code)]).Any());

    [Theory]
    [InlineData("activity.SetTag(\"x\", request.Messages);", true)]
    [InlineData("activity.Stop();", false)]
    public void TellingContent_SeededFile_IsFoundIfForbidden(string code, bool isFound) =>
        Assert.Equal(isFound, SourceGates.TellingContent([SourceFile.Of("Telemetry/Seeded.cs", code)]).Any());

    [Theory]
    [InlineData("/// <summary>Other words.</summary>\npublic ToolEvent Current => _stream.Current; // ToolStream\nToolStream Of();", false)]
    [InlineData("public ToolEvent Current => _stream.Current;\nChatStream Of();", true)]
    [InlineData("public ToolEvent Current => _stream.Current;\nToolStream Of(bool continues = false);", true)]
    public void LoopsApart_SeededDifference_IsFoundIfForbidden(string code, bool isFound) =>
        Assert.Equal(
            isFound,
            SourceGates
                .LoopsApart([
                    SourceFile.Of("Streams/ChatStream.Loops.cs", "public StreamEvent Current => _stream.Current;\n\nChatStream Of();"),
                    SourceFile.Of("Tools/ToolStream.Loops.cs", code),
                ])
                .Any()
        );

    [Theory]
    [InlineData("    [Fact]\n    public void Chart_IsWellFormed() { }", true)]
    [InlineData("    [Theory]\n    [InlineData(\"a\")]\n    public async Task Chart_OfNothing_IsEmpty_AndSaysSo(string x) { }", true)]
    [InlineData("    [Property(MaxTest = 5)]\n    public static Task<int> chart_OfNothing_IsEmpty() { }", true)]
    [InlineData("    [Fact]\n    [Case(1, 2)]\n    public async Task Chart_OfNothing_IsEmpty() { }\n    public void Chart() { }", false)]
    [InlineData("    public void Chart_IsWellFormed() { }", false)]
    public void TestsNamedOtherwise_SeededTest_IsFoundIfForbidden(string code, bool isFound) =>
        Assert.Equal(isFound, SourceGates.TestsNamedOtherwise([SourceFile.Of("Seeded.cs", code)]).Any());

    [Theory]
    [InlineData("public sealed class A { long b = GC.GetTotalMemory(forceFullCollection: true); }", true)]
    [InlineData("public sealed class A { long b = GC.GetTotalAllocatedBytes(precise: true); }", true)]
    [InlineData("public sealed class A { int b = ThreadPool.ThreadCount; }", true)]
    [InlineData("public sealed class A { long b = GC.GetAllocatedBytesForCurrentThread(); }", false)]
    [InlineData(
        "[Collection(Allocation.AllocationCollection.Name)]\npublic sealed class A { long b = GC.GetTotalMemory(forceFullCollection: true); }",
        false
    )]
    public void MeasuringTheProcessAmongOthers_SeededTest_IsFoundIfForbidden(string code, bool isFound) =>
        Assert.Equal(isFound, SourceGates.MeasuringTheProcessAmongOthers([SourceFile.Of("Seeded.cs", code)]).Any());

    [Theory]
    [InlineData("await task.WaitAsync(TimeSpan.FromSeconds(30));", true)]
    [InlineData("using var watchdog = new CancellationTokenSource(TimeSpan.FromMilliseconds(5_000));", true)]
    [InlineData("Prop.ForAll(x, y).Check(Config.QuickThrowOnFailure.WithMaxTest(5));", true)]
    [InlineData("using var http = new HttpClient();", true)]
    [InlineData("await Task.Delay(100);", true)]
    [InlineData("source.CancelAfter(TimeSpan.FromSeconds(5));", true)]
    [InlineData("private readonly CancellationTokenSource _watchdog = new(TimeSpan.FromSeconds(5));", true)]
    [InlineData("SpinWait.SpinUntil(() => isDone, TimeSpan.FromSeconds(5));", true)]
    [InlineData("[Property(MaxTest = 5)]", true)]
    [InlineData("Prop.ForAll(x, y).QuickCheckThrowOnFailure();", true)]
    [InlineData("using var http = new HttpClient { BaseAddress = url };", true)]
    [InlineData("await task.WaitAsync(TimeSpan.FromMinutes(2));", false)]
    [InlineData("using var http = new HttpClient(handler);", false)]
    [InlineData("await Task.Delay(Timeout.Infinite, token);", false)]
    public void FailingByChance_SeededTest_IsFoundIfForbidden(string code, bool isFound) =>
        Assert.Equal(isFound, SourceGates.FailingByChance([SourceFile.Of("Seeded.cs", code)]).Any());
}
