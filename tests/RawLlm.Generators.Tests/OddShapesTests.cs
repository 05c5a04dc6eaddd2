using Microsoft.CodeAnalysis.CSharp;

namespace RawLlm.Generators.Tests;

/// <summary>For every shape of a type, either the generated code compiles or the generator reports what is wrong.</summary>
public sealed class OddShapesTests
{
    private const string Json = "System.Text.Json.Serialization.";

    /// <summary>Types that can be read, keyed by what is unusual about them.</summary>
    public static TheoryData<string, string> Readable =>
        new()
        {
            { "init", "public record Odd { public string A { get; init; } = \"\"; public int? B { get; init; } }" },
            { "init and constructor", "public record Odd(string A) { public int B { get; init; } public int C { get; set; } = 3; }" },
            {
                "field keyword",
                "public class Odd { public string A { get => field; set => field = value.Trim(); } = \"\"; public int B { get; set => field = value + 1; } }"
            },
            {
                "struct with a primary constructor",
                "public struct Odd(int a) { public int A { get; set; } = a; public int B { get; set; } = 2; }"
            },
            {
                "struct with several constructors",
                "public struct Odd { public Odd() { } public Odd(int a) { A = a; } public int A { get; set; } }"
            },
            { "readonly struct", "public readonly struct Odd { public int A { get; init; } public string? B { get; init; } }" },
            { "record struct", "public readonly record struct Odd(int A, string? B = null);" },
            { "class with a primary constructor", "public class Odd(string a, int b = 3) { public string A => a; public int B => b; }" },
            { "required", "public class Odd { public required string A { get; set; } public required int? B { get; init; } }" },
            {
                "required in a base type",
                "public class Below { public required string A { get; set; } } public class Odd : Below { public required int B { get; init; } }"
            },
            {
                "required, overridden",
                "public class Below { public virtual required string A { get; set; } } public class Odd : Below { public override required string A { get; set; } }"
            },
            { "required field", "public class Odd { public required string A; public required int[] B; public int C { get; set; } }" },
            { "required and constructor", "public record Odd(string A) { public required string B { get; init; } }" },
            {
                "required set by the constructor",
                "public class Odd { [System.Diagnostics.CodeAnalysis.SetsRequiredMembers] public Odd(string a) { A = a; } public required string A { get; init; } public int B { get; set; } }"
            },
            {
                "required, ignored and set by the constructor",
                $"public class Odd {{ [System.Diagnostics.CodeAnalysis.SetsRequiredMembers] public Odd(string a) {{ A = a; B = 2; }} public string A {{ get; }} [{Json}JsonIgnore] public required int B {{ get; init; }} }}"
            },
            {
                "required with a keyword as its name",
                "public class Odd { public required string @class { get; set; } public required int @for; }"
            },
            {
                "inherited properties",
                "public class Below { public int A { get; set; } public virtual string? B { get; set; } } public class Odd : Below { public override string? B { get; set; } public int C { get; set; } }"
            },
            { "inherited records", "public record Below(int A); public record Odd(int A, string B) : Below(A);" },
            {
                "hidden properties",
                "public class Below { public int A { get; set; } } public class Odd : Below { public new string A { get; set; } = \"\"; }"
            },
            {
                "static, get-only, write-only and indexed",
                "public class Odd { public static int S { get; set; } public int G { get; } public int W { set { } } public int this[int i] { get => i; set { } } public int A { get; set; } private int P { get; set; } internal int I { get; set; } public int Q { get; private set; } }"
            },
            {
                "const and fields",
                "public class Odd { public const int K = 1; public int F; public readonly int R; public int A { get; set; } }"
            },
            {
                "explicit implementation",
                "public interface IA { int A { get; set; } } public class Odd : IA { int IA.A { get; set; } public int B { get; set; } }"
            },
            {
                "generic",
                "public class Box<T> { public T? Value { get; set; } } public class Odd { public Box<int> A { get; set; } = new(); public Box<string?>? B { get; set; } public Box<Box<int?>> C { get; init; } = new(); }"
            },
            {
                "generic outside",
                "public class Outer<T> { public class In { public T? Value { get; set; } } } public class Odd { public Outer<int>.In A { get; set; } = new(); public Outer<string>.In? B { get; set; } }"
            },
            {
                "keywords",
                "namespace @namespace.@int { public class @class { public int @event { get; set; } } } public record Odd(@namespace.@int.@class @class, @enum @switch, int @params = 1); public enum @enum { @if, @else }"
            },
            {
                "names of the generator's own",
                "public record Odd(int value, int item, int argument, int members, int made, int given, int answer, int Format, int Read, int Member);"
            },
            {
                "names of the platform",
                "namespace Some { public class System { public int A { get; set; } } public class RawLlm { public int B { get; set; } } } public record Odd(Some.System System, Some.RawLlm RawLlm);"
            },
            {
                "nullable value types",
                "public record struct Point(int X, int? Y); public record Odd(Point? A, Point?[] B, DayOfWeek? C, Guid? D = null, Point? E = null, DateTime? F = default) { public Point? G { get; set; } public decimal? H { get; init; } }"
            },
            {
                "defaults",
                "public record Odd(byte A = 255, sbyte B = -128, short C = -1, ushort D = 65535, uint E = 4294967295, ulong F = 18446744073709551615, long G = long.MinValue, int H = int.MinValue, float I = float.NaN, float J = -1e-38f, double K = double.NegativeInfinity, double L = -0.0, decimal M = -0.1000000000000000000000000001m, bool N = true, string O = \"\\u2028\\\"{}\\ud800\", string? P = null, DayOfWeek Q = (DayOfWeek)(-1), byte? R = 255, long? S = 7, double? T = 1, Big U = Big.Most, DayOfWeek? V = DayOfWeek.Friday, decimal? W = 1.5m, Guid X = default, int Y = default, float? Z = float.PositiveInfinity); public enum Big : ulong { Most = ulong.MaxValue }"
            },
            { "params", "public class Odd(params string[] names) { public string[] Names => names; }" },
            {
                "lists in lists",
                "public record Odd(int[][] A, List<List<int?>?> B, IReadOnlyList<string?[]>? C, IEnumerable<IList<DayOfWeek>> D, ICollection<Uri> E, IReadOnlyCollection<Odd2[]> F); public record Odd2(List<Odd3>? A); public record Odd3(TimeOnly A);"
            },
            {
                "enums of every kind",
                "[Flags] public enum Flags : byte { None, A = 1, B = 2, Both = 3, Same = 3 } public enum Long : long { Min = long.MinValue } public record Odd(Flags A, Long B, System.IO.FileAccess C);"
            },
            { "enum in a class", "public class Odd { public enum In { A } public In B { get; set; } }" },
            {
                "odd names in JSON",
                $"public record Odd([property: {Json}JsonPropertyName(\"a b\\\"\\\\\\n§\")] int A, [property: {Json}JsonPropertyName(\"\")] int B, int Ünïcode, int _, int __x, int URLPath);"
            },
            {
                "ignored",
                $"public record Odd(int A) {{ [{Json}JsonIgnore] public object? B {{ get; set; }} [{Json}JsonIgnore] public int C {{ get; init; }} }}"
            },
            {
                "several constructors, one marked",
                $"public class Odd {{ public Odd() {{ }} [{Json}JsonConstructor] public Odd(int a) => A = a; public int A {{ get; }} }}"
            },
            {
                "ignored where it is overridden",
                $"public class Below {{ public virtual object? A {{ get; set; }} }} public class Odd : Below {{ [{Json}JsonIgnore] public override object? A {{ get; set; }} public int B {{ get; set; }} }}"
            },
            { "obsolete", "public class Odd { [Obsolete(\"no\")] public int A { get; set; } public int B { get; set; } }" },
            {
                "obsolete and forbidden",
                "public class Odd { [Obsolete(\"no\", true)] public int A { get; set; } public int B { get; set; } public State C { get; set; } } public enum State { On, [Obsolete(\"no\", error: true)] Gone }"
            },
            {
                "partial",
                "public partial class Odd { public partial int A { get; set; } } public partial class Odd { private int _a; public partial int A { get => _a; set => _a = value; } }"
            },
            {
                "protected and private constructors",
                "public class Odd { public Odd(int a) => A = a; protected Odd() { } private Odd(string s) { } internal Odd(long l) { } public int A { get; } }"
            },
            { "constructor without the properties", "public class Odd(int a, string? b) { public override string ToString() => a + b; }" },
            {
                "two levels of nesting",
                "public class Outer { public class Middle { internal record Deep(int A); } } internal record Odd(Outer.Middle.Deep A);"
            },
            { "tuple-like record", "public record Odd(int Item1, int Item2) { public void Deconstruct(out int a) => a = Item1; }" },
            {
                "oblivious",
                "#nullable disable\npublic class Odd { public string A { get; set; } public string[] B { get; set; } public Odd2 C { get; init; } } public class Odd2 { public Odd2(string a, Uri b = null) { } public string A => null; }\n#nullable enable\n"
            },
            {
                "allowing null where it does not show",
                "public record Odd([property: System.Diagnostics.CodeAnalysis.AllowNull] string A, [System.Diagnostics.CodeAnalysis.MaybeNull] string B);"
            },
        };

