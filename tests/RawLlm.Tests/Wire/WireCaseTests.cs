using System.Collections.Concurrent;
using RawLlm.Tests.Faults;
using RawLlm.Tests.Recorded;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Wire;

/// <summary>Runs every case whole, split at every byte, byte by byte, next to poison, and in strict mode.</summary>
public sealed class WireCaseTests
{
    public static TheoryData<string> Cases => [.. WireCase.All().Select(wireCase => $"{wireCase.Protocol}/{wireCase.Name}")];

    [Theory]
    [MemberData(nameof(Cases))]
    public void WireCase_Decoded_YieldsExpectedEvents(string name)
    {
        var wireCase = Get(name);
        string actual = wireCase.Decode(WireProtocols.Get(wireCase.Protocol));
        string expected = wireCase.ReadEvents();
        Assert.True(expected == actual, $"{name} gives\n{actual}\n\ninstead of\n{expected}\n");
    }

    [Theory]
    [MemberData(nameof(Cases))]
    [Case(51, 99)]
    public void WireCase_SplitAnywhere_YieldsSameEvents(string name)
    {
        var wireCase = Get(name);
        if (!wireCase.IsStream)
            return;
        var protocol = WireProtocols.Get(wireCase.Protocol);
        string expected = wireCase.ReadEvents();
        Assert.Equal(expected, wireCase.Decode(protocol, pieces: 1));
        Assert.Equal(expected, wireCase.Decode(protocol, pieces: 3));
        var failures = new ConcurrentBag<string>();
        Parallel.For(
            1,
            wireCase.ReadBody().Length,
            Cores.All,
            (split, state) =>
            {
                string actual = wireCase.Decode(protocol, split: split);
                if (expected == actual)
                    return;
                failures.Add($"{name} split at {split} gives\n{actual}");
                state.Stop();
            }
        );
        Assert.True(failures.IsEmpty, string.Join("\n\n", failures));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    [Case(60, 79, 102)]
    public void WireCase_TruncatedAnywhere_IsCompleteOnlyWithSameContent(string name)
    {
        var wireCase = Get(name);
        if (!wireCase.IsStream)
            return;
        var protocol = WireProtocols.Get(wireCase.Protocol);
        byte[] body = wireCase.ReadBody();
        var all = Decoded.Stream(protocol, body);
        // A service that continues after it announced the end of the answer breaks its own rule: no client can know before the rest
        // arrives. Some Gemini models send STOP in every event.
        bool goesOn =
            all.Error is not null
            || all.Reply.Quirks.Any(quirk => quirk.Kind is QuirkKind.ContentAfterFinish or QuirkKind.RepeatedFinishReason)
            || wireCase.Protocol == "gemini" && body.AsSpan().Count("\"finishReason\""u8) > 1;
        foreach (var (length, isWhole) in Truncation.Cut(protocol, body, every: true))
        {
            var kept = body.AsSpan(0, length);
            Assert.True(isWhole == Truncation.IsWhole(protocol, kept), $"{name}: a copy of the decoder disagrees at {length}");
            if (!isWhole)
                continue;
            var cut = Decoded.Stream(protocol, kept).Reply;
            if (goesOn)
                Assert.StartsWith(cut.Text, all.Reply.Text, StringComparison.Ordinal);
            else
                Assert.Equal(Choices(all.Reply), Choices(cut));
        }

        static IEnumerable<string> Choices(ChatReply reply) =>
            reply.Choices.Select(choice =>
                $"{choice.Index} {choice.StopReason} {choice.Text}|{choice.Reasoning}|{string.Join("|", choice.ToolCalls.Select(call => call.Id + call.Name + call.Arguments))}"
            );
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void WireCase_DecodedStrictly_FailsOnlyWithQuirk(string name)
    {
        var wireCase = Get(name);
        string events = wireCase.ReadEvents();
        string strict = wireCase.Decode(WireProtocols.Get(wireCase.Protocol), strict: true);
        if (events.Contains("\nQuirk ", StringComparison.Ordinal))
            Assert.Contains("Error ", strict, StringComparison.Ordinal);
        else
            Assert.Equal(events, strict);
    }

    private static WireCase Get(string name) => WireCase.All().Single(wireCase => $"{wireCase.Protocol}/{wireCase.Name}" == name);
}
