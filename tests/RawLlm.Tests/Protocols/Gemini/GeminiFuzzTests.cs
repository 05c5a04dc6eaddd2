using RawLlm.Protocols;
using RawLlm.Tests.Recorded;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Protocols.Gemini;

/// <summary>Damaged bodies give events or an <see cref="LlmException"/>, nothing else.</summary>
public sealed class GeminiFuzzTests
{
    [Fact]
    public void Decode_DamagedCases_YieldsEventsOrLlmException() =>
        DamagedCases.Check(
            new GeminiProtocol(),
            "{\"error\":1}",
            "\"error\":{},",
            "\"candidates\":",
            "\"index\":5,",
            "\"finishReason\":2,",
            "\"thought\":true,",
            "\"functionCall\":{},",
            "\"willContinue\":true,",
            "{\"partialArgs\":[{\"jsonPath\":\"$.a[1]['b'].c\",\"numberValue\":1}]}",
            "$.x[",
            "['",
            "[DONE]",
            "\r\n\r\n{"
        );

    /// <summary>Paths of all kinds, in and out of order, give complete JSON or a call that is not complete.</summary>
    [Fact]
    public void PartialArguments_RandomPaths_YieldValidJsonOrIncompleteCall()
    {
        string[] steps =
        [
            ".a",
            ".b",
            "[0]",
            "[1]",
            "[2]",
            "['a']",
            "[\"c d\"]",
            "['it\\\\'s']",
            "",
            ".",
            "[",
            "[-1]",
            "[99999999999]",
            "['x",
            "x",
            "$",
        ];
        for (int seed = 0; seed < 2000; seed++)
        {
            var random = new Random(seed);
            var pieces = new List<string>();
            for (int i = random.Next(1, 6); i > 0; i--)
            {
                string path = "$" + string.Concat(Enumerable.Range(0, random.Next(4)).Select(_ => steps[random.Next(steps.Length)]));
                string value = random.Next(4) switch
                {
                    0 => "\"numberValue\":1.5",
                    1 => "\"boolValue\":true",
                    2 => "\"stringValue\":\"s\",\"willContinue\":true",
                    _ => "\"stringValue\":\"\\\"\\u00e9\"",
                };
                pieces.Add($$"""{"jsonPath":{{System.Text.Json.Nodes.JsonValue.Create(path).ToJsonString()}},{{value}}}""");
            }
            string body =
                $$$"""data: {"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","partialArgs":[{{{string.Join(',', pieces)}}}]}}]},"finishReason":"STOP"}]}"""
                + "\n\n";
            var decoded = Decoded.Stream(new GeminiProtocol(), System.Text.Encoding.UTF8.GetBytes(body));
            Assert.Null(decoded.Error);
            var call = Assert.Single(decoded.Reply.ToolCalls);
            Assert.True(
                call.IsComplete == (call.ReadArguments().Quirk is null && IsWhole(call.Arguments)),
                $"seed {seed}: {call.Arguments}\n{body}"
            );
        }
    }

    private static bool IsWhole(string json)
    {
        try
        {
            System.Text.Json.JsonDocument.Parse(json).Dispose();
            return true;
        }
        catch (System.Text.Json.JsonException)
        {
            return false;
        }
    }
}
