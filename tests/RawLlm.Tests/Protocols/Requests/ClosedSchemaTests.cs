using RawLlm.Protocols;

namespace RawLlm.Tests.Protocols.Requests;

public sealed class ClosedSchemaTests
{
    [Theory]
    [InlineData("""{"type":"object"}""", """{"type":"object","additionalProperties":false}""")]
    [InlineData("""{"properties":{}}""", """{"properties":{},"additionalProperties":false}""")]
    [InlineData(
        """{"type":["object","null"],"properties":{"a":{"type":"object","properties":{}}}}""",
        """{"type":["object","null"],"properties":{"a":{"type":"object","properties":{},"additionalProperties":false}},"additionalProperties":false}"""
    )]
    [InlineData(
        """{"type":"array","items":{"anyOf":[{"type":"object"},{"type":"string"}]}}""",
        """{"type":"array","items":{"anyOf":[{"type":"object","additionalProperties":false},{"type":"string"}]}}"""
    )]
    [InlineData(
        """{"$ref":"#/$defs/a","$defs":{"a":{"type":"object"}}}""",
        """{"$ref":"#/$defs/a","$defs":{"a":{"type":"object","additionalProperties":false}}}"""
    )]
    [InlineData("""{ "type" : "object" }""", """{ "type" : "object" ,"additionalProperties":false}""")]
    public void Of_ObjectsWithoutAdditionalProperties_ClosesThem(string schema, string closed) =>
        Assert.Equal(closed, ClosedSchema.Of(schema).ToString());

    // Schemas that say otherwise, and JSON that only looks like a schema.
    [Theory]
    [InlineData("""{"type":"object","additionalProperties":false}""")]
    [InlineData("""{"additionalProperties":{"type":"integer"},"type":"object"}""")]
    [InlineData("""{"type":"object","additionalProperties":true}""")]
    [InlineData("""{"type":"string","enum":["object"]}""")]
    [InlineData("""{"type":"string","default":{"type":"object"},"examples":[{"type":"object"}]}""")]
    [InlineData("""{"type":[{"a":"object"},1]}""")]
    [InlineData("""{"properties":1,"type":"string","additionalProperties":false,"items":true,"anyOf":{}}""")]
    [InlineData("true")]
    public void Of_OtherJson_IsUnchanged(string schema) => Assert.Equal(schema, ClosedSchema.Of(schema).ToString());
}