    /// <summary>Types that cannot be read, keyed by part of the diagnostic.</summary>
    public static TheoryData<string, string> Refused =>
        new()
        {
            { "\"a\" for both", $"public record Odd(int A, [property: {Json}JsonPropertyName(\"a\")] int B);" },
            { "\"name\" for both", "public class Odd { public int Name { get; set; } public int name { get; set; } }" },
            {
                "which is required",
                $"public class Odd {{ public int A {{ get; set; }} [{Json}JsonIgnore] public required int B {{ get; set; }} }}"
            },
            { "which is required", "internal class Odd { public int A { get; set; } internal required int B { get; set; } }" },
            { "which is required", "internal class Odd { public int A { get; set; } public required int B { get; internal set; } }" },
            {
                "[SetsRequiredMembers]",
                "public class Odd { public Odd(string a) { A = a; } public required string A { get; init; } public int B { get; set; } }"
            },
            { "has no values", "public enum Empty { } public record Odd(Empty A);" },
            {
                "\"x\" for several of its values",
                $"public enum Two {{ [{Json}JsonStringEnumMemberName(\"x\")] A, x }} public record Odd(Two A);"
            },
            { "is local to its file", "file record Odd(int A);" },
            { "is local to its file", "file enum E { A } public class Outer { internal record Odd2(int A); } file record Odd(E A);" },
            { "char is not supported", "public record Odd(char A);" },
            { "is not supported", "public record Odd(dynamic A);" },
            { "is not supported", "public record Odd((int, int) A);" },
            { "is not supported", "public record Odd(HashSet<int> A);" },
            { "is not supported", "public record Odd(nint A);" },
            { "is not supported", "public record Odd(Func<int> A);" },
            { "is not supported", "public record Odd(int[,] A);" },
            { "is not supported", "public record Odd(Half A);" },
            { "is a ref struct", "public ref struct Odd { public int A { get; set; } }" },
            {
                "which is required",
                "public class Odd { [Obsolete(\"no\", true)] public required int A { get; set; } public int B { get; set; } }"
            },
            { "is a collection", "public class Odd : List<int> { public int A { get; set; } }" },
            { "by reference", "public class Odd { public Odd(in int a) { } }" },
            { "several constructors", "public class Odd { public Odd(int a) { } public Odd(string b) { } }" },
            { "several constructors", "public class Odd { private Odd() { } public int A { get; set; } }" },
            { "no public property", "public class Odd { public int F; }" },
            { "cannot be created", "public interface Odd { int A { get; set; } }" },
            { "cannot be created", "public abstract record Odd(int A);" },
            { "not supported", "public class Odd { public required unsafe int* A { get; set; } }" },
            { "contains itself", "public record Odd(List<Odd?> A);" },
        };

