using RawLlm.Protocols;
using RawLlm.Tests.Recorded;
using RawLlm.Tests.Support;
using RawLlm.Tests.Wire;

namespace RawLlm.Tests.Corruption;

/// <summary>Streams or whole answers of a wire, to be damaged.</summary>
/// <param name="Name">A name such as <c>anthropic-stream</c>.</param>
/// <param name="Protocol">The wire.</param>
/// <param name="IsStream">Whether the bodies are streams.</param>
internal sealed record CorruptionTarget(string Name, WireProtocol Protocol, bool IsStream)
{
    private IReadOnlyList<GoldenBody>? _goldens;

    public static IReadOnlyList<CorruptionTarget> All { get; } =
    [
        .. WireCase
            .All()
            .Where(wireCase => wireCase.ErrorStatus is null)
            .GroupBy(wireCase => (wireCase.Protocol, wireCase.IsStream))
            .Select(group => new CorruptionTarget(
                $"{group.Key.Protocol}-{(group.Key.IsStream ? "stream" : "reply")}",
                WireProtocols.Get(group.Key.Protocol),
                group.Key.IsStream
            )),
    ];

    private IReadOnlyList<GoldenBody> Goldens =>
        _goldens ??= [
            .. WireCase
                .All()
                .Where(wireCase => wireCase.ErrorStatus is null && wireCase.Protocol == Protocol.Name && wireCase.IsStream == IsStream)
                .Select(wireCase => GoldenBody.Of(wireCase.BodyFile, wireCase.ReadBody())),
        ];

    /// <summary>Creates the body of a case; the same seed always gives the same body.</summary>
    public byte[] Make(ulong seed)
    {
        var random = new SplitMixSeed(seed).Random;
        return Mutation.Make(Goldens, ref random);
    }

    /// <summary>Decodes a body whole and in pieces.</summary>
    /// <returns>What is wrong with the result; null if nothing is.</returns>
    public string? Problem(byte[] body, ulong seed)
    {
        try
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            var whole = IsStream ? Decoded.Stream(Protocol, body) : Decoded.Whole(Protocol, body);
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            if (whole.Error is null != whole.Reply.IsComplete)
                return $"complete: {whole.Reply.IsComplete}, error: {whole.Error?.Kind}";
            if (allocated > (64L * body.Length) + (1 << 20))
                return $"{allocated} bytes were allocated for a body of {body.Length}";
            if (!IsStream)
                return null;
            var pieces = Decoded.Stream(Protocol, body, 1 + (int)(seed % 97));
            return Describe(whole) == Describe(pieces) ? null : $"whole it gives\n{Describe(whole)}\nin pieces\n{Describe(pieces)}";
        }
        catch (Exception e) when (e is not Xunit.Sdk.XunitException)
        {
            return e.ToString();
        }
    }

    private static string Describe(Decoded decoded) =>
        string.Join(
            '\n',
            [
                $"error {decoded.Error?.Kind} {decoded.Error?.CauseKind} {decoded.Error?.ProviderCode}",
                .. decoded.Reply.Choices.Select(choice =>
                    $"{choice.Index} {choice.StopReason} {choice.RawStopReason} {choice.Text}|{choice.Reasoning}|{choice.Refusal}|{string.Join(';', choice.ToolCalls.Select(call => $"{call.Id} {call.Name} {call.Arguments} {call.IsComplete}"))}"
                ),
                $"{decoded.Reply.Usage}",
                .. decoded.Reply.Quirks.Select(quirk => quirk.ToString()).Order(StringComparer.Ordinal),
            ]
        );
}
