using System.Text.Json;
using Microsoft.Extensions.AI;

namespace RawLlm;

/// <summary>How an adapter to Microsoft.Extensions.AI behaves. Immutable.</summary>
public sealed record LlmAdapterOptions
{
    /// <summary>The defaults.</summary>
    public static LlmAdapterOptions Default { get; } = new();

    /// <summary>
    /// The options that serialize function results, arguments of calls that did not come from an answer, and additional properties that are
    /// neither text nor JSON; null for <see cref="AIJsonUtilities.DefaultOptions"/>. In a NativeAOT program the options must know the types
    /// through a generated <c>JsonSerializerContext</c>.
    /// </summary>
    public JsonSerializerOptions? SerializerOptions { get; init; }

    /// <summary>
    /// Whether disposing the adapter also disposes the client, or all clients of the chain; false by default, because clients are usually
    /// shared.
    /// </summary>
    public bool DisposeClients { get; init; }

    internal JsonSerializerOptions Json => SerializerOptions ?? AIJsonUtilities.DefaultOptions;
}
