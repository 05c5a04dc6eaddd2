using RawLlm.Protocols;
using RawLlm.Tests.Support;
using static RawLlm.Tests.Protocols.Gemini.GeminiRequests;

namespace RawLlm.Tests.Protocols.Gemini;

/// <summary>Schemas of structured output on the Gemini wire.</summary>
public sealed class GeminiFormatTests
{
    [Fact]
    public void Format_WithSchema_WritesSchemaUnchanged()
    {
        var written = Write(Conversations.Structured);

        JsonAssert.Equal(
            """
            {"contents":[{"role":"user","parts":[{"text":"Name a city, as JSON."}]}],
             "generationConfig":{"responseMimeType":"application/json",
               "responseJsonSchema":{"type":"object","properties":{"name":{"type":"string"}},"required":["name"],"additionalProperties":false}}}
            """,
            written.Body
        );
    }

    [Fact]
    public void Format_SchemaForOlderModels_OmitsUnsupportedKeywords()
    {
        var written = Write(
            new ChatRequest
            {
                Messages = [Message.User("x")],
                Format = ReplyFormat.JsonSchema(
                    "s",
                    """
                    {"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","additionalProperties":false,"required":["a"],
                     "properties":{
                       "a":{"type":["string","null"],"format":"uuid","description":"d"},
                       "b":{"$ref":"#/$defs/Point"},
                       "c":{"anyOf":[{"type":"integer","format":"int32"},{"type":"null"}]},
                       "d":{"const":"only"},
                       "e":{"type":"array","items":{"$ref":"#/$defs/Point"},"minItems":1,"uniqueItems":true},
                       "f":{"enum":["x","y",null]}},
                     "$defs":{"Point":{"type":"object","properties":{"x":{"type":"number"}}}}}
                    """
                ),
                Tools = [new("f", null, """{"type":"object","properties":{"n":{"type":"integer","exclusiveMinimum":0}}}""")],
            },
            protocol: new GeminiProtocol { SupportsJsonSchema = false }
        );

        JsonAssert.Equal(
            """
            {"tools":[{"functionDeclarations":[{"name":"f","parameters":{"type":"object","properties":{"n":{"type":"integer"}}}}]}],
             "contents":[{"role":"user","parts":[{"text":"x"}]}],
             "generationConfig":{"responseMimeType":"application/json","responseSchema":{"type":"object","required":["a"],"properties":{
               "a":{"type":"string","nullable":true,"description":"d"},
               "b":{"type":"object","properties":{"x":{"type":"number"}}},
               "c":{"anyOf":[{"type":"integer","format":"int32"}],"nullable":true},
               "d":{"enum":["only"]},
               "e":{"type":"array","items":{"type":"object","properties":{"x":{"type":"number"}}},"minItems":1},
               "f":{"enum":["x","y"],"nullable":true}}}}}
            """,
            written.Body
        );
        Assert.Equal(
            [
                "generationConfig.responseSchema: additionalProperties",
                "generationConfig.responseSchema: format",
                "generationConfig.responseSchema: uniqueItems",
                "tools[].functionDeclarations[].parameters: exclusiveMinimum",
            ],
            written.Quirks.Where(quirk => quirk.Kind == QuirkKind.LeftOut).Select(quirk => quirk.Place).Order(StringComparer.Ordinal)
        );
    }

    [Theory]
    [InlineData("""{"$ref":"#"}""")]
    [InlineData("""{"$ref":"#/$defs/missing"}""")]
    [InlineData("""{"$ref":"https://example.org/schema"}""")]
    [InlineData("\"text\"")]
    public void Format_SchemaNotSupportedByOlderModels_IsRejected(string schema) =>
        Assert.Throws<ArgumentException>(() =>
            Write(
                new ChatRequest { Messages = [Message.User("x")], Format = ReplyFormat.JsonSchema("s", schema) },
                protocol: new GeminiProtocol { SupportsJsonSchema = false }
            )
        );
}
