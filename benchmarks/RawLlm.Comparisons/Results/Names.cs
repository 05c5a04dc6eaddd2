namespace RawLlm.Comparisons.Results;

/// <summary>The names by which the chart and the README find their figures, shared with the code that writes the tables.</summary>
internal static class Names
{
    public const string MedianNanoseconds = "median ns";
    public const string PlainText = "chat-completions/tokens";
    public const string AnthropicText = "anthropic/text";
    public const string Stream = "rawllm 4 KiB";
    public const string Newlines = "newline search";
    public const string Advancing = "Utf8JsonReader advancing";
    public const string ParserStream = "SseParser + System.Text.Json 4 KiB";
    public const string OpenAIStream = "OpenAI SDK 4 KiB";
    public const string AnthropicStream = "Anthropic SDK 4 KiB";

    public const string RawLlm = "rawllm";
    public const string RawLlmWhole = "rawllm, with its decompression";
    public const string Http = "bare HttpClient";
    public const string HttpUnbuffered = "bare HttpClient, no buffer while it waits";
    public const string Parser = "SseParser + System.Text.Json";
    public const string Sdk = "OpenAI package";

    public const string ColdCaches = "cold caches";
    public const string P50 = "p50 ns";
    public const string Utf8 = "rawllm UTF-8";

    public const string LongRequest = "a request of 200 messages and 20 tools";
    public const string MedianMicroseconds = "median µs";
    public const string Transcoding = "UTF-16 to UTF-8 of all text";
    public const string Sending = "rawllm, LlmClient";
    public const string Growing = "rawllm, LlmClient, one message more each time";
    public const string PlatformSending = "Utf8JsonWriter, HttpClient";

    public const string Http1Streams = "idle streams on HTTP/1.1";
    public const string Http2Streams = "idle streams on HTTP/2, one connection";
    public const string LiveKibibytes = "live managed KiB";

    public const string ProcessorTime = "processor time a chunk, no pause between chunks";
    public const string FirstText = "from the request to the first text, warm connection";
    public const string AboveHttp = "median above HttpClient";

    public const string NativePrograms = "native programs, linux-x64, size options";
    public const string Megabytes = "MB";
}
