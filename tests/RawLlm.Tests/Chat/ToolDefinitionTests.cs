using System.Text.Json;

namespace RawLlm.Tests.Chat;

public sealed class ToolDefinitionTests
{
    [Theory]
    [InlineData("{", "The schema of the tool \"weather\" is not a whole JSON value (line 1, byte 2).")]
    [InlineData("""{"type":"object",}""", "The schema of the tool \"weather\" is not a whole JSON value (line 1, byte 18).")]
    [InlineData("object", "The schema of the tool \"weather\" is not a whole JSON value (line 1, byte 1). Write a string with its quotes")]
    public void Create_BrokenSchema_ErrorNamesTool(string schema, string expected)
    {
        var error = Assert.Throws<ArgumentException>(() => new ToolDefinition("weather", "The weather", schema));
        Assert.StartsWith(expected, error.Message, StringComparison.Ordinal);
        Assert.Equal("Parameters", error.ParamName);
        if (schema[0] == '{')
            Assert.DoesNotContain("flex", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Create_SchemaInEachForm_IsEqual()
    {
        const string Schema = """{"type":"object"}""";
        var whole = new ToolDefinition("a", "b", Schema);
        Assert.Equal(whole, new ToolDefinition("a", "b", RawJson.Parse(Schema)));
        Assert.Equal(whole, new ToolDefinition("a", Description: "b", Parameters: Schema));
        Assert.Equal(whole, JsonSerializer.Deserialize<ToolDefinition>(JsonSerializer.Serialize(whole)));
        Assert.True(new ToolDefinition("a", "b").Parameters.IsEmpty);
        Assert.Equal(new ToolDefinition("a", "b"), new ToolDefinition("a", "b", default));
    }
}
