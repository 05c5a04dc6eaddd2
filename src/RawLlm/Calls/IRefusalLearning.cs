using RawLlm.Protocols;

namespace RawLlm;

/// <summary>What a client has learned from refusals. Thread-safe.</summary>
internal interface IRefusalLearning
{
    /// <summary>The models for which something was learned.</summary>
    IReadOnlyList<LearnedDialect> Learned { get; }

    /// <summary>Returns the dialect for a model.</summary>
    WireProtocol DialectOf(string model);

    /// <summary>Begins to adapt a call that was refused.</summary>
    IRefusedCall Begin(string model);
}
