using System.Text;

namespace RawLlm.Protocols;

/// <summary>A request that a service has refused, as it was sent and as it was made.</summary>
internal readonly ref struct SentRequest(ReadOnlySpan<byte> body, ChatRequest request)
{
    private readonly ReadOnlySpan<byte> _body = body;

    /// <summary>The request as it was made; for embeddings, only what is sent along with all batches.</summary>
    public ChatRequest Request => request;

    /// <summary>Whether the body contains a piece of JSON.</summary>
    public bool Contains(ReadOnlySpan<byte> json) => _body.IndexOf(json) >= 0;

    /// <summary>
    /// Whether the body contains a member of this name that a dialect decides about. What the caller has set as an extra member is the
    /// caller's own.
    /// </summary>
    public bool Has(string name) => !MemberWriter.Names(request, name) && _body.IndexOf(Encoding.UTF8.GetBytes($"\"{name}\":")) >= 0;
}
