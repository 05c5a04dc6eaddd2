using RawLlm.Protocols;

namespace RawLlm.Tests.Contract;

/// <summary>What one service must look like on the wire; a new service is one row of <see cref="ServiceRows"/>.</summary>
/// <param name="Name">The name by which it is known.</param>
/// <param name="Url">Where a whole answer of the model <c>m</c> is asked for.</param>
/// <param name="Proof">The header that carries the key <c>test-key-0123</c>, or what goes out where no key is known; empty for none.</param>
/// <param name="Variable">Where the key comes from; null where none is needed.</param>
/// <param name="Protocol">The wire.</param>
/// <param name="Dialect">The members that differ between services, of a request with a limit, a seed, a function to be called and much thinking.</param>
internal sealed record ServiceRow(string Name, string Url, string Proof, string? Variable, Type Protocol, string Dialect)
{
    /// <summary>Where a streamed answer is asked for, when that is elsewhere.</summary>
    public string? StreamUrl { get; init; }

    /// <summary>Headers of the service's or the wire's own, one a line.</summary>
    public string Headers { get; init; } = "";

    /// <summary>True where a missing key is no error.</summary>
    public bool KeyIsOptional { get; init; }

    /// <summary>True where a whole answer is asked for as a stream, since the model may think.</summary>
    public bool IsGathered { get; init; }

    /// <summary>The service in a place that is fixed, where else the environment says where it is.</summary>
    public Func<Provider>? Make { get; init; }

    public Provider Provider => Make?.Invoke() ?? Providers.Get(Name);

    public override string ToString() => Name;

    public static ServiceRow Chat(string name, string url, string? variable, string dialect) =>
        new(name, url, "Authorization: Bearer test-key-0123", variable, typeof(ChatCompletionsProtocol), dialect) { KeyIsOptional = variable is null };
}
