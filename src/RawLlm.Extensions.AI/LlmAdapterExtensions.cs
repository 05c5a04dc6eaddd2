using Microsoft.Extensions.AI;
using RawLlm.Extensions.AI;

namespace RawLlm;

/// <summary>Offers clients to whatever works with Microsoft.Extensions.AI.</summary>
public static class LlmAdapterExtensions
{
    /// <summary>The client as an <see cref="IChatClient"/>. Thread-safe, like the client.</summary>
    /// <remarks>
    /// A stream that breaks off throws <see cref="LlmException"/> from its loop, and gives no finish reason. Disposing the result leaves the client alone unless
    /// <see cref="LlmAdapterOptions.DisposesClients"/> says otherwise. <c>GetService</c> gives <see cref="ChatClientMetadata"/> and the <see cref="LlmClient"/>.
    /// </remarks>
    /// <param name="client">The client.</param>
    /// <param name="options">How the adapter behaves; the defaults when null.</param>
    public static IChatClient AsChatClient(this LlmClient client, LlmAdapterOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        return new LlmChatClient(new AdaptedClients(client, options));
    }

    /// <summary>The chain as an <see cref="IChatClient"/>. Thread-safe, like the chain.</summary>
    /// <remarks>
    /// <see cref="ChatOptions.ModelId"/> is refused, since a model belongs to one service, unless <see cref="FallbackOptions.RequestFor"/> says what each is asked.
    /// The metadata are those of the first client. <c>GetService</c> gives <see cref="ChatClientMetadata"/> and the <see cref="FallbackChain"/>.
    /// </remarks>
    /// <param name="chain">The chain.</param>
    /// <param name="options">How the adapter behaves; the defaults when null.</param>
    public static IChatClient AsChatClient(this FallbackChain chain, LlmAdapterOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(chain);
        return new LlmChatClient(new AdaptedClients(chain, options));
    }

    /// <summary>The client's vectors as an <see cref="IEmbeddingGenerator{TInput, TEmbedding}"/>. Thread-safe, like the client; its model must be one that gives vectors.</summary>
    /// <remarks>Disposing the result leaves the client alone unless <see cref="LlmAdapterOptions.DisposesClients"/> says otherwise.</remarks>
    /// <param name="client">The client.</param>
    /// <param name="options">How the adapter behaves; the defaults when null.</param>
    public static IEmbeddingGenerator<string, Embedding<float>> AsEmbeddingGenerator(this LlmClient client, LlmAdapterOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(client);
        return new LlmEmbeddingGenerator(new AdaptedClients(client, options));
    }

    /// <summary>The chain's vectors as an <see cref="IEmbeddingGenerator{TInput, TEmbedding}"/>. Thread-safe, like the chain, whose clients must have one model (<see cref="FallbackOptions.SameEmbeddings"/>).</summary>
    /// <remarks>
    /// <see cref="EmbeddingGenerationOptions.ModelId"/> is refused, since a model belongs to one service. The metadata are those of the first client; <c>GetService</c> gives the <see cref="FallbackChain"/> as well.
    /// Disposing the result leaves the clients alone unless <see cref="LlmAdapterOptions.DisposesClients"/> says otherwise.
    /// </remarks>
    /// <param name="chain">The chain.</param>
    /// <param name="options">How the adapter behaves; the defaults when null.</param>
    public static IEmbeddingGenerator<string, Embedding<float>> AsEmbeddingGenerator(this FallbackChain chain, LlmAdapterOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(chain);
        return new LlmEmbeddingGenerator(new AdaptedClients(chain, options));
    }
}
