using Microsoft.Extensions.AI;

namespace RawLlm.Extensions.AI;

/// <summary>Converts stop reasons to those of Microsoft.Extensions.AI; if there is no equivalent, to the service's own word.</summary>
internal static class FinishReasons
{
    public static ChatFinishReason? Read(StopReason reason, string? raw) =>
        reason switch
        {
            StopReason.EndTurn or StopReason.StopSequence => ChatFinishReason.Stop,
            StopReason.MaxTokens or StopReason.ContextOverflow => ChatFinishReason.Length,
            StopReason.ToolUse => ChatFinishReason.ToolCalls,
            StopReason.ContentFilter or StopReason.Refusal => ChatFinishReason.ContentFilter,
            _ when !string.IsNullOrWhiteSpace(raw) => new ChatFinishReason(raw),
            StopReason.Paused => new ChatFinishReason("paused"),
            StopReason.Error => new ChatFinishReason("error"),
            _ => null,
        };
}
