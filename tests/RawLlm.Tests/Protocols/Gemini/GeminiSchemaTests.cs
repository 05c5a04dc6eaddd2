using RawLlm.Protocols;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Protocols.Gemini;

/// <summary>Schemas in the older form: references are inlined with the members next to them.</summary>
public sealed class GeminiSchemaTests
{
    [Fact]
    public void SchemaReference_WithSiblingMembers_KeepsSiblings() =>
        AssertSchema(
            """
            {"type":"object","properties":{
               "a":{"$ref":"#/$defs/Point","description":"Where it is.","nullable":true},
               "b":{"$ref":"#/$defs/Named","title":"B"}},
             "$defs":{
               "Point":{"type":"object","description":"A point.","properties":{"x":{"type":"number"}}},
               "Named":{"$ref":"#/$defs/Point","title":"N","description":"A named point."}}}
            """,
            """
            {"type":"object","properties":{
               "a":{"description":"Where it is.","type":"object","properties":{"x":{"type":"number"}},"nullable":true},
               "b":{"title":"B","description":"A named point.","type":"object","properties":{"x":{"type":"number"}}}}}
            """
        );

    [Fact]
    public void SchemaReference_WithUnsupportedMember_OmitsMemberWithQuirk()
    {
        var written = Write(
            """{"type":"object","properties":{"a":{"$ref":"#/$defs/A","readOnly":true}},"$defs":{"A":{"type":"string"}}}"""
        );

        Assert.Contains(new Quirk(QuirkKind.LeftOut, "generationConfig.responseSchema: readOnly"), written.Quirks);
    }

    [Fact]
    public void SchemaReference_NotAString_IsRejected() => Assert.Throws<ArgumentException>("request", () => Write("""{"$ref":5}"""));

    private static void AssertSchema(string schema, string expected) =>
        JsonAssert.Equal(
            $$$"""{"contents":[{"role":"user","parts":[{"text":"x"}]}],"generationConfig":{"responseMimeType":"application/json","responseSchema":{{{expected}}}}}""",
            Write(schema).Body
        );

    private static WrittenRequest Write(string schema) =>
        WrittenRequest.Of(
            new GeminiProtocol { SupportsJsonSchema = false },
            ChatRequest.Ask("x") with
            {
                Model = "gemini-2.0-flash",
                Format = ReplyFormat.JsonSchema("s", schema),
            },
            stream: false,
            "https://generativelanguage.googleapis.com/v1beta/"
        );
}
