using RawLlm.Protocols;

namespace RawLlm;

/// <summary>A call whose request was refused, and how it is adapted. Not thread-safe.</summary>
internal interface IRefusedCall
{
    /// <summary>Reads the body of a refusal.</summary>
    void Read(ReadOnlySpan<byte> body);

    /// <summary>Returns the dialect in which to send the request once more; null if the refusal names nothing that a dialect can
    /// change.</summary>
    /// <param name="failure">The refusal.</param>
    /// <param name="request">The request as it was made.</param>
    /// <param name="refused">The request as it was sent.</param>
    WireProtocol? Adapt(LlmException failure, ChatRequest request, WireRequest refused);

    /// <summary>Drops what was read of the last refusal, and the changes for it, with which nothing was sent.</summary>
    void Drop();

    /// <summary>Records on a request what was refused of the earlier ones.</summary>
    void Note(WireRequest adapted);

    /// <summary>Remembers the changes for later requests, because the service has answered.</summary>
    void Succeeded();
}
