using System.Reflection;
using System.Text.Json.Nodes;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace RawLlm.Generators.Tests;

public sealed class JsonSchemaGeneratorTests
{
    private const string Forecast = """
        [JsonSchema("A forecast")]
        public sealed partial record Forecast(string City, [property: Description("°C")] IReadOnlyList<double> Temperatures, Sky Sky, DateOnly? Until, int Days = 3);
        public enum Sky { Clear, [System.Text.Json.Serialization.JsonStringEnumMemberName("overcast")] Cloudy }
        public static class Mine
        {
            public static ReplyFormat Format => ReplyFormat.Of<Forecast>();
            public static TypedReply<Forecast> Typed(ChatReply reply, bool strict) => reply.Read<Forecast>(strict);
            public static string Say(Forecast f) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{f.City}|{string.Join(' ', f.Temperatures)}|{f.Sky}|{f.Until:O}|{f.Days}");
            public static (string, ChatReply) Read(ChatReply reply, bool strict) => (Say(reply.Read<Forecast>(strict).Value), reply.Read<Forecast>(strict).Reply);
        }
        """;

    private static readonly Lazy<Type> Mine = new(() => MineOf(Forecast));

    private static Type MineOf(string source)
    {
        var compiled = Compiled.Of(source);
        Assert.Empty(compiled.Numbers);
        return compiled.Assembly().GetType("Mine")!;
    }

    private static ChatReply Reply(string text, StopReason reason = StopReason.EndTurn, params Part[] more) =>
        new("id", "m", [new ChatChoice(0, new Message(Role.Assistant, [new TextPart(text), .. more]), reason, null)], null);

    private static object? Call(Type mine, string method, params object[] arguments) =>
        mine.GetMethod(method)!.Invoke(null, BindingFlags.DoNotWrapExceptions, null, arguments, null);

    private static (string Said, ChatReply Reply) Read(string text, bool strict = false) =>
        ((string, ChatReply))Call(Mine.Value, "Read", Reply(text), strict)!;

    private static LlmException Fails(ChatReply reply, bool strict = false)
    {
        var e = Assert.Throws<LlmException>(() => Call(Mine.Value, "Read", reply, strict));
        Assert.Same(reply, e.Reply);
        Assert.Equal((LlmPhase.Done, false, true), (e.Phase, e.IsRetryable, e.OutputCommitted));
        return e;
    }

    [Fact]
    public void Type_WithJsonSchemaAttribute_HasStrictSchema()
    {
        var format = (ReplyFormat)Mine.Value.GetProperty("Format")!.GetValue(null)!;

        Assert.Equal((ReplyFormatKind.JsonSchema, "Forecast", true), (format.Kind, format.Name, format.Strict));
        string actual = format.Schema.ToString();
        Assert.True(
            JsonNode.DeepEquals(
                JsonNode.Parse(
                    """
                    {"type":"object","description":"A forecast","properties":{"city":{"type":"string"},"temperatures":{"type":"array","description":"°C","items":{"type":"number"}},
                    "sky":{"type":"string","enum":["Clear","overcast"]},"until":{"type":["string","null"],"format":"date"},"days":{"type":["integer","null"],"description":"Default: 3."}},
                    "required":["city","temperatures","sky","until","days"],"additionalProperties":false}
                    """
                ),
                JsonNode.Parse(actual)
            ),
            actual
        );
        Assert.Same(format, Mine.Value.GetProperty("Format")!.GetValue(null));
    }

    [Fact]
    public void Answer_MatchesSchema_IsReadWithoutQuirk()
    {
        var (said, reply) = Read(
            """ {"other":{"a":[]},"days":null,"sky":"overcast","until":"2026-01-31","temperatures":[4.5,-1],"city":"Tromsø \ud83c\udf27"} """,
            strict: true
        );

        Assert.Equal("Tromsø 🌧|4.5 -1|Cloudy|2026-01-31|3", said);
        Assert.Empty(reply.Quirks);
    }

