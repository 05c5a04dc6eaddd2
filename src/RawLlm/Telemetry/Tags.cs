namespace RawLlm.Telemetry;

/// <summary>The names of all tags that the library ever sets.</summary>
/// <remarks>Names that begin with <c>rawllm.</c> are the library's own; the others are from version 1.41 of OpenTelemetry's
/// conventions.</remarks>
internal static class Tags
{
    public const string Operation = "gen_ai.operation.name";
    public const string Provider = "gen_ai.provider.name";
    public const string ServerAddress = "server.address";
    public const string ServerPort = "server.port";
    public const string RequestModel = "gen_ai.request.model";
    public const string IsStream = "gen_ai.request.stream";
    public const string MaxTokens = "gen_ai.request.max_tokens";
    public const string Temperature = "gen_ai.request.temperature";
    public const string TopP = "gen_ai.request.top_p";
    public const string FrequencyPenalty = "gen_ai.request.frequency_penalty";
    public const string PresencePenalty = "gen_ai.request.presence_penalty";
    public const string Seed = "gen_ai.request.seed";
    public const string ChoiceCount = "gen_ai.request.choice.count";
    public const string OutputType = "gen_ai.output.type";
    public const string Dimensions = "gen_ai.embeddings.dimension.count";
    public const string ResponseModel = "gen_ai.response.model";
    public const string ResponseId = "gen_ai.response.id";
    public const string FinishReasons = "gen_ai.response.finish_reasons";
    public const string TimeToFirstChunk = "gen_ai.response.time_to_first_chunk";
    public const string InputTokens = "gen_ai.usage.input_tokens";
    public const string OutputTokens = "gen_ai.usage.output_tokens";
    public const string CacheReadTokens = "gen_ai.usage.cache_read.input_tokens";
    public const string CacheWriteTokens = "gen_ai.usage.cache_creation.input_tokens";
    public const string ReasoningTokens = "gen_ai.usage.reasoning.output_tokens";
    public const string ToolName = "gen_ai.tool.name";
    public const string ToolType = "gen_ai.tool.type";
    public const string TokenType = "gen_ai.token.type";
    public const string ErrorType = "error.type";
    public const string Status = "http.response.status_code";
    public const string Outcome = "rawllm.outcome";
    public const string ErrorCause = "rawllm.error.cause";
    public const string RequestId = "rawllm.request.id";
    public const string Attempts = "rawllm.attempts";
    public const string Cost = "rawllm.cost";
    public const string Clients = "rawllm.clients";
    public const string Hedge = "rawllm.hedge";
    public const string Quirk = "rawllm.quirk";
    public const string Attempt = "rawllm.attempt";
    public const string AttemptDuration = "rawllm.attempt.duration";
    public const string Wait = "rawllm.retry.wait";
}
