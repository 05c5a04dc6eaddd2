using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace RawLlm.Generators.Tests;

public sealed class ToolGeneratorTests
{
    private static ToolSet Tools(string source)
    {
        var compiled = Compiled.Of(source);
        Assert.Empty(compiled.Numbers);
        return compiled.Tools();
    }

    private static Tool One(string source) => Tools(source).Single();

    private static async Task<string> Run(Tool tool, string arguments) =>
        (await tool.RunAsync(new ToolCall("a", tool.Name, arguments))).Text;

    private static void AssertSchema(string expected, Tool tool)
    {
        string actual = tool.Definition.Parameters.ToString();
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), JsonNode.Parse(actual)), actual);
    }

    // Built by hand because the tests run with InvariantGlobalization.
    private static CultureInfo Foreign()
    {
        var culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        (culture.NumberFormat.NumberDecimalSeparator, culture.NumberFormat.NumberGroupSeparator, culture.NumberFormat.NegativeSign) = (
            ",",
            ".",
            "~"
        );
        (culture.DateTimeFormat.DateSeparator, culture.DateTimeFormat.TimeSeparator) = (".", "h");
        return culture;
    }

    [Fact]
    public async Task InstanceMethod_WithToolAttribute_BecomesToolWithNameSchemaAndResult()
    {
        var tool = One(
            """
            partial class Mine
            {
                private readonly string _unit = "°C";

                [Tool("The weather in a city")]
                public async Task<string> GetWeatherAsync([Description("The city's \"name\"")] string city, int days = 3, CancellationToken cancellationToken = default)
                {
                    await Task.Yield();
                    return $"{days} {_unit} in {city} {cancellationToken.CanBeCanceled}";
                }
            }
            """
        );

        Assert.Equal(("get_weather", "The weather in a city", null), (tool.Name, tool.Definition.Description, tool.Definition.Strict));
        AssertSchema(
            """{"type":"object","properties":{"city":{"type":"string","description":"The city's \"name\""},"days":{"type":"integer","default":3}},"required":["city"],"additionalProperties":false}""",
            tool
        );
        Assert.Equal("3 °C in Oslo False", await Run(tool, """{"city":"Oslo"}"""));
        Assert.Equal("5 °C in Oslo False", await Run(tool, """{"city":"Oslo","days":"5","other":1}"""));
        Assert.Equal("3 °C in Oslo False", await Run(tool, """{"city":"Oslo","days":null}"""));
        using var source = new CancellationTokenSource();
        Assert.Equal(
            "3 °C in Oslo True",
            (await tool.RunAsync(new ToolCall("a", "get_weather", """{"city":"Oslo"}"""), source.Token)).Text
        );
    }

    [Fact]
    public async Task StaticMethods_WithToolAttribute_ShareOneStaticToolSet()
    {
        var compiled = Compiled.Of(
            """
            namespace Some.Where
            {
                public static partial class Outer
                {
                    public static partial class Mine
                    {
                        [Tool("Adds")] public static int Add(int a, int b) => a + b;
                        [Tool("Says", Name = "say-it")] internal static string Say() => "it";
                    }
                }
            }
            """
        );
        Assert.Empty(compiled.Numbers);
        var property = compiled.Assembly().GetType("Some.Where.Outer+Mine")!.GetProperty("Tools")!;
        var tools = (ToolSet)property.GetValue(null)!;

        Assert.Same(tools, property.GetValue(null));
        Assert.Equal(["add", "say-it"], tools.Select(tool => tool.Name));
        Assert.Equal("5", await Run(tools.First(), """{"a":2,"b":3.0}"""));
        Assert.Equal("it", await Run(tools.Last(), ""));
        AssertSchema("""{"type":"object","properties":{},"additionalProperties":false}""", tools.Last());
    }

    [Theory]
    [InlineData("string", """{"type":"string"}""", "\"a\"", "a")]
    [InlineData("string", """{"type":"string"}""", "12", "12")]
    [InlineData("bool", """{"type":"boolean"}""", "true", "true")]
    [InlineData("bool", """{"type":"boolean"}""", "\"False\"", "false")]
    [InlineData("byte", """{"type":"integer"}""", "255", "255")]
    [InlineData("sbyte", """{"type":"integer"}""", "-128", "-128")]
    [InlineData("short", """{"type":"integer"}""", "-5", "-5")]
    [InlineData("ushort", """{"type":"integer"}""", "5", "5")]
    [InlineData("int", """{"type":"integer"}""", "\" 12 \"", "12")]
    [InlineData("int", """{"type":"integer"}""", "1e3", "1000")]
    [InlineData("uint", """{"type":"integer"}""", "4294967295", "4294967295")]
    [InlineData("long", """{"type":"integer"}""", "-9223372036854775808", "-9223372036854775808")]
    [InlineData("ulong", """{"type":"integer"}""", "18446744073709551615", "18446744073709551615")]
    [InlineData("float", """{"type":"number"}""", "1.5", "1.5")]
    [InlineData("double", """{"type":"number"}""", "\"-1.5e-3\"", "-0.0015")]
    [InlineData("decimal", """{"type":"number"}""", "0.10", "0.10")]
    [InlineData(
        "DayOfWeek",
        """{"type":"string","enum":["Sunday","Monday","Tuesday","Wednesday","Thursday","Friday","Saturday"]}""",
        "\"monday\"",
        "Monday"
    )]
    [InlineData("DateTime", """{"type":"string","format":"date-time"}""", "\"2026-01-31T12:00:00Z\"", "2026-01-31T12:00:00.0000000Z")]
    [InlineData(
        "DateTimeOffset",
        """{"type":"string","format":"date-time"}""",
        "\"2026-01-31T12:00:00+01:00\"",
        "2026-01-31T12:00:00.0000000+01:00"
    )]
    [InlineData("DateOnly", """{"type":"string","format":"date"}""", "\"2026-01-31\"", "2026-01-31")]
    [InlineData("DateOnly", """{"type":"string","format":"date"}""", "\"2026-01-31T00:00:00+02:00\"", "2026-01-31")]
    [InlineData(
        "IReadOnlyDictionary<string, IReadOnlyList<IDictionary<string, IEnumerable<int?>?>>>",
        """{"type":"object","additionalProperties":{"type":"array","items":{"type":"object","additionalProperties":{"type":["array","null"],"items":{"type":["integer","null"]}}}}}""",
        "{\"a\":[{\"b\":[1,null],\"c\":null}]}",
        "{\"a\":[{\"b\":[1,null],\"c\":null}]}"
    )]
    [InlineData("Dictionary<string, int>", """{"type":"object","additionalProperties":{"type":"integer"}}""", "{\"a\":\"1\"}", "{\"a\":1}")]
    [InlineData("TimeOnly", """{"type":"string","format":"time"}""", "\"12:30\"", "12:30:00.0000000")]
    [InlineData(
        "Guid",
        """{"type":"string","format":"uuid"}""",
        "\"6F9619FF-8B86-D011-B42D-00CF4FC964FF\"",
        "6f9619ff-8b86-d011-b42d-00cf4fc964ff"
    )]
    [InlineData("Uri", """{"type":"string","format":"uri"}""", "\"https://example.org/a b\"", "https://example.org/a b")]
    [InlineData("int[]", """{"type":"array","items":{"type":"integer"}}""", "[1,\"2\"]", "[1,2]")]
    [InlineData("List<string>", """{"type":"array","items":{"type":"string"}}""", "\"[\\\"é\\\"]\"", "[\"é\"]")]
    [InlineData("IReadOnlyList<int?>", """{"type":"array","items":{"type":["integer","null"]}}""", "[1,null]", "[1,null]")]
    [InlineData(
        "IEnumerable<double[]>",
        """{"type":"array","items":{"type":"array","items":{"type":"number"}}}""",
        "[[0.5],[]]",
        "[[0.5],[]]"
    )]
    public async Task Value_OfSupportedType_IsReadAndWritten(string type, string schema, string given, string expected)
    {
        var tool = One($"partial class Mine {{ [Tool(\"Gives back\")] public {type} Back({type} value) => value; }}");
        var optional = One($"partial class Mine {{ [Tool(\"Gives back\")] public ValueTask<{type}?> Back({type}? value) => new(value); }}");

        var culture = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = Foreign();
            AssertSchema(
                $$"""{"type":"object","properties":{"value":{{schema}}},"required":["value"],"additionalProperties":false}""",
                tool
            );
            AssertSchema($$"""{"type":"object","properties":{"value":{{schema}}},"additionalProperties":false}""", optional);
            Assert.Equal(expected, await Run(tool, $$"""{"value":{{given}}}"""));
            Assert.Equal(expected, await Run(optional, $$"""{"value":{{given}}}"""));
            Assert.Equal(type == "string" ? "" : "null", await Run(optional, "{}"));
            Assert.Equal(type == "string" ? "" : "null", await Run(optional, """{"value":null}"""));
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }

    [Theory]
    [InlineData("string", null, "\"value\" must be a string, but it is missing.")]
    [InlineData("string", "null", "\"value\" must be a string, but it is null.")]
    [InlineData("bool", "\"maybe\"", "\"value\" must be true or false, but it is \"maybe\".")]
    [InlineData("int", "1.5", "\"value\" must be an integer (Int32), but it is 1.5.")]
    [InlineData("byte", "256", "\"value\" must be an integer (Byte), but it is 256.")]
    [InlineData("DateOnly", "\"2026-01-31T12:00:00Z\"", "\"value\" must be a date such as 2026-01-31, but it is \"2026-01-31T12:00:00Z\".")]
    [InlineData("int", "\"many\"", "\"value\" must be an integer (Int32), but it is \"many\".")]
    [InlineData("double", "\"NaN\"", "\"value\" must be a number, but it is \"NaN\".")]
    [InlineData("double", "1e999", "\"value\" must be a number, but it is 1e999.")]
    [InlineData(
        "DayOfWeek",
        "\"Someday\"",
        "\"value\" must be one of Sunday, Monday, Tuesday, Wednesday, Thursday, Friday, Saturday, but it is \"Someday\"."
    )]
    [InlineData("DateTime", "12", "\"value\" must be a date and time such as 2026-01-31T12:00:00Z, but it is 12.")]
    [InlineData("Guid", "\"x\"", "\"value\" must be a UUID, but it is \"x\".")]
    [InlineData("Uri", "\"\"", "\"value\" must be a URI, but it is \"\".")]
    [InlineData("int[]", "{}", "\"value\" must be an array, but it is an object.")]
    [InlineData("int[]", "[1,true]", "\"value[1]\" must be an integer (Int32), but it is true.")]
    [InlineData(
        "Order",
        "{\"items\":[{\"name\":\"a\",\"count\":1},{\"name\":\"b\"}]}",
        "\"value.items[1].count\" must be an integer (Int32), but it is missing."
    )]
    [InlineData("Order", "[]", "\"value\" must be an object, but it is an array.")]
    public async Task Value_DoesNotFit_ThrowsNamingArgument(string type, string? given, string message)
    {
        var tool = One(
            $$"""
            public record Item(string Name, int Count);
            public record Order(IReadOnlyList<Item> Items);
            partial class Mine { [Tool("Takes")] public void Take({{type}} value) { } }
            """
        );

        var e = await Assert.ThrowsAsync<ToolArgumentException>(() => Run(tool, given is null ? "{}" : $$"""{"value":{{given}}}"""));

        Assert.Equal(message, e.Message);
        Assert.StartsWith("value", e.Argument, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Objects_WithConstructorsAndProperties_AreReadAndWritten()
    {
        var tool = One(
            """
            public enum Unit { [System.Text.Json.Serialization.JsonStringEnumMemberName("°C")] Celsius, Fahrenheit }

            [Description("A place")]
            public record Place(string Name, [property: System.Text.Json.Serialization.JsonPropertyName("zip")] int? ZipCode = null, string Country = "NO");

            public class Query
            {
                public required Place Where { get; init; }
                [Description("In which unit")] public Unit Unit { get; set; } = Unit.Celsius;
                public Unit? Other { get; init; }
                public List<Place> Near { get; set; } = new() { new("near") };
                public int Count { get; set; }
                public string Computed => "never read";
                [System.Text.Json.Serialization.JsonIgnore] public object? Hidden { get; set; }
            }

            partial class Mine
            {
                [Tool("Gives back")] public Task<Query> Back([Description("What to find")] Query query) => Task.FromResult(query);
            }
            """
        );
        const string Place =
            """{"type":"object","description":"A place","properties":{"name":{"type":"string"},"zip":{"type":"integer"},"country":{"type":"string","default":"NO"}},"required":["name"],"additionalProperties":false}""";

        AssertSchema(
            $$$"""
            {"type":"object","properties":{"query":{"type":"object","description":"What to find","properties":{
            "where":{{{Place}}},"unit":{"type":"string","description":"In which unit","enum":["°C","Fahrenheit"],"default":"°C"},"other":{"type":"string","enum":["°C","Fahrenheit"]},
            "near":{"type":"array","items":{{{Place}}}},"count":{"type":"integer"}},"required":["where","count"],"additionalProperties":false}},"required":["query"],"additionalProperties":false}
            """,
            tool
        );
        Assert.Equal(
            """{"where":{"name":"Oslo","zip":null,"country":"NO"},"unit":"°C","other":null,"near":[{"name":"near","zip":null,"country":"NO"}],"count":2,"computed":"never read"}""",
            await Run(tool, """{"query":{"where":{"name":"Oslo"},"count":2}}""")
        );
        Assert.Equal(
            """{"where":{"name":"Oslo","zip":152,"country":"SE"},"unit":"Fahrenheit","other":"°C","near":[],"count":2,"computed":"never read"}""",
            await Run(
                tool,
                """{"query":"{\"where\":{\"name\":\"Oslo\",\"zip\":\"152\",\"country\":\"SE\"},\"unit\":\"FAHRENHEIT\",\"other\":\"°C\",\"near\":[],\"count\":2}"}"""
            )
        );
    }

    [Fact]
    public async Task Structs_AsParametersAndInLists_AreReadAndWritten()
    {
        var tool = One(
            """
            public record struct Point(int X, int Y);
            public struct Box { public Point From { get; set; } public Point? To { get; init; } }
            partial class Mine
            {
                [Tool("Gives back")] public Box[] Back(Point one, Point? none, IList<Point?> some) => [new Box { From = one, To = none }, new Box { From = some[0]!.Value, To = some[1] }];
            }
            """
        );

        Assert.Equal(
            """[{"from":{"x":1,"y":2},"to":null},{"from":{"x":3,"y":4},"to":null}]""",
            await Run(tool, """{"one":{"x":1,"y":2},"some":[{"x":3,"y":4},null]}""")
        );
        Assert.Equal(
            """[{"from":{"x":1,"y":2},"to":{"x":5,"y":6}},{"from":{"x":3,"y":4},"to":{"x":7,"y":8}}]""",
            await Run(tool, """{"one":{"x":1,"y":2},"none":{"x":5,"y":6},"some":[{"x":3,"y":4},{"x":7,"y":8}]}""")
        );
    }

    [Fact]
    public async Task Structs_WithSettableProperties_AreReadAndWritten()
    {
        var tool = One(
            """
            public record struct Point(int X, int Y);
            public struct Box { public Point From { get; set; } public Point? To { get; init; } }
            partial class Mine { [Tool("Gives back")] public Box Back(Box box) => box; }
            """
        );

        Assert.Equal("""{"from":{"x":1,"y":2},"to":null}""", await Run(tool, """{"box":{"from":{"x":1,"y":2}}}"""));
        Assert.Equal(
            """{"from":{"x":1,"y":2},"to":{"x":3,"y":4}}""",
            await Run(tool, """{"box":{"to":{"x":3,"y":4},"from":{"x":1,"y":2}}}""")
        );
    }

    [Fact]
    public async Task NeedsApproval_InAttribute_IsSetOnTool()
    {
        var tool = One(
            """
            partial class Mine { [Tool("Pays", NeedsApproval = true, Strict = true)] public static string Pay(int euros) => $"paid {euros}"; }
            """
        );

        Assert.True(tool is { NeedsApproval: true, Definition.Strict: true });
        Assert.Equal("paid 5", await Run(tool, """{"euros":5}"""));
        Assert.False(
            One(
                """
                partial class Mine { [Tool("Pays", NeedsApproval = false)] public string Pay(int euros) => $"paid {euros}"; }
                """
            ).NeedsApproval
        );
    }

    [Fact]
    public void TimeoutSeconds_InAttribute_IsSetOnTool()
    {
        var tools = Tools(
                """
                partial class Mine
                {
                    [Tool("x", TimeoutSeconds = 600, NeedsApproval = true)] public void Slow() { }
                    [Tool("x", TimeoutSeconds = 0)] public void Quick() { }
                }
                """
            )
            .ToList();

        Assert.Equal((TimeSpan.FromMinutes(10), true), (tools[0].Timeout, tools[0].NeedsApproval));
        Assert.Null(tools[1].Timeout);
    }

    [Fact]
    public async Task Strict_OptionalParameters_AreRequiredAndNullable()
    {
        var tool = One(
            """
            public record Place(string Name, string? Country);
            partial class Mine
            {
                [Tool("Finds", Strict = true)] public string Find(Place? place, Uri? at, DayOfWeek day = DayOfWeek.Friday, int count = 7) => $"{place} {at} {day} {count}";
            }
            """
        );

        Assert.True(tool.Definition.Strict);
        AssertSchema(
            """
            {"type":"object","properties":{
            "place":{"type":["object","null"],"properties":{"name":{"type":"string"},"country":{"type":["string","null"]}},"required":["name","country"],"additionalProperties":false},
            "at":{"type":["string","null"]},"day":{"type":["string","null"],"description":"Default: \"Friday\".","enum":["Sunday","Monday","Tuesday","Wednesday","Thursday","Friday","Saturday",null]},"count":{"type":["integer","null"],"description":"Default: 7."}},
            "required":["place","at","day","count"],"additionalProperties":false}
            """,
            tool
        );
        Assert.Equal("  Friday 7", await Run(tool, """{"place":null,"at":null,"day":null,"count":null}"""));
    }

    [Fact]
    public async Task Defaults_ArgumentsAreMissing_AreUsed()
    {
        var tool = One(
            """
            partial class Mine
            {
                [Tool("Says")] public string Say(string text = "a\"§\n", decimal price = 1.50m, double rate = double.NaN, float f = 1.5f, long big = long.MinValue, char_enum e = (char_enum)7, DateTime when = default, bool yes = true, int? none = null, int? some = 3)
                    => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{text}|{price}|{rate}|{f}|{big}|{(int)e}|{when.Year}|{yes}|{none}|{some}");
            }
            public enum char_enum { @class }
            """
        );

        Assert.Equal("a\"§\n|1.50|NaN|1.5|-9223372036854775808|7|1|True||3", await Run(tool, "{}"));
    }

    [Theory]
    [InlineData("void Do() { }", "Done.")]
    [InlineData("Task Do() => Task.CompletedTask;", "Done.")]
    [InlineData("async ValueTask Do() => await Task.Yield();", "Done.")]
    [InlineData("ToolOutput Do() => ToolOutput.Error(\"no\");", "no")]
    [InlineData("ToolOutput Do() => ToolOutput.Json(\"[1, 2]\");", "[1, 2]")]
    [InlineData("async Task<ToolOutput> Do() { await Task.Yield(); return \"yes\"; }", "yes")]
    [InlineData("string? Do() => null;", "")]
    [InlineData("double[] Do() => [0.5, double.NaN];", "[0.5,\"NaN\"]")]
    [InlineData("(DayOfWeek)9", null)]
    public async Task Result_OfEveryKind_IsWritten(string method, string? expected)
    {
        var tool = One(
            expected is null
                ? $"partial class Mine {{ [Tool(\"Does\")] public DayOfWeek Do() => {method}; }}"
                : $"partial class Mine {{ [Tool(\"Does\")] public {method} }}"
        );

        Assert.Equal(expected ?? "9", await Run(tool, "{}"));
    }

    [Fact]
    public async Task Names_KeywordsOrUsedByGenerator_DoNotCollide()
    {
        var tool = One(
            """
            partial class Mine
            {
                [Tool("Does")] public string @event(string @class, string call, string arguments, string cancellationToken, string result, int? value = null) => @class + call + arguments + cancellationToken + result + value;
            }
            """
        );

        Assert.Equal("event", tool.Name);
        Assert.Equal(
            "abcde1",
            await Run(tool, """{"class":"a","call":"b","arguments":"c","cancellationToken":"d","result":"e","value":1}""")
        );
    }

    [Fact]
    public void Tools_OnRecordAndDerivedRecord_AreGeneratedForBoth()
    {
        var compiled = Compiled.Of(
            """
            partial record Mine { [Tool("Does")] public string One() => ""; }
            partial record Derived : Mine { [Tool("Does")] public string Two() => ""; }
            """
        );
        Assert.Empty(compiled.Numbers);
        var derived = compiled.Assembly().GetType("Derived")!;

        // The generated property does not change the equality of records.
        Assert.Equal(Activator.CreateInstance(derived), Activator.CreateInstance(derived));
        Assert.Empty(derived.GetFields(System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Instance));
        var tools = (ToolSet)
            derived
                .GetProperties()
                .First(property => property.Name == "Tools" && property.DeclaringType == derived)
                .GetValue(Activator.CreateInstance(derived))!;
        Assert.Equal(["one", "two"], tools.Select(tool => tool.Name));
    }

    [Theory]
    [InlineData("RLLM101", "partial class Mine { [Tool(\"x\")] public void Do(object value) { } }")]
    [InlineData("RLLM101", "partial class Mine { [Tool(\"x\", Strict = true)] public void Do(Dictionary<string, int> value) { } }")]
    [InlineData("RLLM101", "partial class Mine { [Tool(\"x\")] public void Do(Dictionary<int, string> value) { } }")]
    [InlineData("RLLM101", "partial class Mine { [Tool(\"x\")] public void Do(SortedDictionary<string, int> value) { } }")]
    [InlineData("RLLM101", "partial class Mine { [Tool(\"x\")] public void Do(System.IO.Stream value) { } }")]
    [InlineData(
        "RLLM101",
        "class Node { public Node? Next { get; set; } } partial class Mine { [Tool(\"x\")] public void Do(Node value) { } }"
    )]
    [InlineData(
        "RLLM101",
        "class Two { public Two(int a) { } public Two(string b) { } } partial class Mine { [Tool(\"x\")] public void Do(Two value) { } }"
    )]
    [InlineData(
        "RLLM101",
        "record Order(string Item, [property: System.Text.Json.Serialization.JsonIgnore] bool IsApproved); partial class Mine { [Tool(\"x\")] public void Do(Order value) { } }"
    )]
    [InlineData(
        "RLLM101",
        "class Mode { public string? Name { get; init; } = \"fast\"; } partial class Mine { [Tool(\"x\")] public void Do(Mode value) { } }"
    )]
    [InlineData(
        "RLLM101",
        "abstract class Shape { public int A { get; set; } } partial class Mine { [Tool(\"x\")] public void Do(Shape value) { } }"
    )]
    [InlineData("RLLM101", "partial class Mine { class Own { public int A { get; set; } } [Tool(\"x\")] void Do(Own value) { } }")]
    [InlineData("RLLM101", "partial class Mine { enum Own { A } [Tool(\"x\")] void Do(Own[] value) { } }")]
    [InlineData(
        "RLLM101",
        "class Box<T> { public int A { get; set; } } partial class Mine { class Own { } [Tool(\"x\")] void Do(Box<Own> value) { } }"
    )]
    [InlineData("RLLM107", "partial class Mine { enum Own { A } [Tool(\"x\")] Own Do() => Own.A; }")]
    [InlineData("RLLM101", "partial class Mine { [Tool(\"x\")] public void Do((int, int) value) { } }")]
    [InlineData("RLLM101", "partial class Mine { [Tool(\"x\")] public void Do(int[,] value) { } }")]
    [InlineData("RLLM103", "class Mine { [Tool(\"x\")] public void Do() { } }")]
    [InlineData("RLLM103", "class Outer { partial class Mine { [Tool(\"x\")] public void Do() { } } }")]
    [InlineData("RLLM103", "partial struct Mine { [Tool(\"x\")] public void Do() { } }")]
    [InlineData("RLLM103", "partial class Mine<T> { [Tool(\"x\")] public void Do() { } }")]
    [InlineData("RLLM103", "partial class Mine { int Tools; [Tool(\"x\")] public void Do() { } }")]
    [InlineData("RLLM104", "partial class Mine { [Tool(\"x\")] public void Do<T>(T value) { } }")]
    [InlineData("RLLM105", "partial class Mine { [Tool(\"x\")] public void Do(ref int value) { } }")]
    [InlineData("RLLM105", "partial class Mine { [Tool(\"x\")] public void Do(out int value) { value = 1; } }")]
    [InlineData("RLLM106", "partial class Mine { [Tool(\"x\")] public void Do() { } [Tool(\"x\")] public void Do(int a) { } }")]
    [InlineData(
        "RLLM106",
        "partial class Mine { [Tool(\"x\")] public void Do() { } [Tool(\"x\", Name = \"do\")] public void Other() { } }"
    )]
    [InlineData(
        "RLLM107",
        "ref struct In { public int A { get; set; } } partial class Mine { [Tool(\"x\")] internal In Do() => default; }"
    )]
    [InlineData("RLLM107", "partial class Mine { [Tool(\"x\")] public object Do() => 1; }")]
    [InlineData("RLLM107", "partial class Mine { [Tool(\"x\")] public IAsyncEnumerable<string> Do() => null!; }")]
    [InlineData(
        "RLLM107",
        "class Node { public Node? Next { get; set; } } partial class Mine { [Tool(\"x\")] public Task<Node> Do() => null!; }"
    )]
    [InlineData("RLLM108", "partial class Mine { [Tool(\"x\", Name = \"not this\")] public void Do() { } }")]
    [InlineData("RLLM108", "partial class Mine { [Tool(\"x\")] public void Größe() { } }")]
    [InlineData("RLLM114", "partial class Mine { [Tool(\"x\", TimeoutSeconds = -1)] public void Do() { } }")]
    [InlineData("RLLM114", "partial class Mine { [Tool(\"x\", TimeoutSeconds = 2147484)] public void Do() { } }")]
    public void Method_CannotBeTool_ReportsDiagnosticAtItsLocation(string number, string source)
    {
        var compiled = Compiled.Of(source);

        Assert.Equal([number], compiled.Numbers);
        var found = compiled.Found.Single(one => one.Id == number);
        Assert.Equal("Source.cs", found.Location.GetLineSpan().Path);
        Assert.True(found.Location.SourceSpan.Length > 0);
    }

    [Fact]
    public async Task Dictionaries_AsParametersAndResults_AreJsonObjects()
    {
        var compiled = Compiled.Of(
            """
            public record Limit(int Max, IReadOnlyDictionary<string, string?>? Labels = null);
            partial class Mine
            {
                [Tool("x")]
                public System.Collections.Concurrent.ConcurrentDictionary<string, Limit?> Do(Dictionary<string, List<int>> counts, IDictionary<string, Limit> limits) =>
                    new(System.Linq.Enumerable.ToDictionary(counts, one => one.Key, one => one.Value.Count == 0 ? null : new Limit(System.Linq.Enumerable.Sum(one.Value) + limits["a"].Max, limits["a"].Labels)));
            }
            """
        );

        Assert.Empty(compiled.Numbers);
        var tool = compiled.Tools().Single();
        Assert.Contains(
            """"counts":{"type":"object","additionalProperties":{"type":"array","items":{"type":"integer"}}},"limits":{"type":"object","additionalProperties":{"type":"object","properties":{"max":{"type":"integer"},"labels":{"type":"object","additionalProperties":{"type":["string","null"]}}},"required":["max"],"additionalProperties":false}}"""",
            tool.Definition.Parameters.ToString(),
            StringComparison.Ordinal
        );
        var call = new ToolCall(
            "a",
            "do",
            """{"counts":{"one":[1,2],"none":[]},"limits":{"a":{"max":1},"a":{"max":10,"labels":{"k\u00e9":"v","n":null}}}}"""
        );
        var written = System.Text.Json.Nodes.JsonNode.Parse((await tool.RunAsync(call)).Text)!;
        Assert.Equal("""{"max":13,"labels":{"k\u00E9":"v","n":null}}""", written["one"]!.ToJsonString());
        Assert.True(written.AsObject().ContainsKey("none") && written["none"] is null);
        var e = await Assert.ThrowsAsync<ToolArgumentException>(async () =>
            await tool.RunAsync(new ToolCall("a", "do", """{"counts":{"one":[1,"x"]},"limits":{}}"""))
        );
        Assert.Equal("\"counts.one[1]\" must be an integer (Int32), but it is \"x\".", e.Message);
    }

    [Fact]
    public void Defaults_OfParameters_AreInSchemaUnlessStrict()
    {
        const string Method =
            "public string Do(int a = 2, string b = \"q\\\"\", bool c = true, double d = 0.5, decimal e = 1.50m, DayOfWeek f = DayOfWeek.Friday, int? g = null, double h = double.NaN, Size i = Size.Big, Order? j = null) => \"\";";
        const string Types =
            "public enum Size { Small, [System.Text.Json.Serialization.JsonStringEnumMemberName(\"b\")] Big } public record Order(int Count = 7);";

        string schema = Compiled
            .Of($"{Types} partial class Mine {{ [Tool(\"x\")] {Method} }}")
            .Tools()
            .Single()
            .Definition.Parameters.ToString();
        using var parsed = System.Text.Json.JsonDocument.Parse(schema);
        var properties = parsed.RootElement.GetProperty("properties");
        Assert.Equal(
            ["a 2", "b \"q\\\"\"", "c true", "d 0.5", "e 1.50", "f \"Friday\"", "i \"b\""],
            properties
                .EnumerateObject()
                .Where(property => property.Value.TryGetProperty("default", out _))
                .Select(property => $"{property.Name} {property.Value.GetProperty("default").GetRawText()}")
        );
        Assert.Equal(7, properties.GetProperty("j").GetProperty("properties").GetProperty("count").GetProperty("default").GetInt32());
        string strict = Compiled
            .Of($"{Types} partial class Mine {{ [Tool(\"x\", Strict = true)] {Method} }}")
            .Tools()
            .Single()
            .Definition.Parameters.ToString();
        Assert.DoesNotContain("\"default\"", strict, StringComparison.Ordinal);
        using var described = System.Text.Json.JsonDocument.Parse(strict);
        Assert.Equal(
            [
                "a Default: 2.",
                "b Default: \"q\\\"\".",
                "c Default: true.",
                "d Default: 0.5.",
                "e Default: 1.50.",
                "f Default: \"Friday\".",
                "i Default: \"b\".",
            ],
            described
                .RootElement.GetProperty("properties")
                .EnumerateObject()
                .Where(property => property.Value.TryGetProperty("description", out _))
                .Select(property => $"{property.Name} {property.Value.GetProperty("description").GetString()}")
        );
    }

    [Theory]
    [InlineData("At most 7", "At most 7. Default: 2.")]
    [InlineData("At most 7. ", "At most 7. Default: 2.")]
    [InlineData("How many?", "How many? Default: 2.")]
    [InlineData(" ", "Default: 2.")]
    public void Default_InStrictSchema_FollowsTheDescription(string description, string expected)
    {
        var tool = One(
            $"partial class Mine {{ [Tool(\"x\", Strict = true)] public void Do([Description(\"{description}\")] int a = 2) {{ }} }}"
        );

        Assert.Equal(
            expected,
            JsonNode.Parse(tool.Definition.Parameters.ToString())!["properties"]!["a"]!["description"]!.GetValue<string>()
        );
    }

    [Theory]
    [InlineData(true, "count -5|name \"\"|ratio 5|size \"b\"|letter 97")]
    [InlineData(false, "count -5|name \"\"|ratio 5|size \"b\"|letter 97")]
    public void Default_OfPropertyWithConstantInitializer_IsInSchema(bool isStrict, string expected)
    {
        var tool = One(
            $$"""
            public enum Size { Small, [System.Text.Json.Serialization.JsonStringEnumMemberName("b")] Big }
            public class Plan
            {
                private const int Few = -5;
                public int Count { get; set; } = Few;
                public string Name { get; set; } = "";
                public double? Ratio { get; set; } = 5;
                public Size Size { get; set; } = Size.Big;
                public int Letter { get; set; } = 'a';
                public int Made { get; set; } = Environment.ProcessorCount;
                public string? None { get; set; } = null;
                public int Required { get; init; } = 3;
                public List<int> List { get; set; } = [];
            }
            partial class Mine { [Tool("x", Strict = {{(isStrict ? "true" : "false")}})] public void Do(Plan plan) { } }
            """
        );

        var properties = JsonNode.Parse(tool.Definition.Parameters.ToString())!["properties"]!["plan"]!["properties"]!.AsObject();
        Assert.Equal(
            expected,
            string.Join(
                '|',
                properties
                    .Where(property => property.Value![isStrict ? "description" : "default"] is not null)
                    .Select(property =>
                        property.Key
                        + " "
                        + (
                            isStrict
                                ? property.Value!["description"]!.GetValue<string>()["Default: ".Length..^1]
                                : property.Value!["default"]!.ToJsonString()
                        )
                    )
            )
        );
    }

    [Theory]
    [InlineData("RawJson")]
    [InlineData("System.Text.Json.JsonElement")]
    public async Task AnyJson_AsParameterAndResult_IsTheValueAsGiven(string type)
    {
        var tools = Tools(
                $$"""
                public record Holder({{type}} Value, {{type}}? Other, Dictionary<string, {{type}}>? More = null);
                partial class Mine
                {
                    [Tool("x")] public {{type}} Echo([Description("Any value")] {{type}} value) => value;
                    [Tool("x")] public {{type}}? Maybe({{type}}? value) => value;
                    [Tool("x")] public async Task<List<{{type}}?>> Items({{type}}[] first, List<{{type}}?> second) { await Task.Yield(); return [first[0], .. second]; }
                    [Tool("x")] public Holder Hold(Holder holder, {{type}} none = default) => holder;
                    [Tool("x")] public {{type}} None() => default;
                }
                """
            )
            .ToDictionary(tool => tool.Name);

        AssertSchema(
            """{"type":"object","properties":{"value":{"description":"Any value"}},"required":["value"],"additionalProperties":false}""",
            tools["echo"]
        );
        AssertSchema("""{"type":"object","properties":{"value":{}},"additionalProperties":false}""", tools["maybe"]);
        AssertSchema(
            """
            {"type":"object","properties":{"first":{"type":"array","items":{}},"second":{"type":"array","items":{}}},"required":["first","second"],"additionalProperties":false}
            """,
            tools["items"]
        );
        AssertSchema(
            """
            {"type":"object","properties":{"holder":{"type":"object","properties":{"value":{},"other":{},"more":{"type":"object","additionalProperties":{}}},
            "required":["value"],"additionalProperties":false},"none":{}},"required":["holder"],"additionalProperties":false}
            """,
            tools["hold"]
        );
        foreach (string json in (string[])["""{"a": [1.50, "é"], "b": null}""", "\"{}\"", "12e3", "true", "null", "[]"])
            Assert.Equal(json, await Run(tools["echo"], $$"""{"value": {{json}} }"""));
        Assert.Equal("5", await Run(tools["maybe"], """{"value":5}"""));
        Assert.Equal("null", await Run(tools["maybe"], """{"value":null}"""));
        Assert.Equal("null", await Run(tools["maybe"], "{}"));
        Assert.Equal("[null,1,null]", await Run(tools["items"], """{"first":[null],"second":[1,null]}"""));
        Assert.Equal(
            """{"value":null,"other":{"x": 1},"more":{"a":[],"b":null}}""",
            await Run(tools["hold"], """{"holder":{"value":null,"other":{"x": 1},"more":{"a":[],"b":null}}}""")
        );
        Assert.Equal("null", await Run(tools["none"], "{}"));
        var e = await Assert.ThrowsAsync<ToolArgumentException>(() => Run(tools["hold"], """{"holder":{}}"""));
        Assert.Equal("\"holder.value\" must be a JSON value, but it is missing.", e.Message);
    }

    [Fact]
    public async Task JsonElement_WithCommentsOrLoneSurrogate_IsValidJsonInResult()
    {
        var tools = Tools(
            """"
            public record Holder(System.Text.Json.JsonElement Value);
            partial class Mine
            {
                [Tool("x")] public Holder Commented()
                {
                    using var document = System.Text.Json.JsonDocument.Parse("{ \"a\": 1, /* b */ }", new() { CommentHandling = System.Text.Json.JsonCommentHandling.Skip, AllowTrailingCommas = true });
                    return new(document.RootElement.Clone());
                }
                [Tool("x")] public Holder Half() => new(System.Text.Json.JsonDocument.Parse("[\"\\ud83d\"]").RootElement);
            }
            """"
        );

        Assert.Equal("""{"value":{"a":1}}""", await Run(tools.First(), "{}"));
        Assert.Equal("""{"value":["\ud83d"]}""", await Run(tools.Last(), "{}"));
    }

    [Theory]
    [InlineData("RawJson value")]
    [InlineData("List<System.Text.Json.JsonElement?> value")]
    public void AnyJson_InStrictSchema_ReportsWhatToDo(string parameter)
    {
        var compiled = Compiled.Of($"partial class Mine {{ [Tool(\"x\", Strict = true)] public void Do({parameter}) {{ }} }}");

        Assert.Equal(["RLLM101"], compiled.Numbers);
        Assert.Contains(
            "which strict schemas refuse: use a string with the JSON text, or turn off Strict",
            compiled.Found.First(found => found.Id == "RLLM101").GetMessage(null),
            StringComparison.Ordinal
        );
    }

    [Theory]
    [InlineData("object")]
    [InlineData("dynamic")]
    [InlineData("System.Text.Json.Nodes.JsonNode")]
    [InlineData("System.Text.Json.JsonDocument")]
    public void Parameter_OfOtherTypeForAnyJson_NamesTheTypesToUse(string type) =>
        Assert.Contains(
            "is not supported: use RawJson or JsonElement for any JSON value",
            Compiled
                .Of($"partial class Mine {{ [Tool(\"x\")] public void Do({type} value) {{ }} }}")
                .Found.First(found => found.Id == "RLLM101")
                .GetMessage(null),
            StringComparison.Ordinal
        );

    [Fact]
    public async Task Parameter_OfTypeToolCall_IsOmittedFromSchema()
    {
        var compiled = Compiled.Of(
            """partial class Mine { [Tool("x")] public string Do(ToolCall made) => made.Id; [Tool("x")] public string Add(int a, ToolCall call, CancellationToken token) => call.Id + a; }"""
        );

        Assert.Empty(compiled.Numbers);
        var tools = compiled.Tools().ToList();
        Assert.DoesNotContain("\"made\"", tools[0].Definition.Parameters.ToString(), StringComparison.Ordinal);
        Assert.Equal("id-1", (await tools[0].RunAsync(new ToolCall("id-1", "do", "{}"))).Text);
        Assert.Equal("id-23", (await tools[1].RunAsync(new ToolCall("id-2", "add", """{"a":3}"""))).Text);
    }

    [Theory]
    [InlineData("class A : Below { [Tool(\"x\")] public string Own() => \"own\"; }")]
    [InlineData("class Between : Below; class A : Between { [Tool(\"x\")] public string Own() => \"own\"; }")]
    [InlineData("record A : Recorded { [Tool(\"x\")] public string Own() => \"own\"; }")]
    [InlineData("class A : Shared { [Tool(\"x\")] public string Own() => \"own\"; }")]
    [InlineData("class A : Shared { [Tool(\"x\")] public static string Own() => \"own\"; }")]
    [InlineData("class A : Below { [Tool(\"x\")] public static string Own() => \"own\"; }")]
    public async Task Tools_OfBaseTypes_PrecedeToolsOfDerivedType(string source)
    {
        var compiled = Compiled.Of(
            source
                .Replace("class A", "partial class Mine", StringComparison.Ordinal)
                .Replace("record A", "partial record Mine", StringComparison.Ordinal)
                + """
                partial class Below { [Tool("x")] public string First() => "first"; }
                partial record Recorded { [Tool("x")] public string First() => "first"; }
                partial class Shared { [Tool("x")] public static string First() => "first"; }
                """
        );

        Assert.Empty(compiled.Numbers);
        var tools = compiled.Tools();
        Assert.Equal(["first", "own"], tools.Select(tool => tool.Name));
        foreach (var tool in tools)
            Assert.Equal(tool.Name, (await tool.RunAsync(new ToolCall("a", tool.Name, "{}"))).Text);
    }

    [Fact]
    public async Task Tool_OverridesInheritedTool_ReplacesIt()
    {
        var compiled = Compiled.Of(
            """
            partial class Below { [Tool("below")] public virtual string Do() => "below"; [Tool("other")] public virtual string Other() => "other"; }
            partial class Mine : Below { [Tool("own")] public override string Do() => "own"; public override string Other() => "overridden"; }
            """
        );

        Assert.Empty(compiled.Numbers);
        var tools = compiled.Tools().ToList();
        Assert.Equal(["do: own", "other: other"], tools.Select(tool => $"{tool.Name}: {tool.Definition.Description}"));
        Assert.Equal("own", (await tools[0].RunAsync(new ToolCall("a", "do", "{}"))).Text);
        Assert.Equal("overridden", (await tools[1].RunAsync(new ToolCall("a", "other", "{}"))).Text);
    }

    [Fact]
    public void Description_Missing_ReportsInfoDiagnostic()
    {
        var compiled = Compiled.Of(
            "partial class Mine { [Tool(\"\")] public void Do(int a, [Description(\"b\")] int b, CancellationToken c) { } }"
        );

        Assert.Equal(["RLLM102", "RLLM102"], compiled.Found.Select(found => found.Id));
        Assert.All(compiled.Found, found => Assert.Equal(DiagnosticSeverity.Info, found.Severity));
        Assert.Null(compiled.Tools().Single().Definition.Description);
    }

    [Fact]
    public void Parameter_WithValidationAttribute_ReportsInfoDiagnostic()
    {
        var compiled = Compiled.Of(
            """
            public record Order([property: System.ComponentModel.DataAnnotations.Range(1, 9)] int Count);
            partial class Mine { [Tool("x")] public Order Do([Description("a"), System.ComponentModel.DataAnnotations.MaxLength(3)] string a, [Description("b")] Order b) => b; }
            """
        );

        Assert.Equal(
            ["[MaxLength] of 'a'", "[Range] of 'Order.Count'"],
            compiled.Found.Select(found =>
                found.GetMessage(null)[..found.GetMessage(null).IndexOf(" is neither", StringComparison.Ordinal)]
            )
        );
        Assert.All(compiled.Found, found => Assert.Equal(("RLLM113", DiagnosticSeverity.Info), (found.Id, found.Severity)));
        Assert.Single(compiled.Tools());
    }

    [Fact]
    public void Parameter_Unreadable_IsNamedWithMemberPath() =>
        Assert.StartsWith(
            "'plan.Items[].Any' cannot be read from arguments: object",
            Assert
                .Single(
                    Compiled
                        .Of(
                            "public record Plan(List<Step> Items); public record Step(object Any); partial class Mine { [Tool(\"x\")] public void Do(Plan plan) { } }"
                        )
                        .Found
                )
                .GetMessage(null),
            StringComparison.Ordinal
        );

    [Fact]
    public async Task Constructor_WithIgnoredParameter_OmitsIt()
    {
        var tool = Compiled
            .Of(
                """
                record Order(string Item, [property: System.Text.Json.Serialization.JsonIgnore] bool IsApproved = false) { public required string? Note { get; init; } }
                partial class Mine { [Tool("x")] public string Do(Order order) => $"{order.Item} {order.IsApproved} {order.Note is null}"; }
                """
            )
            .Tools()
            .Single();

        Assert.DoesNotContain("pproved", tool.Definition.Parameters.ToString(), StringComparison.Ordinal);
        Assert.Contains("\"note\":{\"type\":[\"string\",\"null\"]}", tool.Definition.Parameters.ToString(), StringComparison.Ordinal);
        Assert.Equal("tea False True", await Run(tool, """{"order":{"item":"tea","isApproved":true,"note":null}}"""));
    }

    [Fact]
    public async Task Method_NextToInvalidTool_StillBecomesTool()
    {
        var compiled = Compiled.Of(
            "partial class Mine { [Tool(\"x\")] public void Bad(object o) { } [Tool(\"x\")] public string Good() => \"good\"; }"
        );

        Assert.Equal(["RLLM101"], compiled.Numbers);
        Assert.Equal("good", await Run(compiled.Tools().Single(), "{}"));
    }

    [Fact]
    public void Generator_UnrelatedSourceChanges_UsesCachedOutput()
    {
        const string Source =
            "partial class Mine { [Tool(\"x\")] public int Do(int[] a, DayOfWeek d) => 1; [Tool(\"y\")] public void Bad(object o) { } }";
        var compilation = Compiled.Compile(Source);
        var driver = Compiled.Driver().RunGenerators(compilation);

        driver = driver.RunGenerators(
            compilation.AddSyntaxTrees(CSharpSyntaxTree.ParseText("class Other { }", new CSharpParseOptions(LanguageVersion.CSharp13)))
        );

        var steps = driver.GetRunResult().Results[0];
        Assert.All(
            steps.TrackedSteps[ToolGenerator.MethodsStep].SelectMany(step => step.Outputs),
            output =>
                Assert.Contains(
                    output.Reason,
                    (IncrementalStepRunReason[])[IncrementalStepRunReason.Cached, IncrementalStepRunReason.Unchanged]
                )
        );
        Assert.All(
            steps.TrackedSteps[ToolGenerator.TypesStep].SelectMany(step => step.Outputs),
            output =>
                Assert.Contains(
                    output.Reason,
                    (IncrementalStepRunReason[])[IncrementalStepRunReason.Cached, IncrementalStepRunReason.Unchanged]
                )
        );
        Assert.All(
            steps.TrackedOutputSteps.SelectMany(step => step.Value).SelectMany(step => step.Outputs),
            output => Assert.Equal(IncrementalStepRunReason.Cached, output.Reason)
        );
    }

    [Fact]
    public void Generator_MethodBodyChanges_UsesCachedOutput()
    {
        const string Source = "partial class Mine { [Tool(\"x\")] public int Do(int a) => 1; }";
        var compilation = Compiled.Compile(Source);
        var driver = Compiled.Driver().RunGenerators(compilation);
        var old = compilation.SyntaxTrees.Single();

        driver = driver.RunGenerators(
            compilation.ReplaceSyntaxTree(
                old,
                old.WithChangedText(
                    Microsoft.CodeAnalysis.Text.SourceText.From(old.ToString().Replace("=> 1", "=> 2", StringComparison.Ordinal))
                )
            )
        );

        Assert.All(
            driver.GetRunResult().Results[0].TrackedOutputSteps.SelectMany(step => step.Value).SelectMany(step => step.Outputs),
            output => Assert.Equal(IncrementalStepRunReason.Cached, output.Reason)
        );
    }
}
