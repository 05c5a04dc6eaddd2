using System.Diagnostics.CodeAnalysis;
using RawLlm.Framing;

namespace RawLlm.Protocols;

/// <summary>A wire format: writes requests, reads answers. Immutable and thread-safe; its properties are the dialect of a service.</summary>
/// <remarks>Knows neither socket nor clock nor the name of any service.</remarks>
[Experimental("RLLM901")]
public abstract record WireProtocol
{
    /// <summary>The format's name, as <c>rawllm decode --protocol</c> takes it.</summary>
    public abstract string Name { get; }

    /// <summary>What the service counts as input and output.</summary>
    public virtual UsageConvention UsageConvention => UsageConvention.AllInside;

    /// <summary>The path of the wire's main operation, which a pasted base URL may end in; empty where the path names the model.</summary>
    internal virtual string MainPath => "";

    /// <summary>True where all conversations with a model go to one address, streamed and whole ones each, so that it need not be built anew.</summary>
    /// <remarks>Not so for a wire of somebody else's, which may change what one of these has written.</remarks>
    internal virtual bool HasOneAddress => false;

    /// <summary>Writes a request: address, headers and body.</summary>
    /// <exception cref="ArgumentException">The request holds something that this wire cannot carry at all.</exception>
    public abstract void WriteRequest(ChatRequest request, bool stream, WireRequest wire);

    /// <summary>The same request with the beginning of its answer, from which the model goes on; null where service or model are not known to do so.</summary>
    /// <param name="request">The request; what it asks besides does not keep an answer from being continued.</param>
    /// <param name="model">The model that is asked.</param>
    /// <param name="baseUrl">Where it is asked.</param>
    /// <param name="text">The beginning.</param>
    internal virtual Prefill? Continue(ChatRequest request, string model, Uri baseUrl, string text) => null;

    /// <summary>What a request asks that this model is known not to do on this wire, as the end of a sentence that says what to do; null where nothing is.</summary>
    /// <param name="request">The request, in which nothing has been checked.</param>
    /// <param name="model">The model that is asked.</param>
    internal virtual string? Problem(ChatRequest request, string model) => null;

    /// <summary>Reads a whole answer and gives the same events as a stream of it would.</summary>
    /// <exception cref="LlmException">The body is an error, or not what the wire prescribes.</exception>
    public abstract void ReadReply(ReadOnlySpan<byte> body, EventBuffer events);

    /// <summary>Reads an answer whose status is not 2xx; never throws for what the body holds.</summary>
    /// <param name="status">The HTTP status.</param>
    /// <param name="headers">The response's headers.</param>
    /// <param name="body">As much of the body as <see cref="LlmLimits.ErrorBodyBytes"/> lets through.</param>
    /// <param name="limits">How much of the service's text goes into the message; the defaults when null.</param>
    public virtual LlmException ReadError(int status, IReadOnlyList<KeyValuePair<string, string>> headers, ReadOnlySpan<byte> body, LlmLimits? limits = null) =>
        ErrorReader.Read(status, headers, body, limits);

    /// <summary>Makes a decoder for one stream.</summary>
    public abstract StreamDecoder CreateDecoder(DecoderOptions? options = null);

    /// <summary>Makes a decoder for the body of a whole answer, so that it can be read like a stream that came at once.</summary>
    public virtual StreamDecoder CreateReplyDecoder(DecoderOptions? options = null)
    {
        options ??= DecoderOptions.Default;
        return new StreamDecoder(new WholeBodyReader(), new ReplyDecoder(this, options), options);
    }

    /// <summary>Whether a response of this media type is a stream of this wire.</summary>
    /// <param name="mediaType">The media type in lower case, without parameters; null when the server named none.</param>
    public abstract bool IsStream(string? mediaType);

    /// <summary>True where a stream begins like a JSON document too, so that its first byte does not tell it from a whole answer.</summary>
    internal virtual bool StreamsJson => false;

    /// <summary>Writes the request for the service's list of models; false when the wire has none.</summary>
    public virtual bool WriteModelsRequest(WireRequest wire) => false;

    /// <summary>Writes the request for what the service says of one model; false when the wire has none.</summary>
    /// <exception cref="ArgumentException">The model's name cannot stand in an address.</exception>
    public virtual bool WriteModelRequest(string model, WireRequest wire) => false;

    /// <summary>Writes a request that has the service count the tokens of a prompt without answering it; false when the wire has none.</summary>
    /// <exception cref="ArgumentException">The request holds something that this wire cannot carry at all.</exception>
    public virtual bool WriteCountRequest(ChatRequest request, WireRequest wire) => false;

    /// <summary>Reads the answer to <see cref="WriteCountRequest"/>; null when it is not what the wire prescribes.</summary>
    public virtual long? ReadCount(ReadOnlySpan<byte> body) => null;

    /// <summary>How many texts one request for vectors takes; 0 when the wire gives no vectors.</summary>
    public virtual int MostEmbeddingInputs => 0;

    /// <summary>Writes a request for the vectors of texts.</summary>
    /// <exception cref="ArgumentException">The request holds something that this wire cannot carry at all.</exception>
    public virtual void WriteEmbeddingRequest(EmbeddingRequest request, WireRequest wire) => throw new InvalidOperationException("This wire gives no vectors.");

    /// <summary>Reads the answer to <see cref="WriteEmbeddingRequest"/>.</summary>
    /// <param name="body">The body.</param>
    /// <param name="count">How many texts there were.</param>
    /// <param name="limits">How deep the body may be nested, and how much of the service's text goes into a message; the defaults when null.</param>
    /// <exception cref="LlmException">The body is an error, or does not hold a vector for each text.</exception>
    public virtual Embeddings ReadEmbeddings(ReadOnlySpan<byte> body, int count, LlmLimits? limits = null) => EmbeddingReader.Read(body, count, limits ?? LlmLimits.Default);
}