    // This compiler supports the keyword only in its preview version.
    private static LanguageVersion Version(string what) => what == "field keyword" ? LanguageVersion.Preview : LanguageVersion.CSharp13;

    [Theory]
    [MemberData(nameof(Readable))]
    public void Tool_UsesReadableType_GeneratesCodeThatCompiles(string what, string source)
    {
        var compiled = Compiled.Of(
            source
                + "\npartial class Mine { [Tool(\"x\")] internal void Take(Odd a, Odd? b, List<Odd?>? c) { } [Tool(\"x\")] internal Odd Give() => default!; [Tool(\"x\")] internal Task<List<Odd?>?> GiveAll() => default!; }",
            version: Version(what)
        );

        // The generator writes public properties; one of these types has none.
        Assert.True(
            compiled.Numbers.All(number => number == "RLLM107" && what == "constructor without the properties"),
            what + ": " + string.Join('\n', compiled.Found)
        );
        compiled.Assembly();
    }

    [Theory]
    [MemberData(nameof(Readable))]
    public void JsonSchema_UsesReadableType_IsGenerated(string what, string source)
    {
        var compiled = Compiled.Of(
            source + "\n[JsonSchema] internal partial record Mine(Odd A, Odd? B, List<Odd?>? C);",
            version: Version(what)
        );

        Assert.True(!compiled.Numbers.Any(), what + ": " + string.Join('\n', compiled.Found));
        var mine = compiled.Assembly().GetType("Mine")!;
        var format = (ReplyFormat)typeof(ReplyFormat).GetMethod("Of")!.MakeGenericMethod(mine).Invoke(null, null)!;
        Assert.False(format.Schema.IsEmpty);
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public void Type_Unreadable_ReportsDiagnosticWithReason(string words, string source)
    {
        var compiled = Compiled.Of(
            source
                + "\npartial class Mine { [Tool(\"x\")] internal void Do(Odd value) { } [Tool(\"x\")] public string Other() => \"\"; } [JsonSchema] internal partial record Asked(Odd A);"
        );

        foreach (string number in (string[])["RLLM101", "RLLM110"])
        {
            Assert.Contains(
                compiled.Found,
                found => found.Id == number && found.GetMessage(null).Contains(words, StringComparison.Ordinal)
            );
        }

        Assert.DoesNotContain(compiled.Errors, error => error.Location.SourceTree?.FilePath != "Source.cs");
    }

    [Fact]
    public async Task RequiredMembers_OfTypeInAnotherAssembly_AreSet()
    {
        const string Library = """
            public class Below { public required string A { get; init; } }
            public class Lib : Below { public required int B; public required string? C { get; set; } public int D { get; set; } }
            public class Taken { public Taken(string a) { A = a; } public required string A { get; init; } public int B { get; set; } }
            """;

        var compiled = Compiled.Of(
            "partial class Mine { [Tool(\"x\")] public string Do(Lib lib) => $\"{lib.A} {lib.B} {lib.C} {lib.D}\"; } [JsonSchema] public partial record Asked(Lib A);",
            Library
        );
        Assert.Empty(compiled.Numbers);
        var schema = compiled.Tools().Single().Definition.Parameters.ToString();
        Assert.Contains("\"required\":[\"a\",\"c\",\"b\"]", schema, StringComparison.Ordinal);
        Assert.Equal(
            "x 2  0",
            (await compiled.Tools().Single().RunAsync(new ToolCall("a", "do", """{"lib":{"a":"x","b":2,"c":null}}"""))).Text
        );

        Assert.Equal(["RLLM101"], Compiled.Of("partial class Mine { [Tool(\"x\")] public void Do(Taken taken) { } }", Library).Numbers);
    }

    [Theory]
    [InlineData("public partial string Do(int a); public partial string Do(int a) => \"\";", null)]
    [InlineData("public string Do(params string[] names) => \"\";", null)]
    [InlineData("public string Do(params List<int> names) => \"\";", null)]
    [InlineData("public ref readonly int Do() => ref System.Runtime.CompilerServices.Unsafe.NullRef<int>();", null)]
    [InlineData("public async void Do() => await Task.Yield();", null)]
    [InlineData("public virtual Task<int?> @do(int @if, string @cancellationToken, CancellationToken token) => null!;", null)]
    [InlineData(
        "internal static string Do(byte a = 1, short? b = -1, DayOfWeek c = (DayOfWeek)(-1), decimal d = -1m, string e = \"\\ud800\\u2028\") => \"\";",
        null
    )]
    [InlineData("private int Do(int call, int arguments, int result, int value, int item) => 1;", null)]
    [InlineData("[Obsolete] public int Do(CancellationToken a, CancellationToken b) => 1;", null)]
    [InlineData("public string Do(params ReadOnlySpan<int> a) => \"\";", "RLLM101")]
    [InlineData("public Span<int> Do() => default;", "RLLM107")]
    [InlineData("public string Do(in int a) => \"\";", "RLLM105")]
    [InlineData("public string Do(ref readonly int a) => \"\";", "RLLM105")]
    [InlineData("void IDisposable.Dispose() { }", "RLLM112")]
    public void Method_OfEveryForm_CompilesOrReportsDiagnostic(string method, string? number)
    {
        var compiled = Compiled.Of(
            $"namespace @public.@class {{ public partial record @event {(method.Contains("IDisposable", StringComparison.Ordinal) ? ": IDisposable" : "")} {{ [Tool(\"x\", Name = \"x\")] {method} }} }}"
        );

        Assert.Equal(number is null ? [] : [number], compiled.Numbers);
        compiled.Assembly();
    }

    [Theory]
    [InlineData("partial class Tools { [Tool(\"x\")] public void Do() { } }")]
    [InlineData("partial record struct Mine { [Tool(\"x\")] public void Do() { } }")]
    [InlineData("partial interface IMine { [Tool(\"x\")] void Do() { } }")]
    [InlineData("partial class Outer<T> { partial class Mine { [Tool(\"x\")] public void Do() { } } }")]
    [InlineData("file partial class Mine { [Tool(\"x\")] public void Do() { } }")]
    public void ContainingType_Unsupported_ReportsDiagnosticAndCompiles(string source)
    {
        var compiled = Compiled.Of(source);

        Assert.Equal(["RLLM103"], compiled.Numbers);
        compiled.Assembly();
    }

    [Fact]
    public async Task Result_NullInObliviousCode_IsWrittenAsNull()
    {
        var tools = Compiled
            .Of(
                """
                #nullable disable
                public class Thing { public string A { get; set; } public Uri B { get; set; } public int[] C { get; set; } public Thing2 D { get; set; } }
                public class Thing2 { public int A { get; set; } }
                partial class Mine
                {
                    [Tool("x")] public Thing Nothing() => null;
                    [Tool("x")] public Thing Empty() => new();
                    [Tool("x")] public Task<string[]> NothingLaterAsync() => Task.FromResult<string[]>(null);
                    [Tool("x")] public Uri[] Items() => [null, new("/a", UriKind.Relative)];
                    [Tool("x")] public Uri Address() => null;
                    [Tool("x")] public string Text() => null;
                    [Tool("x")] public ToolOutput Output() => null;
                }
                """
            )
            .Tools();

        var told = new List<string>();
        foreach (var tool in tools)
            told.Add((await tool.RunAsync(new ToolCall("a", tool.Name, "{}")))?.Text ?? "no output");
        Assert.Equal(["null", "{\"a\":null,\"b\":null,\"c\":null,\"d\":null}", "null", "[null,\"/a\"]", "null", "", "no output"], told);
    }

    [Fact]
    public async Task JsonIgnore_WithCondition_MatchesPlatformBehavior()
    {
        const string Ignore = "[System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.";
        var tool = Compiled
            .Of(
                $$"""
                public class Odd
                {
                    {{Ignore}}WhenWritingNull)] public string? A { get; set; }
                    {{Ignore}}Never)] public int B { get; set; } = 2;
                    {{Ignore}}WhenWriting)] public int C { get; set; } = 3;
                    {{Ignore}}WhenReading)] public int D { get; set; } = 4;
                    {{Ignore}}Always)] public int E { get; set; } = 5;
                    [System.Text.Json.Serialization.JsonRequired] public int F { get; set; } = 6;
                }
                partial class Mine { [Tool("x")] public Odd Do(Odd odd) { odd.D += odd.C; return odd; } }
                """
            )
            .Tools()
            .Single();

        Assert.Contains(
            """{"a":{"type":"string"},"b":{"type":"integer","default":2},"c":{"type":"integer","default":3},"f":{"type":"integer"}},"required":["f"]""",
            tool.Definition.Parameters.ToString(),
            StringComparison.Ordinal
        );
        Assert.Equal(
            """{"a":"A","b":7,"d":12,"f":9}""",
            (await tool.RunAsync(new ToolCall("a", "do", """{"odd":{"a":"A","b":7,"c":8,"d":1,"e":1,"f":9}}"""))).Text
        );
    }

    [Fact]
    public async Task ListAsText_WithLoneSurrogate_IsReadWithReplacementCharacter()
    {
        var tool = Compiled.Of("partial class Mine { [Tool(\"x\")] public string Do(string[] a) => a[0]; }").Tools().Single();

        Assert.Equal("\uFFFD", (await tool.RunAsync(new ToolCall("a", "do", """{"a":"[\"\\ud800\"]"}"""))).Text);
    }

    [Fact]
    public async Task TimeOnly_WithUtcOffset_IgnoresOffset()
    {
        var tool = Compiled
            .Of("partial class Mine { [Tool(\"x\")] public string Do(TimeOnly[] a) => string.Join(' ', a); }")
            .Tools()
            .Single();

        Assert.Equal(
            "12:30 12:30 12:30 01:02",
            (await tool.RunAsync(new ToolCall("a", "do", """{"a":["12:30:00Z","12:30:00","12:30:00+02:00","01:02-00:30"]}"""))).Text
        );
        await Assert.ThrowsAsync<ToolArgumentException>(() => tool.RunAsync(new ToolCall("a", "do", """{"a":["12:30:00+2"]}""")).AsTask());
    }
}