    [Theory]
    [InlineData(
        """{"city":"O","temperatures":["4.5",1,"6"],"sky":"Clear","until":null,"days":1}""",
        "O|4.5 1 6|Clear||1",
        "ReplyValueConverted at temperatures[]"
    )]
    [InlineData(
        """{"city":"O","temperatures":"[4.5]","sky":"Clear","until":null,"days":1}""",
        "O|4.5|Clear||1",
        "ReplyValueConverted at temperatures"
    )]
    [InlineData("""{"city":7,"temperatures":[],"sky":"Clear","until":null,"days":1}""", "7||Clear||1", "ReplyValueConverted at city")]
    [InlineData("""{"city":"O","temperatures":[],"sky":"clear","until":null,"days":1}""", "O||Clear||1", "ReplyValueConverted at sky")]
    [InlineData(
        """{"city":"O","temperatures":[],"sky":"Clear","until":"31 Jan 2026","days":1}""",
        "O||Clear|2026-01-31|1",
        "ReplyValueConverted at until"
    )]
    [InlineData("""{"city":"O","temperatures":[],"sky":"Clear","days":1}""", "O||Clear||1", "ReplyMemberMissing at until")]
    [InlineData("""{"city":"O","temperatures":[],"sky":"Clear","until":null}""", "O||Clear||3", "ReplyMemberMissing at days")]
    [InlineData("""{"city":"\ud800","temperatures":[],"sky":"Clear","until":null,"days":1}""", "\uFFFD||Clear||1", "LoneSurrogate at text")]
    [InlineData(
        "\"{\\\"city\\\":\\\"O\\\",\\\"temperatures\\\":[],\\\"sky\\\":\\\"Clear\\\",\\\"until\\\":null,\\\"days\\\":1}\"",
        "O||Clear||1",
        "ReplyValueConverted at text"
    )]
    [InlineData(
        "```json\n{\"city\":\"O\",\"temperatures\":[],\"sky\":\"Clear\",\"until\":null,\"days\":1}\n```\n",
        "O||Clear||1",
        "ReplyInFence at text"
    )]
    [InlineData(
        "```\n{\"city\":\"O\",\"temperatures\":[],\"sky\":\"Clear\",\"until\":null,\"days\":1}```",
        "O||Clear||1",
        "ReplyInFence at text"
    )]
    public void Answer_DeviatesFromSchema_RecordsQuirkAndIsRejectedInStrictMode(string text, string expected, string quirk)
    {
        var (said, reply) = Read(text);

        Assert.Equal(expected, said);
        Assert.Equal([quirk], reply.Quirks.Select(one => one.ToString()));
        var e = Fails(Reply(text), strict: true);
        Assert.Equal(LlmErrorKind.ReplyMismatch, e.Kind);
        Assert.Contains(quirk, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "It is not JSON (line 1, byte 1).")]
    [InlineData("SECRET", "It is not JSON (line 1, byte 1).")]
    [InlineData("Here it is: {\"city\":\"SECRET\"}", "It is not JSON (line 1, byte 1).")]
    [InlineData("```json\n{\"city\":\"SECRET\"", "It is not JSON (line 1, byte 1).")]
    [InlineData("{\"city\":\"SECRET", "It is not JSON (line 1, byte 16).")]
    [InlineData("{} {\"SECRET\":1}", "It is not JSON (line 1, byte 4).")]
    [InlineData("null", "It must be an object, but it is null.")]
    [InlineData("[\"SECRET\"]", "It must be an object, but it is an array.")]
    [InlineData("\"SECRET\"", "It must be an object, but it is a string that does not fit.")]
    [InlineData("""{"city":"SECRET"}""", "\"temperatures\" must be an array, but it is missing.")]
    [InlineData("""{"city":null}""", "\"city\" must be a string, but it is null.")]
    [InlineData(
        """{"city":"SECRET","temperatures":[1,"SECRET"]}""",
        "\"temperatures[1]\" must be a number, but it is a string that does not fit."
    )]
    [InlineData(
        """{"city":"SECRET","temperatures":[1e999]}""",
        "\"temperatures[0]\" must be a number, but it is a number that does not fit."
    )]
    [InlineData("""{"city":"SECRET","temperatures":[true]}""", "\"temperatures[0]\" must be a number, but it is a Boolean.")]
    [InlineData(
        """{"city":"SECRET","temperatures":[],"sky":"SECRET"}""",
        "\"sky\" must be one of Clear, overcast, but it is a string that does not fit."
    )]
    [InlineData(
        """{"city":"SECRET","temperatures":[],"sky":"Clear","until":"SECRET"}""",
        "\"until\" must be a date such as 2026-01-31, but it is a string that does not fit."
    )]
    [InlineData(
        """{"city":"SECRET","temperatures":[],"sky":"Clear","until":null,"days":2147483648}""",
        "\"days\" must be an integer (Int32), but it is a number that does not fit."
    )]
    public void Answer_DoesNotMatchSchema_ThrowsNamingMemberWithoutContent(string text, string expected)
    {
        var e = Fails(Reply(text));

        Assert.Equal(LlmErrorKind.ReplyMismatch, e.Kind);
        Assert.Equal("The answer does not fit its schema. " + expected, e.Message);
        Assert.DoesNotContain("SECRET", e.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(StopReason.MaxTokens, null, "was cut off at the token limit")]
    [InlineData(StopReason.ContextOverflow, LlmErrorKind.ContextLengthExceeded, "context was full")]
    [InlineData(StopReason.ContentFilter, LlmErrorKind.ContentFiltered, "was withheld")]
    [InlineData(StopReason.Refusal, null, "was declined")]
    [InlineData(StopReason.ToolUse, null, "calls tools")]
    [InlineData(StopReason.Paused, null, "was paused")]
    [InlineData(StopReason.Error, null, "error of the service")]
    public void Answer_WithOtherStopReason_ThrowsReplyUnfinished(StopReason reason, LlmErrorKind? cause, string words)
    {
        var e = Fails(Reply("""{"city":"O","temperatures":[],"sky":"Clear","until":null,"days":1}""", reason));

        Assert.Equal((LlmErrorKind.ReplyUnfinished, cause), (e.Kind, e.CauseKind));
        Assert.Contains(words, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Answer_WithToolCallOrRefusalDespiteEndTurn_ThrowsReplyUnfinished()
    {
        Assert.Contains(
            "calls tools",
            Fails(Reply("", StopReason.EndTurn, new ToolCallPart(new ToolCall("a", "f", "{}")))).Message,
            StringComparison.Ordinal
        );
        Assert.Contains("declined", Fails(Reply("", StopReason.EndTurn, new RefusalPart("SECRET"))).Message, StringComparison.Ordinal);
        Assert.Contains("broke off", Fails(Reply("{}") with { IsComplete = false }).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Answer_ServiceIgnoredSchema_ErrorSuggestsDescribingJsonInPrompt()
    {
        var reply = Reply("Sunny.") with { Quirks = [new(QuirkKind.Adapted, "response_format")] };

        Assert.Contains("describe the expected JSON in the prompt", Fails(reply).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Value_RejectedByConstructor_ThrowsReplyMismatchWithInnerException()
    {
        var mine = MineOf(
            """
            [JsonSchema] public partial record Range(int From, int To) { public int To { get; } = To >= From ? To : throw new ArgumentOutOfRangeException("To"); }
            public static class Mine { public static object Typed(ChatReply reply) => reply.Read<Range>(); }
            """
        );

        var e = Assert.Throws<LlmException>(() => Call(mine, "Typed", Reply("""{"from":2,"to":1}""")));

        Assert.Equal(LlmErrorKind.ReplyMismatch, e.Kind);
        Assert.IsType<ArgumentOutOfRangeException>(e.InnerException);
        Assert.Contains("Range does not accept", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Types_NestedAndOfEveryKind_AreRead()
    {
        var mine = MineOf(
            """
            namespace @event.Some
            {
                public partial class Outer
                {
                    [JsonSchema] internal partial class Tree { public required string Name { get; init; } public Leaf[] Leaves { get; set; } = []; public Tint? Tint { get; set; } }
                    [JsonSchema("A leaf", Name = "leaf-1")] internal readonly partial record struct Leaf(int Read, Guid? Format, TimeOnly At, Uri? From);
                    [JsonSchema] internal partial struct @class { public decimal Price { get; set; } public DateTimeOffset When { get; set; } }
                }
                internal enum Tint { Red, Green }
            }
            public static class Mine
            {
                public static string Read(ChatReply tree, ChatReply leaf, ChatReply other)
                {
                    var t = tree.Read<@event.Some.Outer.Tree>().Value;
                    var c = other.Read<@event.Some.Outer.@class>().Value;
                    return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{t.Name} {t.Leaves[0]} {t.Tint} {leaf.Read<@event.Some.Outer.Leaf>().Value} {c.Price} {c.When:O}");
                }
                public static string Schemas() => $"{ReplyFormat.Of<@event.Some.Outer.Tree>().Name} {ReplyFormat.Of<@event.Some.Outer.Leaf>().Name} {ReplyFormat.Of<@event.Some.Outer.@class>().Name} {ReplyFormat.Of<@event.Some.Outer.Tree>().Schema}";
            }
            """
        );

        Assert.Equal(
            "T Leaf { Read = 1, Format = , At = 12:30, From = /a } Green Leaf { Read = 2, Format = 00000000-0000-0000-0000-000000000000, At = 00:00, From =  } 1.50 2026-01-31T12:00:00.0000000+00:00",
            Call(
                mine,
                "Read",
                Reply("""{"name":"T","leaves":[{"read":1,"format":null,"at":"12:30:00Z","from":"/a"}],"tint":"Green"}"""),
                Reply("""{"read":2,"format":"00000000-0000-0000-0000-000000000000","at":"00:00:00","from":null}"""),
                Reply("""{"price":1.50,"when":"2026-01-31T12:00:00Z"}""")
            )
        );
        string schemas = (string)Call(mine, "Schemas")!;
        Assert.StartsWith("Tree leaf-1 class {", schemas, StringComparison.Ordinal);
        // The description of a marked type also appears where another type uses it.
        Assert.Contains("\"items\":{\"type\":\"object\",\"description\":\"A leaf\"", schemas, StringComparison.Ordinal);
    }

    [Fact]
    public void IJsonSchema_ImplementedByHand_IsUsed()
    {
        var mine = MineOf(
            """
            public sealed record Number(int Value) : IJsonSchema<Number>
            {
                static ReplyFormat IJsonSchema<Number>.Format { get; } = ReplyFormat.JsonSchema("number", "{\"type\":\"object\"}");
                static Number IJsonSchema<Number>.Read(ReadOnlySpan<byte> utf8, ICollection<Quirk>? quirks)
                {
                    var reader = new System.Text.Json.Utf8JsonReader(utf8);
                    while (reader.TokenType != System.Text.Json.JsonTokenType.Number)
                        reader.Read();
                    return new(reader.GetInt32());
                }
            }
            public static class Mine { public static int Read(ChatReply reply) => reply.Read<Number>().Value.Value; }
            """
        );

        Assert.Equal(7, Call(mine, "Read", Reply("""{"a":7}""")));
        Assert.Equal(LlmErrorKind.ReplyMismatch, Assert.Throws<LlmException>(() => Call(mine, "Read", Reply("seven"))).Kind);
    }

    [Fact]
    public void Types_InInheritance_HaveOwnSchemas()
    {
        var mine = MineOf(
            """
            [JsonSchema("")] public partial record Animal(string Name);
            [JsonSchema] public partial record Dog(string Name, bool Barks) : Animal(Name);
            public static class Mine { public static string Read(ChatReply reply) => $"{reply.Read<Animal>().Value} {reply.Read<Dog>().Value} {ReplyFormat.Of<Animal>().Schema}"; }
            """
        );

        Assert.Equal(
            """Animal { Name = Rex } Dog { Name = Rex, Barks = True } {"type":"object","properties":{"name":{"type":"string"}},"required":["name"],"additionalProperties":false}""",
            Call(mine, "Read", Reply("""{"name":"Rex","barks":true}"""))
        );
    }

    [Theory]
    [InlineData("RLLM109", "[JsonSchema] class A { public int B { get; set; } }")]
    [InlineData("RLLM109", "class O { [JsonSchema] internal partial class A { public int B { get; set; } } }")]
    [InlineData("RLLM109", "[JsonSchema] partial class A<T> { public int B { get; set; } }")]
    [InlineData("RLLM109", "partial class O<T> { [JsonSchema] internal partial class A { public int B { get; set; } } }")]
    [InlineData("RLLM109", "[JsonSchema] file partial class A { public int B { get; set; } }")]
    [InlineData("RLLM109", "[JsonSchema] static partial class A { public static int B { get; set; } }")]
    [InlineData("RLLM109", "[JsonSchema] ref partial struct A { public int B { get; set; } }")]
    [InlineData("RLLM110", "[JsonSchema] abstract partial class A { public int B { get; set; } }")]
    [InlineData("RLLM110", "partial class O { [JsonSchema] private partial class A { public int B { get; set; } } }")]
    [InlineData("RLLM110", "[JsonSchema] partial class A { }")]
    [InlineData("RLLM110", "[JsonSchema] partial class A { public A? Next { get; set; } }")]
    [InlineData("RLLM110", "[JsonSchema] partial class A { public object? Any { get; set; } }")]
    [InlineData("RLLM110", "[JsonSchema] partial class A { public Dictionary<string, int> Any { get; set; } = []; }")]
    [InlineData("RLLM110", "[JsonSchema] partial class A { public required RawJson Any { get; set; } }")]
    [InlineData("RLLM110", "[JsonSchema] partial record A(System.Text.Json.JsonElement? Any);")]
    [InlineData("RLLM110", "[JsonSchema] partial class A : List<int> { public int B { get; set; } }")]
    [InlineData(
        "RLLM110",
        "[JsonSchema, System.Text.Json.Serialization.JsonDerivedType(typeof(C))] partial class A { public int B { get; set; } } class C : A { }"
    )]
    [InlineData(
        "RLLM110",
        "[JsonSchema] partial class A { public B[] All { get; set; } = []; } [System.Text.Json.Serialization.JsonPolymorphic] class B { public int C { get; set; } }"
    )]
    [InlineData("RLLM111", "[JsonSchema(Name = \"not this\")] partial class A { public int B { get; set; } }")]
    [InlineData("RLLM111", "[JsonSchema] partial class Größe { public int B { get; set; } }")]
    public void Type_WithoutPossibleSchema_ReportsDiagnosticAtItsLocation(string number, string source)
    {
        var compiled = Compiled.Of(source);

        Assert.Equal([number], compiled.Numbers);
        Assert.Equal("Source.cs", compiled.Found.Single().Location.GetLineSpan().Path);
        Assert.DoesNotContain(compiled.Errors, error => error.Location.SourceTree?.FilePath != "Source.cs");
    }

    [Fact]
    public void Type_WithoutStrict_MayHoldDictionariesAndAnyJson()
    {
        var mine = MineOf(
            """
            [JsonSchema(Strict = false)]
            public sealed partial record Page(string Title, Dictionary<string, RawJson> Data, System.Text.Json.JsonElement Any, RawJson? Note, int Days = 3)
            {
                public string Unit { get; set; } = "C";
            }
            public static class Mine
            {
                public static ReplyFormat Format => ReplyFormat.Of<Page>();
                public static (string, ChatReply) Read(ChatReply reply, bool strict)
                {
                    var read = reply.Read<Page>(strict);
                    var page = read.Value;
                    return ($"{page.Title}|{string.Join(' ', page.Data)}|{page.Any}|{page.Note}|{page.Days}|{page.Unit}", read.Reply);
                }
            }
            """
        );

        var format = (ReplyFormat)mine.GetProperty("Format")!.GetValue(null)!;
        Assert.Null(format.Strict);
        string schema = format.Schema.ToString();
        Assert.True(
            JsonNode.DeepEquals(
                JsonNode.Parse(
                    """
                    {"type":"object","properties":{"title":{"type":"string"},"data":{"type":"object","additionalProperties":{}},"any":{},"note":{},
                    "days":{"type":"integer","default":3},"unit":{"type":"string","default":"C"}},"required":["title","data","any"],"additionalProperties":false}
                    """
                ),
                JsonNode.Parse(schema)
            ),
            schema
        );

        // Nothing in the first answer deviates from the schema.
        var (said, reply) = ((string, ChatReply))Call(mine, "Read", Reply("""{"title":"t","data":{"a":[1, 2]},"any":null}"""), true)!;
        Assert.Equal("t|[a, [1, 2]]|||3|C", said);
        Assert.Empty(reply.Quirks);
        (said, _) = ((string, ChatReply))
            Call(mine, "Read", Reply("""{"title":"t","data":{},"any":{"b":1},"note":"n","days":4,"unit":"K"}"""), true)!;
        Assert.Equal("t||{\"b\":1}|\"n\"|4|K", said);
        var e = Assert.Throws<LlmException>(() => Call(mine, "Read", Reply("""{"title":"t","data":{}}"""), false));
        Assert.Contains("\"any\" must be a JSON value, but it is missing.", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Member_Unreadable_IsNamedInDiagnostic()
    {
        var compiled = Compiled.Of(
            "[JsonSchema] partial record Plan(string Title, List<Step> Items); record Step(string Text, Step? Next);"
        );

        Assert.StartsWith(
            "'Plan.Items[].Next' cannot be read from an answer: Step",
            Assert.Single(compiled.Found).GetMessage(null),
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void ValidationAttribute_OnMember_IsReportedAsIgnored()
    {
        var compiled = Compiled.Of(
            """
            [JsonSchema] public partial record Review([property: System.ComponentModel.DataAnnotations.Range(1, 5)] int Stars, [System.ComponentModel.DataAnnotations.StringLength(9)] string Text, List<Author> By, Author? Editor, [property: System.ComponentModel.DataAnnotations.Required] string Title);
            public class Author { [System.ComponentModel.DataAnnotations.EmailAddress] public required string Mail { get; set; } [DefaultValue(5)] public int Rank { get; set; } [DefaultValue(6)] public int Shown { get; set; } = 6; }
            """
        );

        Assert.Equal(
            [
                "[DefaultValue] of 'Author.Rank'",
                "[EmailAddress] of 'Author.Mail'",
                "[Range] of 'Review.Stars'",
                "[StringLength] of 'Review.Text'",
            ],
            compiled
                .Found.Select(found => found.GetMessage(null)[..found.GetMessage(null).IndexOf(" is neither", StringComparison.Ordinal)])
                .Order(StringComparer.Ordinal)
        );
        Assert.All(compiled.Found, found => Assert.Equal(("RLLM113", DiagnosticSeverity.Info), (found.Id, found.Severity)));
        compiled.Assembly();
    }

    [Theory]
    [InlineData("\"2026-01-31T12:00:00Z\"", false)]
    [InlineData("\"2026-01-31T12:00:00.5+01:00\"", false)]
    [InlineData("\"2026-01-31\"", true)]
    [InlineData("\"2026-01-31T12:00:00\"", true)]
    [InlineData("\"2026-01-31 12:00:00Z\"", true)]
    [InlineData("\"2026-01-31T12:00:00+01\"", true)]
    public void DateTimeOffset_NotInSchemaFormat_RecordsQuirk(string said, bool isConverted)
    {
        var mine = MineOf(
            """
            [JsonSchema] public partial record Meeting(DateTimeOffset At);
            public static class Mine { public static ChatReply Read(ChatReply reply, bool strict) => reply.Read<Meeting>(strict).Reply; }
            """
        );
        var reply = Reply($$"""{"at":{{said}}}""");

        Assert.Equal(
            isConverted ? ["ReplyValueConverted at at"] : [],
            ((ChatReply)Call(mine, "Read", reply, false)!).Quirks.Select(quirk => quirk.ToString())
        );
        if (isConverted)
            Assert.Throws<LlmException>(() => Call(mine, "Read", reply, true));
    }

    [Theory]
    [InlineData("\"2026-01-31T12:00:00\"", false)]
    [InlineData("\"2026-01-31\"", true)]
    public void DateTime_WithoutTime_RecordsQuirk(string said, bool isConverted)
    {
        var mine = MineOf(
            """
            [JsonSchema] public partial record Meeting(DateTime At);
            public static class Mine { public static ChatReply Read(ChatReply reply, bool strict) => reply.Read<Meeting>(strict).Reply; }
            """
        );

        Assert.Equal(isConverted ? 1 : 0, ((ChatReply)Call(mine, "Read", Reply($$"""{"at":{{said}}}"""), false)!).Quirks.Count);
    }

    [Fact]
    public void Generator_UnrelatedSourceChanges_UsesCachedOutput()
    {
        var compilation = Compiled.Compile("[JsonSchema] partial record A(int[] B); [JsonSchema] partial record C(object D);");
        var driver = Compiled.Driver().RunGenerators(compilation);

        driver = driver.RunGenerators(
            compilation.AddSyntaxTrees(CSharpSyntaxTree.ParseText("class Other { }", new CSharpParseOptions(LanguageVersion.CSharp13)))
        );

        var steps = driver.GetRunResult().Results[1];
        Assert.All(
            steps.TrackedSteps[JsonSchemaGenerator.TypesStep].SelectMany(step => step.Outputs),
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
}
