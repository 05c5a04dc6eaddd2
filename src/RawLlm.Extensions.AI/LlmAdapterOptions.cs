using System.Text.Json;
using Microsoft.Extensions.AI;

namespace RawLlm;

/// <summary>How an adapter to Microsoft.Extensions.AI behaves. Immutable.</summary>
public sealed record LlmAdapterOptions
{
    /// <summary>The defaults.</summary>
    public static LlmAdapterOptions Default { get; } = new();

    /// <summary>
    /// How results of functions, arguments of calls that were not read from an answer, and additional properties are written where they are neither text nor JSON;
    /// <see cref="AIJsonUtilities.DefaultOptions"/> when null. In a NativeAOT program it must know the types: give it a generated context.
    /// </summary>
    public JsonSerializerOptions? SerializerOptions { get; init; }

    /// <summary>True to dispose the client, or all clients of the chain, together with the adapter; false as a rule, since clients are shared.</summary>
    public bool DisposesClients { get; init; }

    internal JsonSerializerOptions Json => SerializerOptions ?? AIJsonUtilities.DefaultOptions;
}
