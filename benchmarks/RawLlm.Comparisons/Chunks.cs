namespace RawLlm.Comparisons;

/// <summary>The types that a program would declare to read chunks with the platform's serializer.</summary>
internal static class Chunks
{
    internal sealed record ChatChunk(
        string? Id,
        string? Object,
        long Created,
        string? Model,
        string? ServiceTier,
        string? SystemFingerprint,
        ChatChoice[]? Choices,
        ChatUsage? Usage
    );

    internal sealed record ChatChoice(int Index, ChatDelta? Delta, ChatLogprobs? Logprobs, string? FinishReason);

    internal sealed record ChatDelta(string? Role, string? Content, string? ReasoningContent, string? Refusal, ChatCall[]? ToolCalls);

    internal sealed record ChatCall(int Index, string? Id, string? Type, ChatFunction? Function);

    internal sealed record ChatFunction(string? Name, string? Arguments);

    internal sealed record ChatUsage(long PromptTokens, long CompletionTokens, long TotalTokens);

    internal sealed record ChatLogprobs(ChatLogprob[]? Content);

    internal sealed record ChatLogprob(string? Token, double Logprob, int[]? Bytes, ChatLogprob[]? TopLogprobs);

    internal sealed record MessageEvent(string? Type, int Index, MessageDelta? Delta);

    internal sealed record MessageDelta(string? Type, string? Text, string? PartialJson, string? Thinking, string? StopReason);
}
