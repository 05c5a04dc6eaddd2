using RawLlm.Protocols;

namespace RawLlm.Tests.Contract;

/// <summary>The requests to one service; a new service is one row of <see cref="ServiceRows"/>.</summary>
/// <param name="Name">The service's name.</param>
/// <param name="Url">The URL for a whole answer of the model <c>m</c>.</param>
/// <param name="Proof">The header with the key <c>test-key-0123</c>, or what is sent if no key is known; empty for none.</param>
/// <param name="Variable">The environment variable of the key; null if no key is needed.</param>
/// <param name="Protocol">The wire.</param>
/// <param name="Dialect">The members that differ between services, for a request with a token limit, a seed, a forced tool and high
/// reasoning effort.</param>
internal sealed record ServiceRow(string Name, string Url, string Proof, string? Variable, Type Protocol, string Dialect)
{
    /// <summary>The URL for a streamed answer, if it differs.</summary>
    public string? StreamUrl { get; init; }

    /// <summary>Headers of the service or the wire, one per line.</summary>
    public string Headers { get; init; } = "";

    /// <summary>Whether the key may be missing.</summary>
    public bool KeyIsOptional { get; init; }

    /// <summary>Whether a whole answer is requested as a stream, because the model may reason.</summary>
    public bool IsGathered { get; init; }

    /// <summary>Creates the service at a fixed location, if the environment otherwise determines it.</summary>
    public Func<Provider>? Make { get; init; }

    public Provider Provider => Make?.Invoke() ?? Providers.Get(Name);

    public override string ToString() => Name;

    public static ServiceRow Chat(string name, string url, string? variable, string dialect) =>
        new(name, url, "Authorization: Bearer test-key-0123", variable, typeof(ChatCompletionsProtocol), dialect)
        {
            KeyIsOptional = variable is null,
        };
}
