using System.Text;
using RawLlm.Protocols;

namespace RawLlm;

/// <summary>How a client behaves. Immutable; the defaults suit a server as well as a command line.</summary>
public sealed record LlmClientOptions
{
    // Not of their own types: what a comparer or a generic method is made for counts as made, and a native program would link budgets that nobody sets (70 KB).
    private readonly ISpendingSource? _budget;
    private readonly ISpendingSource? _callBudget;

    /// <summary>The defaults.</summary>
    public static LlmClientOptions Default { get; } = new();

    /// <summary>How much a server may make the client hold.</summary>
    public LlmLimits Limits { get; init => field = value ?? throw new ArgumentNullException(nameof(value)); } = LlmLimits.Default;

    /// <summary>How long the client waits for what.</summary>
    public LlmTimeouts Timeouts { get; init => field = value ?? throw new ArgumentNullException(nameof(value)); } = LlmTimeouts.Default;

    /// <summary>How often and how long the client tries again.</summary>
    public LlmRetries Retries { get; init => field = value ?? throw new ArgumentNullException(nameof(value)); } = LlmRetries.Default;

    /// <summary>True to make an error of every deviation from the wire that would otherwise be tolerated with a <see cref="Quirk"/>.</summary>
    public bool Strict { get; init; }

    /// <summary>True, as a rule: streamed events are predicted (<see cref="DecoderOptions.Prediction"/>), which makes them fast and changes nothing else.</summary>
    public bool Prediction { get; init; } = DecoderOptions.Default.Prediction;

    /// <summary>
    /// The most memory, in bytes, in which the client keeps the bodies of its last requests, so that a conversation which goes on is
    /// copied and not written again; 4 MiB, and 0 to keep nothing. A message is known again by its object, so send the same ones.
    /// </summary>
    /// <remarks>
    /// At most 16 conversations are kept, with the objects of their messages; those that rested longest go first. The buffers, which
    /// hold prompts, are cleared when they are given up and when the client is disposed.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative.</exception>
    public int KeptRequestBytes { get; init => field = value >= 0 ? value : throw new ArgumentOutOfRangeException(nameof(value), "A number of bytes cannot be negative."); } = 4 << 20;

    /// <summary>
    /// True to keep what a service says beyond RawLlm's own model: the JSON of whole answers (<see cref="ChatReply.Json"/>), the text of errors
    /// (<see cref="LlmException.Body"/>), and the headers of both (<see cref="ChatReply.Headers"/>). False as a rule; it costs a copy of each.
    /// </summary>
    public bool KeepsRaw { get; init; }

    /// <summary>True to let a key go over plain HTTP to a host other than this machine.</summary>
    public bool AllowKeyOverPlainHttp { get; init; }

    /// <summary>
    /// True, as a rule: <see cref="LlmClient.StreamTextAsync(ChatRequest, CancellationToken)"/> tells the model not to call functions when the request
    /// offers some, so that whoever wants text alone never waits for a silent answer.
    /// </summary>
    public bool TextOnlyForbidsTools { get; init; } = true;

    /// <summary>
    /// True, as a rule: a request for what its model is known to be unable to do (<see cref="RawLlm.Provider.CapabilitiesOf"/>) is refused before
    /// anything is sent, with <see cref="LlmErrorKind.Unsupported"/>. What is not known is never refused.
    /// </summary>
    public bool ChecksCapabilities { get; init; } = true;

    /// <summary>
    /// Called when the garbage collector finds a stream that was neither read to its end nor disposed, which is a fault of the caller's: until then
    /// its connection stays open and the service works for nobody. For tests and counters; null as a rule.
    /// </summary>
    /// <remarks>Runs on the finalizer's thread and must be short. What it throws is dropped.</remarks>
    public Action? StreamAbandoned { get; init; }

    /// <summary>What models cost, for answers whose cost the service does not report; <see cref="PriceTable.Empty"/> leaves those unknown.</summary>
    // The usual ones only when they are asked for: a program that asks for no cost links no prices.
    public PriceTable Prices { get => field ?? PriceTable.BuiltIn; init => field = value is { IsBuiltIn: true } ? null : value; }

    /// <summary>What all calls of the client may spend, with those of others that share the budget; null for no bound. docs/budgets.md tells what is counted.</summary>
    /// <remarks>Holds conversations, whole and streamed. A chain or a loop may have one of its own besides, as of a session that shares the client with others.</remarks>
    public Budget? Budget { get => _budget as Budget; init => _budget = value; }

    /// <summary>What one call may spend, all its attempts together; null for no bound.</summary>
    public BudgetLimits? CallBudget { get => _callBudget as BudgetLimits; init => _callBudget = value; }

    /// <summary>The clock; another one in tests.</summary>
    public TimeProvider Time { get; init => field = value ?? throw new ArgumentNullException(nameof(value)); } = TimeProvider.System;

    /// <summary>Where waits get their spread from: numbers from 0 to 1, from several threads; another source in tests.</summary>
    internal Func<double> Random { get; init; } = System.Random.Shared.NextDouble;

    /// <summary>Puts something before the client's own handler, which stays its own all the same: HTTP/2 without TLS in benchmarks.</summary>
    internal Func<HttpMessageHandler, HttpMessageHandler>? Before { get; init; }

    // The compiler's own would ask for the prices, and for budgets as values of their own types.
    private bool PrintMembers(StringBuilder text)
    {
        text.Append($"Limits = {Limits}, Timeouts = {Timeouts}, Retries = {Retries}, Strict = {Strict}, Prediction = {Prediction}, KeptRequestBytes = {KeptRequestBytes}, KeepsRaw = {KeepsRaw}");
        text.Append($", AllowKeyOverPlainHttp = {AllowKeyOverPlainHttp}, TextOnlyForbidsTools = {TextOnlyForbidsTools}, ChecksCapabilities = {ChecksCapabilities}");
        text.Append($", StreamAbandoned = {StreamAbandoned}, Prices = {nameof(RawLlm)}.{nameof(PriceTable)}, Budget = {Budget?.ToString()}, CallBudget = {CallBudget?.ToString()}, Time = {Time}");
        return true;
    }
}
