using System.Text;
using RawLlm.Protocols;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Protocols;

/// <summary>
/// A member that is read immediately, because nothing after it matters, gives the same as one that is skipped first and read later.
/// </summary>
public sealed class MembersAheadTests
{
    private const int Cases = 4_000;
    private const int Seed = 20261125;

    // A name with an escape is not looked at ahead, and has no meaning.
    private const string Unplain = ",\"\\u007a\":0";

    private static readonly string[] Values =
    [
        "{}",
        "{\"a\": 1}",
        "{ \"a\" : \"x y\\\" z\\\\\" , \"b\":[ 1 , 2 ]}",
        "\"{\\\"a\\\":1}\"",
        "null",
        "5",
        "[ ]",
        "\"\"",
        "{\"a\":{\"a\":{\"a\":[[[[]]]]}}}",
    ];
    private static readonly string[] Names = ["\"f\"", "\"\"", "5", "null", "\"long_name_of_a_function\""];

    [Fact]
    public void Gemini_ContentBeforeIndex_IsReadLikeContentAfterIndex() =>
        Check(
            new GeminiProtocol(),
            "data: ",
            (ref SplitMix64 random, string last) =>
            {
                var parts = new StringBuilder();
                for (int n = 1 + random.Below(3); n > 0; n--)
                {
                    string args = Values[random.Below(Values.Length)];
                    string name = Names[random.Below(Names.Length)];
                    string part = random.Below(4) switch
                    {
                        0 => "{\"text\":\"words\"}",
                        1 => $$"""{"functionCall":{"args":{{args}},"id":"c","name":{{name}}},"thoughtSignature":"s"}""",
                        2 => $$"""{"functionCall":{"name":"x"},"functionCall":{"name":{{name}},"na\u006de":"g","args":{{args}} } }""",
                        _ => $$"""{"functionCall":{"id":7,"name":{{name}},"args": {{args}} } }""",
                    };
                    parts.Append(parts.Length > 0 ? "," : "").Append(part);
                }
                string finish = random.Below(3) switch
                {
                    0 => ",\"finishReason\":\"STOP\"",
                    1 => ",\"finishReason\":3",
                    _ => "",
                };
                string index = random.Below(3) switch
                {
                    0 => "",
                    1 => ",\"index\":1",
                    _ => ",\"index\":0",
                };
                return $$"""{"candidates":[{"content":{"parts":[{{parts}}],"role":"model"}{{index}}{{finish}}{{last}}}]}""";
            }
        );

    [Fact]
    public void Ollama_MessageBeforeOtherMembers_IsReadLikeMessageAfterThem() =>
        Check(
            new OllamaProtocol(),
            "",
            (ref SplitMix64 random, string last) =>
            {
                var calls = new StringBuilder();
                for (int n = 1 + random.Below(3); n > 0; n--)
                {
                    string function =
                        $$"""{"name":{{Names[random.Below(Names.Length)]}},"arguments":{{Values[random.Below(Values.Length)]}} }""";
                    string call = random.Below(4) switch
                    {
                        0 => $$"""{"id":"c","function":{{function}} }""",
                        1 => $$"""{"function":{{function}},"id":3}""",
                        2 => $$"""{"function":{"name":"x"},"function":{{function}} }""",
                        _ => "5",
                    };
                    calls.Append(calls.Length > 0 ? "," : "").Append(call);
                }
                string before = random.Below(2) == 0 ? "\"content\":\"a\"," : "";
                string after = random.Below(3) == 0 ? ",\"thinking\":\"t\"" : "";
                string done = random.Below(3) == 0 ? ",\"done\":true,\"done_reason\":\"stop\"" : ",\"done\":false";
                return $$"""{"model":"m","message":{"role":"assistant",{{before}}"tool_calls":[{{calls}}]{{after}}}{{done}}{{last}}}""";
            }
        );

    private delegate string Write(ref SplitMix64 random, string last);

    private static void Check(WireProtocol protocol, string prefix, Write write)
    {
        for (int i = 0; i < Cases; i++)
        {
            var random = new SplitMix64((ulong)(Seed + i));
            var same = random;
            string at = write(ref random, "");
            string later = write(ref same, Unplain);
            bool isStrict = i % 3 == 0;

            string expected = Read(protocol, prefix + later + "\n\n", isStrict);

            Assert.True(expected == Read(protocol, prefix + at + "\n\n", isStrict), $"case {i}: {at}");
        }
    }

    // Everything except the frame, which one more member makes longer, and the IDs that are made from it.
    private static string Read(WireProtocol protocol, string body, bool isStrict)
    {
        var text = new StringBuilder();
        using var decoder = protocol.CreateDecoder(new DecoderOptions { Strict = isStrict });
        decoder.Append(Encoding.UTF8.GetBytes(body));
        decoder.Complete();
        try
        {
            while (decoder.TryRead())
            {
                var e = decoder.Current;
                bool isMade =
                    e.Kind is >= StreamEventKind.ToolCallStarted and <= StreamEventKind.ToolCall
                    && !body.Contains($"\"{e.Id}\"", StringComparison.Ordinal);
                text.AppendLine(
                    $"{e.Kind} {e.Choice} {e.Index} {(isMade ? "" : e.Id)} {e.Name} {e.StopReason} {e.RawStopReason} {Encoding.UTF8.GetString(e.Utf8)}"
                );
            }
        }
        catch (LlmException e)
        {
            text.AppendLine($"{e.Kind} {e.Message}");
        }
        foreach (var quirk in decoder.Quirks)
            text.AppendLine($"{quirk}");
        return text.ToString();
    }
}
