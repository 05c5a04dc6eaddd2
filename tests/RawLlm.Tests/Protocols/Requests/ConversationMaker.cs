using RawLlm.Traffic;

namespace RawLlm.Tests.Protocols.Requests;

/// <summary>Random conversations that grow, branch and are edited, with everything that a message can contain.</summary>
internal sealed class ConversationMaker(ulong seed)
{
    private static readonly string[] Texts =
    [
        "",
        " ",
        "hello",
        "\"quoted\" \\ and\nlines\t\u0001",
        "日本語 😀 é",
        "half \uD83D",
        new string('x', 300),
        "{\"a\":1}",
        "{\"a\": {\"b\": [1, 2]}}",
        "[1]",
        "not json",
    ];
    private static readonly string[] Names = ["weather", "search", "run", "run.all"];
    private static readonly string[] Ids =
    [
        "call_1",
        "call_2",
        "call_3",
        "an id of another service, longer than the others are",
        "abcdefghi",
    ];
    private static readonly string[] Wires = ["chat-completions", "responses", "anthropic", "gemini", "ollama", "converse"];

    private readonly List<byte[]> _pictures = [];
    private readonly List<List<Part>> _lists = [];

    public SplitMix64 Random = new(seed);

    public int Below(int bound) => (int)(Random.Next() % (ulong)bound);

    public bool Chance(int percent) => Below(100) < percent;

    public string Text() => Texts[Below(Texts.Length)];

    public ToolDefinition Tool() =>
        new(
            Names[Below(Names.Length)],
            Chance(50) ? Text() : null,
            Chance(50) ? RawJson.Parse("""{"type": "object", "properties": {"a": {"type": "string"}}}""") : default
        )
        {
            Strict = Chance(20) ? Chance(50) : null,
            Cache = Chance(10) ? PromptCache.FiveMinutes : null,
        };

    public Message Message()
    {
        var role = (Role)Below(4);
        int count = Chance(5) ? 0 : 1 + Below(3);
        var parts = new List<Part>();
        for (int i = 0; i < count; i++)
            parts.Add(Part(role));
        if (Chance(30))
            _lists.Add(parts);
        IReadOnlyList<Part> given = Chance(50) ? parts : [.. parts];
        return new Message(role, given) { Name = Chance(5) ? "Ada" : null };
    }

    public Part Part(Role role)
    {
        Part part = role switch
        {
            Role.Tool => Result(),
            Role.System => new TextPart(Text()),
            Role.Assistant => Below(12) switch
            {
                0 or 1 => new ReasoningPart(Text()),
                2 => new RefusalPart(Text()),
                3 or 4 or 5 => new ToolCallPart(
                    new ToolCall(Ids[Below(Ids.Length)], Names[Below(Names.Length)], Chance(80) ? "{\"a\": 1}" : Text())
                    {
                        IsComplete = false,
                    }
                ),
                6 => Opaque(),
                _ => new TextPart(Text()),
            },
            _ => Below(14) switch
            {
                0 => Picture(),
                1 => new ImagePart(new Uri("data:image/png;base64,iVBORw0KGgo=")) { Detail = Chance(30) ? "low" : null },
                2 or 3 => Result(),
                4 => Opaque(),
                5 when Chance(50) => new FilePart(Bytes(), "application/pdf", Chance(50) ? "report" : null),
                _ => new TextPart(Text()),
            },
        };
        if (part.WireData is null && Chance(15))
            part = part with { WireData = Data(isWhole: false) };
        return Chance(8) ? part with { Cache = PromptCache.OneHour } : part;
    }

    /// <summary>Changes something that the caller still holds: a list of parts, or the bytes of an image.</summary>
    public void Meddle()
    {
        if (_pictures.Count > 0 && Chance(50))
        {
            byte[] picture = _pictures[Below(_pictures.Count)];
            picture[Below(picture.Length)]++;
        }
        if (_lists.Count == 0)
            return;
        var list = _lists[Below(_lists.Count)];
        if (list.Count > 0 && Chance(60))
            list[Below(list.Count)] = list[Below(list.Count)] is ToolResultPart ? Result() : new TextPart(Text());
        else if (list.Count > 1 && Chance(50))
            list.RemoveAt(Below(list.Count));
        else
            list.Insert(Below(list.Count + 1), new TextPart(Text()));
    }

    private ToolResultPart Result()
    {
        var content = new List<Part>();
        for (int i = Below(3); i >= 0; i--)
            content.Add(new TextPart(Text()));
        if (Chance(10))
            content.Add(Chance(50) ? Picture() : new ImagePart(new Uri("https://example.org/a.png")));
        if (Chance(30))
            _lists.Add(content);
        return new ToolResultPart(Ids[Below(Ids.Length)], content)
        {
            Name = Chance(60) ? Names[Below(Names.Length)] : null,
            IsError = Chance(20),
        };
    }

    private ImagePart Picture() => new(Bytes(), "image/png");

    private byte[] Bytes()
    {
        byte[] bytes = new byte[1 + Below(40)];
        for (int i = 0; i < bytes.Length; i++)
            bytes[i] = (byte)Below(256);
        _pictures.Add(bytes);
        return bytes;
    }

    private OpaquePart Opaque() => new(Data(isWhole: true));

    private WireData Data(bool isWhole) =>
        new(
            Wires[Below(Wires.Length)],
            RawJson.Parse(
                Below(8) switch
                {
                    0 => """{"type":"custom_tool_call","id":"ctc_1"}""",
                    1 => """{"functionCall":{"id":"f1"},"thoughtSignature":"c2ln"}""",
                    2 => isWhole ? """{"type":"reasoning","id":"rs_1","summary":[]}""" : """{"signature":"s1"}""",
                    3 => isWhole ? """{"type":"redacted_thinking","data":"E=="}""" : """{"signature":"s2"}""",
                    4 => isWhole ? """{"reasoningContent":{"redactedContent":"AA=="}}""" : """{"id":"rs_2"}""",
                    5 => isWhole ? """{"type":"server_tool_use","id":"s1"}""" : """{"citations":[{"file_id":"f"}]}""",
                    6 => isWhole ? """{"type":"web_search_tool_result","tool_use_id":"s1"}""" : """{"citations":[]}""",
                    _ => """{"citations":[{"a":1}]}""",
                }
            )
        );
}
