namespace RawLlm.Tests.Faults;

/// <summary>Chat completions bodies that the scripts send.</summary>
internal static class Answers
{
    public const string Role =
        """data: {"id":"c1","model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":""}}]}""" + "\n\n";
    public const string Hi = """data: {"id":"c1","model":"m","choices":[{"index":0,"delta":{"content":"Hi"}}]}""" + "\n\n";
    public const string You = """data: {"id":"c1","model":"m","choices":[{"index":0,"delta":{"content":" you"}}]}""" + "\n\n";
    public const string Stop = """data: {"id":"c1","model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""" + "\n\n";
    public const string End = "data: [DONE]\n\n";
    public const string All = Role + Hi + You + Stop + End;

    public const string Whole =
        """{"id":"c1","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Hi you"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}""";

    public static Script WholeAnswer { get; } = Script.OnRequest.Answer(200, "application/json", Whole);

    public static Script Stream { get; } = Script.OnRequest.Sse().Chunk(All).LastChunk();

    public static Script Error(int status, string code = "x", params string[] headers) =>
        Script.OnRequest.Answer(
            status,
            "application/json",
            $$$"""{"error":{"message":"no","type":"{{{code}}}","code":"{{{code}}}"}}""",
            headers
        );
}
