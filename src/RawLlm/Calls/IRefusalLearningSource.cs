using RawLlm.Protocols;

namespace RawLlm;

/// <summary>An option with which a client learns from refusals.</summary>
// Calls refer to the learning only by interfaces, so that a program that does not set the option can trim it.
internal interface IRefusalLearningSource
{
    /// <summary>Begins to learn, for one client.</summary>
    /// <param name="configured">The dialect that the client was created with.</param>
    IRefusalLearning Begin(WireProtocol configured);
}
