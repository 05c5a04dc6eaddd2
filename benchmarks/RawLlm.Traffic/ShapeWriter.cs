using System.Globalization;
using System.Text;

namespace RawLlm.Traffic;

/// <summary>Writes a stream of chat completions and tracks what a decoder must read from it.</summary>
internal sealed class ShapeWriter(string lineEnd = "\n")
{
    private readonly MemoryStream _bytes = new();
    private readonly List<int> _writeEnds = [];
    private readonly SortedDictionary<int, Choice> _choices = [];
    private int _chunkCount;
    private int _commentCount;

    /// <summary>Members between the finish reason and the end of each chunk, generated for each chunk.</summary>
    public Func<string>? Tail { get; init; }

    /// <summary>The value of <c>logprobs</c>, generated from the piece of text.</summary>
    public Func<string, string>? Logprobs { get; init; }

    /// <summary>Whether to write everything beyond ASCII as <c>\u</c> escapes.</summary>
    public bool IsEscaped { get; set; }

    public void Comment(string text)
    {
        Write($": {text}{lineEnd}{lineEnd}");
        _commentCount++;
    }

    public void BlankLine() => Write(lineEnd);

    public void Role(int choice) => Delta(choice, """{"role":"assistant","content":"","refusal":null}""");

    public void Text(int choice, string piece)
    {
        var state = Of(choice);
        state.Text.Append(piece);
        // Half a surrogate pair is held back until its other half arrives.
        if (piece.Length > 1 || !char.IsHighSurrogate(piece[0]))
            state.TextCount++;
        Delta(choice, $$"""{"content":"{{Escape(piece)}}"}""", piece);
    }

    public void Reasoning(int choice, string piece)
    {
        var state = Of(choice);
        state.Reasoning.Append(piece);
        state.ReasoningCount++;
        Delta(choice, $$"""{"content":null,"reasoning_content":"{{Escape(piece)}}"}""");
    }

    public void CallStart(int choice, string id, string name)
    {
        var calls = Of(choice).Calls;
        calls.Add(new Call(id, name));
        Delta(
            choice,
            $$$"""{"role":"assistant","content":null,"tool_calls":[{"index":{{{calls.Count - 1}}},"id":"{{{id}}}","type":"function","function":{"name":"{{{name}}}","arguments":""}}],"refusal":null}"""
        );
    }

    public void CallArguments(int choice, string fragment)
    {
        var calls = Of(choice).Calls;
        calls[^1].Arguments.Append(fragment);
        calls[^1].FragmentCount++;
        Delta(choice, $$$"""{"tool_calls":[{"index":{{{calls.Count - 1}}},"function":{"arguments":"{{{Escape(fragment)}}}"}}]}""");
    }

    public void Finish(int choice, string reason)
    {
        Of(choice).FinishReason = reason;
        Chunk($$"""[{"index":{{choice}},"delta":{},"logprobs":null,"finish_reason":"{{reason}}"}]""", "null");
    }

    /// <summary>Writes the usage and the end mark, and returns the shape.</summary>
    public TrafficShape Build(string name, ReadPattern? reads = null)
    {
        int pieces = _choices.Values.Sum(choice => choice.TextCount + choice.ReasoningCount + choice.Calls.Sum(call => call.FragmentCount));
        Chunk(
            "[]",
            string.Create(
                CultureInfo.InvariantCulture,
                $$$"""{"prompt_tokens":25,"completion_tokens":{{{pieces}}},"total_tokens":{{{pieces + 25}}},"prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":{"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}"""
            )
        );
        Event("[DONE]");
        return new TrafficShape
        {
            Name = name,
            Bytes = _bytes.ToArray(),
            WriteEnds = [.. _writeEnds],
            ChunkCount = _chunkCount,
            CommentCount = _commentCount,
            Choices = [.. _choices.Values.Select(choice => choice.ToExpectation())],
            Reads = reads ?? ReadPattern.FourKibibytes,
        };
    }

    private void Delta(int choice, string delta, string piece = "")
    {
        _ = Of(choice);
        string logprobs = Logprobs is null || piece.Length == 0 ? "null" : Logprobs(piece);
        Chunk($$"""[{"index":{{choice}},"delta":{{delta}},"logprobs":{{logprobs}},"finish_reason":null}]""", "null");
    }

    // The layout of OpenAI's chunks (2025), member for member.
    private void Chunk(string choices, string usage) =>
        Event(
            $$"""{"id":"chatcmpl-CJzVd2fQ0w9HgL4sYbT7nUeXaMpRk","object":"chat.completion.chunk","created":1759410245,"model":"gpt-4o-mini","service_tier":"default","system_fingerprint":"fp_560af6e559","choices":{{choices}},"usage":{{usage}}{{Tail?.Invoke()}}}"""
        );

    private void Event(string data)
    {
        Write($"data: {data}{lineEnd}{lineEnd}");
        _chunkCount++;
    }

    private void Write(string text)
    {
        _bytes.Write(Encoding.UTF8.GetBytes(text));
        _writeEnds.Add((int)_bytes.Length);
    }

    private string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length + 8);
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            // Half a pair cannot be written as UTF-8, so it is always escaped.
            bool isHalf = char.IsHighSurrogate(c)
                ? i + 1 == text.Length || !char.IsLowSurrogate(text[i + 1])
                : char.IsLowSurrogate(c) && (i == 0 || !char.IsHighSurrogate(text[i - 1]));
            escaped = c switch
            {
                '"' => escaped.Append("\\\""),
                '\\' => escaped.Append("\\\\"),
                '\n' => escaped.Append("\\n"),
                '\t' => escaped.Append("\\t"),
                < ' ' => escaped.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                > '~' when IsEscaped || isHalf => escaped.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => escaped.Append(c),
            };
        }
        return escaped.ToString();
    }

    private Choice Of(int index)
    {
        if (!_choices.TryGetValue(index, out var choice))
            _choices[index] = choice = new Choice();
        return choice;
    }

    private sealed class Choice
    {
        public StringBuilder Text { get; } = new();

        public int TextCount { get; set; }

        public StringBuilder Reasoning { get; } = new();

        public int ReasoningCount { get; set; }

        public List<Call> Calls { get; } = [];

        public string FinishReason { get; set; } = "";

        public TrafficChoice ToExpectation() =>
            new()
            {
                Text = Text.ToString(),
                TextCount = TextCount,
                Reasoning = Reasoning.ToString(),
                ReasoningCount = ReasoningCount,
                Calls = [.. Calls.Select(call => new TrafficCall(call.Id, call.Name, call.Arguments.ToString(), call.FragmentCount))],
                FinishReason = FinishReason,
            };
    }

    private sealed class Call(string id, string name)
    {
        public string Id => id;

        public string Name => name;

        public StringBuilder Arguments { get; } = new();

        public int FragmentCount { get; set; }
    }
}
