using System.Text;
using RawLlm.Protocols;

namespace RawLlm;

/// <summary>How a client behaves. Immutable; the defaults suit both servers and command-line programs.</summary>
public sealed record LlmClientOptions
{
    // Declared as interfaces: the record's generated comparers would otherwise link the budget types (70 KB), and what learns from
    // refusals, into native programs that use none.
    private readonly ISpendingSource? _budget;
    private readonly ISpendingSource? _callBudget;
    private readonly IRefusalLearningSource? _learning;

    /// <summary>The defaults.</summary>
    public static LlmClientOptions Default { get; } = new();

    /// <summary>How much data a server can make the client hold.</summary>
    public LlmLimits Limits
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(value));
    } = LlmLimits.Default;

    /// <summary>How long the client waits in each phase of a call.</summary>
    public LlmTimeouts Timeouts
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(value));
    } = LlmTimeouts.Default;

    /// <summary>How often the client retries, and how long it waits.</summary>
    public LlmRetries Retries
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(value));
    } = LlmRetries.Default;

    /// <summary>
    /// Whether every deviation from the wire is an error, instead of being tolerated with a <see cref="Quirk"/>. The default is false.
    /// </summary>
    public bool Strict { get; init; }

    /// <summary>
    /// Whether streamed events are predicted (<see cref="DecoderOptions.Prediction"/>),
    /// which makes them fast and changes nothing else. The default is true.
    /// </summary>
    public bool Prediction { get; init; } = DecoderOptions.Default.Prediction;

    /// <summary>
    /// The most memory, in bytes, in which the client keeps the bodies of its last requests. A conversation that continues is then copied
    /// instead of written again. The default is 4 MiB; 0 keeps nothing. Messages are recognized by reference, so pass the same objects
    /// again.
    /// </summary>
    /// <remarks>
    /// At most 16 conversations are kept, with their message objects; the least recently used go first. The
    /// buffers contain prompts; they are cleared when they are released and when the client is disposed.
    /// </remarks>
    /// <exception cref="ArgumentOutOfRangeException">The number is negative.</exception>
    public int KeptRequestBytes
    {
        get;
        init =>
            field =
                value >= 0
                    ? value
                    : throw new ArgumentOutOfRangeException(nameof(value), "KeptRequestBytes cannot be negative; use 0 to keep nothing.");
    } = 4 << 20;

    /// <summary>
    /// Whether to keep what a service sends beyond RawLlm's own model: the JSON of whole answers (<see cref="ChatReply.Json"/>), the text
    /// of errors (<see cref="LlmException.Body"/>), and the headers of both (<see cref="ChatReply.Headers"/>). The default is false,
    /// because it costs a copy of each.
    /// </summary>
    public bool KeepRaw { get; init; }

    /// <summary>Whether an API key may be sent over plain HTTP to another machine. The default is false.</summary>
    public bool AllowKeyOverPlainHttp { get; init; }

    /// <summary>
    /// Whether <see cref="LlmClient.StreamTextAsync(ChatRequest, CancellationToken)"/> tells the model not to call tools when the request
    /// offers some, so that a caller that reads only text does not wait for an answer without any. The default is true.
    /// </summary>
    public bool TextOnlyForbidsTools { get; init; } = true;

    /// <summary>
    /// Whether a request for something that its model is known not to support (<see cref="RawLlm.Provider.CapabilitiesOf"/>) fails with
    /// <see cref="LlmErrorKind.Unsupported"/> before anything is sent. The default is true. What is unknown is never refused.
    /// </summary>
    public bool CheckCapabilities { get; init; } = true;

    /// <summary>
    /// Whether the client learns from refusals: if the service says that it does not know or support a member of a request, a role or the
    /// order of roles, the client changes its dialect, sends the request once more at once, and remembers the change for later requests to
    /// the model. For servers whose dialect is not known. The default is false: a refused request is sent once.
    /// </summary>
    /// <remarks>
    /// Changed is only what a property of the protocol can change. What the request asks for is left out only where such a property leaves
    /// it out with a quirk; any other refusal is thrown as it is. The answer has the quirk <see cref="QuirkKind.MemberRefused"/>, and lists
    /// the refused attempts. Each counts toward <see cref="LlmRetries.MaxAttempts"/>, with at most four adaptions in one call.
    /// <see cref="LlmClient.LearnedDialects"/> returns what was learned.
    /// </remarks>
    public bool AdaptToRefusals
    {
        get => _learning is not null;
        init => _learning = value ? RefusalLearning.Source : null;
    }

    /// <summary>Begins to learn from refusals; null if the client does not.</summary>
    internal IRefusalLearning? BeginLearning(WireProtocol configured) => _learning?.Begin(configured);

    /// <summary>
    /// Called when the garbage collector finds a stream that was neither read to its end nor disposed. That is a bug in the calling code:
    /// until then, the connection stays open and the service generates an answer that is never read. For tests and counters; the default is
    /// null.
    /// </summary>
    /// <remarks>Runs on the finalizer thread and must be short. Exceptions that it throws are ignored.</remarks>
    public Action? OnStreamAbandoned { get; init; }

    /// <summary>
    /// The prices of models, for answers whose cost the service does not report; <see cref="PriceTable.Empty"/> leaves those unknown.
    /// </summary>
    // Loads the built-in prices only on demand, so that a program that never asks for a cost does not link them.
    public PriceTable Prices
    {
        get => field ?? PriceTable.BuiltIn;
        init => field = value is { IsBuiltIn: true } ? null : value;
    }

    /// <summary>
    /// What all calls of the client may spend, together with others that share the budget; null for no limit. docs/budgets.md explains what
    /// counts.
    /// </summary>
    /// <remarks>
    /// Applies to chat calls, whole and streamed. A chain or a tool loop can have
    /// its own budget in addition, such as that of a session that shares the client.
    /// </remarks>
    public Budget? Budget
    {
        get => _budget as Budget;
        init => _budget = value;
    }

    /// <summary>What one call may spend, all its attempts included; null for no limit.</summary>
    public BudgetLimits? CallBudget
    {
        get => _callBudget as BudgetLimits;
        init => _callBudget = value;
    }

    /// <summary>The clock; replace it in tests.</summary>
    public TimeProvider Time
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(value));
    } = TimeProvider.System;

    /// <summary>The source of random delays: numbers from 0 to 1, called from several threads; replaced in tests.</summary>
    internal Func<double> Random { get; init; } = System.Random.Shared.NextDouble;

    /// <summary>Wraps the client's own handler, which the client still owns, for HTTP/2 without TLS in benchmarks.</summary>
    internal Func<HttpMessageHandler, HttpMessageHandler>? Before { get; init; }

    /// <summary>Returns a hash code for hash tables, computed from a few properties.</summary>
    // Equality compares every property. A generated hash would compute them all, which is 0.9 KB of a native program.
    public override int GetHashCode() => HashCode.Combine(Limits, Strict);

    // The compiler-generated version would load the prices and link the budget types.
    private bool PrintMembers(StringBuilder text)
    {
        text.Append("Limits = ").Append(Limits).Append(", Timeouts = ").Append(Timeouts).Append(", Retries = ").Append(Retries);
        text.Append(", Strict = ").Append(Strict).Append(", Prediction = ").Append(Prediction);
        text.Append(", KeptRequestBytes = ").Append(KeptRequestBytes).Append(", KeepRaw = ").Append(KeepRaw);
        text.Append(", AllowKeyOverPlainHttp = ").Append(AllowKeyOverPlainHttp);
        text.Append(", TextOnlyForbidsTools = ").Append(TextOnlyForbidsTools).Append(", CheckCapabilities = ").Append(CheckCapabilities);
        text.Append(", AdaptToRefusals = ").Append(AdaptToRefusals);
        text.Append(", OnStreamAbandoned = ").Append(OnStreamAbandoned);
        text.Append($", Prices = {nameof(RawLlm)}.{nameof(PriceTable)}, Budget = ").Append(Budget?.ToString());
        text.Append(", CallBudget = ").Append(CallBudget?.ToString()).Append(", Time = ").Append(Time);
        return true;
    }
}
