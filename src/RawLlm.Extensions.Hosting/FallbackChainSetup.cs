namespace RawLlm.Extensions.Hosting;

/// <summary>How a chain is made that is registered.</summary>
internal sealed class FallbackChainSetup
{
    /// <summary>The keys of its clients, in order.</summary>
    public IReadOnlyList<string> Clients { get; set; } = [];

    /// <summary>When it goes on.</summary>
    public FallbackOptions Options { get; set; } = FallbackOptions.Default;
}
