using System.Text.Json;
using System.Text.Json.Nodes;

namespace RawLlm.Tests.Protocols.Wires;

/// <summary>A conversation that begins on one wire and continues on another, for each of the 36 pairs.</summary>
public sealed class AcrossWiresTests
{
    private const int Seeds = 40;

    private static readonly string[] Words =
    [
        "a",
        "Hello, ",
        "\"quoted\" \\ back",
        "line\n\ttab",
        "é ü 漢字",
        "😀",
        "\u2028",
        "}{][,:",
        "</x>",
        "\u0001",
    ];

    public static TheoryData<string, string> Pairs
    {
        get
        {
            var pairs = new TheoryData<string, string>();
            foreach (string from in WireDialogue.All.Keys)
            {
                foreach (string to in WireDialogue.All.Keys)
                    pairs.Add(from, to);
            }
            return pairs;
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Conversation_StartedOnOneWire_ContinuesOnOther(string from, string to)
    {
        var (origin, target) = (WireDialogue.All[from], WireDialogue.All[to]);
        for (int seed = 0; seed < Seeds; seed++)
        {
            var turn = MakeTurn(new Random(seed));
            var answer = origin.Answer(turn);
            var calls = answer.Parts.OfType<ToolCallPart>().Select(part => part.Call);
            var results = Message.ToolResults([
                .. calls.Zip(turn.Results, (call, result) => new ToolResultPart(call.Id, result) { Name = call.Name }),
            ]);

            var written = target.Continue([Message.User("?"), answer, results, Message.User("Go on.")]);
            var back = target.ReadBack(JsonNode.Parse(written.Body)!);

            Assert.True(turn.SaysTheSame(back), $"seed {seed}: {turn}\nbecame {back}\nin {written.Body}");
            bool isOwn = from == to;
            bool hasSecret = written.Body.Contains(WireDialogue.Secret, StringComparison.Ordinal);
            Assert.True(hasSecret == (isOwn && origin.HasSecret), $"seed {seed}: what only its origin understands: {written.Body}");
            Assert.True(!isOwn || back.Thoughts == turn.Thoughts || hasSecret, $"seed {seed}: the thoughts are lost: {written.Body}");
            bool isLeftOut = origin.HasSecret && !hasSecret || back.Thoughts != turn.Thoughts && !isOwn;
            Assert.True(
                isLeftOut == written.Quirks.Any(quirk => quirk.Kind == QuirkKind.LeftOut),
                $"seed {seed}: {string.Join(", ", written.Quirks)}\n{written.Body}"
            );
        }
    }

    [Theory]
    [MemberData(nameof(Pairs))]
    public void Conversation_ToOtherWireAndBack_KeepsWireData(string from, string to)
    {
        var (origin, other) = (WireDialogue.All[from], WireDialogue.All[to]);
        var turn = MakeTurn(new Random(1));
        var answer = origin.Answer(turn);
        var results = Message.ToolResults([
            .. answer
                .Parts.OfType<ToolCallPart>()
                .Zip(turn.Results, (part, result) => new ToolResultPart(part.Call.Id, result) { Name = part.Call.Name }),
        ]);
        Message[] messages = [Message.User("?"), answer, results, Message.User("Go on.")];

        string before = origin.Continue(messages).Body;
        _ = other.Continue(messages);

        Assert.Equal(before, origin.Continue(messages).Body);
        Assert.Equal(origin.HasSecret, before.Contains(WireDialogue.Secret, StringComparison.Ordinal));
    }

    private static SpokenTurn MakeTurn(Random random)
    {
        int calls = random.Next(2, 4);
        return new(
            "Thought " + Text(random),
            "Said " + Text(random),
            [.. Enumerable.Range(0, calls).Select(i => ($"f{i}", Arguments(random)))],
            [.. Enumerable.Range(0, calls).Select(i => $"Result {i} {Text(random)}")]
        );
    }

    private static string Text(Random random) =>
        string.Concat(Enumerable.Range(0, random.Next(1, 6)).Select(_ => Words[random.Next(Words.Length)]));

    private static string Arguments(Random random)
    {
        var arguments = new JsonObject();
        for (int i = random.Next(4); i > 0; i--)
        {
            arguments[$"k{i}"] = random.Next(3) switch
            {
                0 => random.Next(),
                1 => new JsonArray(1, null, true, 2.5),
                _ => Text(random),
            };
        }

        return JsonSerializer.Serialize(arguments);
    }
}
