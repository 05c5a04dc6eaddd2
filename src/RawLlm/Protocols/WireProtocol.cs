using System.Diagnostics.CodeAnalysis;
using RawLlm.Framing;

namespace RawLlm.Protocols;

/// <summary>
/// A wire format: writes requests and reads answers. Immutable and thread-safe; its properties describe a service's dialect.
/// </summary>
/// <remarks>Independent of sockets, clocks and the names of services.</remarks>
[Experimental("RLLM901")]
public abstract record WireProtocol
{
    /// <summary>The name of the format, as accepted by <c>rawllm decode --protocol</c>.</summary>
    public abstract string Name { get; }

    /// <summary>Which tokens the service counts as input and which as output.</summary>
    public virtual UsageConvention UsageConvention => UsageConvention.Inclusive;

    /// <summary>
    /// The path of the wire's main operation, which a pasted base URL may end with; empty if the path contains the model.
    /// </summary>
    internal virtual string MainPath => "";

    /// <summary>
    /// Whether all conversations with a model use one URL for streams and one for whole answers, so that the URL can be reused.
    /// </summary>
    /// <remarks>False for a custom wire, which may change the URL that a built-in wire has set.</remarks>
    internal virtual bool HasOneAddress => false;

    /// <summary>Writes a request: URL, headers and body.</summary>
    /// <exception cref="ArgumentException">The request contains something that this wire cannot carry at all.</exception>
    public abstract void WriteRequest(ChatRequest request, bool stream, WireRequest wire);

    /// <summary>
    /// Returns the same request with the beginning of its answer, which the model is to continue; null if the service or the model is not
    /// known to support that.
    /// </summary>
    /// <param name="request">The request. The caller has checked that nothing else in it prevents continuing the answer.</param>
    /// <param name="model">The model.</param>
    /// <param name="baseUrl">The base URL of the service.</param>
    /// <param name="text">The beginning of the answer.</param>
    internal virtual Prefill? Continue(ChatRequest request, string model, Uri baseUrl, string text) => null;

    /// <summary>
    /// Returns what the request asks for that this model is known not to support on this wire, as the end of a sentence that says what to
    /// do; null if there is nothing.
    /// </summary>
    /// <param name="request">The request, which has not been validated yet.</param>
    /// <param name="model">The model.</param>
    internal virtual string? Problem(ChatRequest request, string model) => null;

    /// <summary>
    /// Finds how the dialect must change so that the service accepts a request that it has refused. Adds nothing if the service names
    /// nothing that the dialect can leave out or replace; a change may also be one that the dialect already has.
    /// </summary>
    /// <param name="refusal">What the service says.</param>
    /// <param name="sent">The request.</param>
    /// <param name="changes">Receives the changes.</param>
    internal virtual void FindChanges(RequestRefusal refusal, SentRequest sent, List<DialectChange> changes) { }

    /// <summary>Reads a whole answer and adds the same events as a stream of it would.</summary>
    /// <exception cref="LlmException">The body is an error or violates the wire format.</exception>
    public abstract void ReadReply(ReadOnlySpan<byte> body, EventBuffer events);

    /// <summary>Reads a response whose status is not 2xx. Never throws, whatever the body contains.</summary>
    /// <param name="status">The HTTP status.</param>
    /// <param name="headers">The response's headers.</param>
    /// <param name="body">The body, up to <see cref="LlmLimits.ErrorBodyBytes"/>.</param>
    /// <param name="limits">Limits how much of the service's text goes into the message; null for the defaults.</param>
    public virtual LlmException ReadError(
        int status,
        IReadOnlyList<KeyValuePair<string, string>> headers,
        ReadOnlySpan<byte> body,
        LlmLimits? limits = null
    ) => ErrorReader.Read(status, headers, body, limits);

    /// <summary>Creates a decoder for one stream.</summary>
    public abstract StreamDecoder CreateDecoder(DecoderOptions? options = null);

    /// <summary>Creates a decoder for the body of a whole answer, so that it can be read like a stream that arrived at once.</summary>
    public virtual StreamDecoder CreateReplyDecoder(DecoderOptions? options = null)
    {
        options ??= DecoderOptions.Default;
        return new StreamDecoder(new WholeBodyReader(), new ReplyDecoder(this, options), options);
    }

    /// <summary>Whether a response of this media type is a stream of this wire.</summary>
    /// <param name="mediaType">The media type in lower case, without parameters; null if the server did not send one.</param>
    public abstract bool IsStream(string? mediaType);

    /// <summary>
    /// Whether a stream also begins like a JSON document, so that its first byte does not distinguish it from a whole answer.
    /// </summary>
    internal virtual bool StreamsJson => false;

    /// <summary>Writes the request for the service's list of models. Returns false if the wire has none.</summary>
    public virtual bool WriteModelsRequest(WireRequest wire) => false;

    /// <summary>Writes the request for the description of one model. Returns false if the wire has none.</summary>
    /// <exception cref="ArgumentException">The model's name cannot be part of a URL.</exception>
    public virtual bool WriteModelRequest(string model, WireRequest wire) => false;

    /// <summary>
    /// Writes a request that makes the service count the tokens of a prompt without answering it. Returns false if the wire has none.
    /// </summary>
    /// <exception cref="ArgumentException">The request contains something that this wire cannot carry at all.</exception>
    public virtual bool WriteCountRequest(ChatRequest request, WireRequest wire) => false;

    /// <summary>Reads the answer to <see cref="WriteCountRequest"/>; null if it violates the wire format.</summary>
    public virtual long? ReadCount(ReadOnlySpan<byte> body) => null;

    /// <summary>The maximum number of texts in one embedding request; 0 if the wire has no embeddings.</summary>
    public virtual int MaxEmbeddingInputs => 0;

    /// <summary>Writes a request for the embeddings of texts.</summary>
    /// <exception cref="ArgumentException">The request contains something that this wire cannot carry at all.</exception>
    public virtual void WriteEmbeddingRequest(EmbeddingRequest request, WireRequest wire) =>
        throw new InvalidOperationException("This wire has no embeddings.");

    /// <summary>Reads the answer to <see cref="WriteEmbeddingRequest"/>.</summary>
    /// <param name="body">The body.</param>
    /// <param name="count">The number of texts in the request.</param>
    /// <param name="limits">Limits how deep the body may be nested, and how much of the service's text goes into a message; null for the
    /// defaults.</param>
    /// <exception cref="LlmException">The body is an error or does not contain an embedding for each text.</exception>
    public virtual Embeddings ReadEmbeddings(ReadOnlySpan<byte> body, int count, LlmLimits? limits = null) =>
        EmbeddingReader.Read(body, count, limits ?? LlmLimits.Default);
}
