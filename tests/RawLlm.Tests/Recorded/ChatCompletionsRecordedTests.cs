using RawLlm.Protocols;
using RawLlm.Tests.Support;
using Xunit.Abstractions;

namespace RawLlm.Tests.Recorded;

/// <summary>Recorded bodies of services that use chat completions.</summary>
public sealed class ChatCompletionsRecordedTests(ITestOutputHelper output) : RecordedTests(output)
{
    // Cases in which the expected file or the fixture is wrong; each is shown in the test's output.
    private static readonly Dictionary<string, string> Known = new()
    {
        ["groq/prism-php-prism__stream-with-tools-3.sse"] =
            "ends with 'data: [DONE] ': with the space it is not the end mark, and the event has no blank line",
        ["openrouter/prism-php-prism__stream-text-with-a-prompt-1.sse"] =
            "ends with 'data: [DONE] ': with the space it is not the end mark, and the event has no blank line",
        ["openrouter/prism-php-prism__stream-text-with-reasoning-1.sse"] =
            "ends with 'data: [DONE] ': with the space it is not the end mark, and the event has no blank line",
        ["ollama/olimorris-codecompanion.nvim__ollama_no_streaming.unary.json"] =
            "a fixture in the shape of Ollama's own wire, without choices",
        ["ollama/olimorris-codecompanion.nvim__ollama_reasoning_no_streaming.unary.json"] =
            "a fixture in the shape of Ollama's own wire, without choices",
        ["openai/DataDog-dd-trace-py__chat_completion_custom_tool_call.unary.json"] =
            "the expected file leaves out the name and the input of a custom function",
        ["perplexity/0xPlaygrounds-rig__agent-completion_with_perplexity_options.unary.json"] =
            "the expected file takes the empty delta beside the message for the answer",
        ["perplexity/0xPlaygrounds-rig__migration_pain_points-tool_exchange_history_is_stripped_and_remerged.unary.json"] =
            "the expected file takes the empty delta beside the message for the answer",
        ["perplexity/0xPlaygrounds-rig__prompt_caching-blocking_probe.unary.json"] =
            "the expected file takes the empty delta beside the message for the answer",
        ["perplexity/crmne-ruby_llm__chat_text_models_perplexity_sonar_can_understand_remote_text.unary.json"] =
            "the expected file takes the empty delta beside the message for the answer",
        ["perplexity/crmne-ruby_llm__chat_text_models_perplexity_sonar_can_understand_text.unary.json"] =
            "the expected file takes the empty delta beside the message for the answer",
    };

    private protected override string Wire => "openai-chat";

    private protected override WireProtocol Protocol { get; } = new ChatCompletionsProtocol();

    private protected override IReadOnlyDictionary<string, string> Disagreements => Known;

    // The end mark, or a finish reason for every choice: services that send no mark end cleanly after it.
    private protected override bool HoldsEnd(ReadOnlySpan<byte> kept, Decoded decoded) =>
        kept.IndexOf("[DONE]"u8) >= 0 || decoded.Reply.Choices.All(choice => choice.RawStopReason is not null);
}
