using RawLlm.Tests.Readme;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Tools;

/// <summary>A generated tool in a loop, as the page on tools shows it.</summary>
public sealed class GeneratedToolTests
{
    private sealed class Forecasts : IForecasts
    {
        public Task<Forecast> ForAsync(string city, int days, CancellationToken cancellationToken) =>
            Task.FromResult(new Forecast(city, [.. Enumerable.Repeat(4.5, days)], Sky.Rain));
    }

    [Fact]
    public async Task RunAsync_GeneratedTool_SendsSchemaResultAndArgumentError()
    {
        using var model = ScriptedModel.Json(
            Say.Calls(("a", "get_weather", """{"city":"Tromsø","days":"2"}"""), ("b", "get_weather", """{"days":2}""")),
            Say.Text("A coat.")
        );
        using var client = model.Client();

        var run = await Snippets.UseGeneratedTools(client, new Forecasts()).RunAsync("Coat?");

        Assert.Equal(
            ["""{"city":"Tromsø","temperatures":[4.5,4.5],"sky":"Rain","until":null}""", "\"city\" must be a string, but it is missing."],
            run.Invocations.Select(invocation => invocation.Result.Text)
        );
        Assert.Equal([false, true], run.Invocations.Select(invocation => invocation.Result.IsError));
        JsonAssert.Equal(
            """
            [{"type":"function","function":{"name":"get_weather","description":"The weather in a city for the next days","parameters":{"type":"object","properties":{
            "city":{"type":"string","description":"The city's name in English"},"days":{"type":"integer","description":"At most 7","default":1}},"required":["city"],"additionalProperties":false}}}]
            """,
            System.Text.Json.JsonDocument.Parse(model.Bodies[0]).RootElement.GetProperty("tools").GetRawText()
        );
    }
}
