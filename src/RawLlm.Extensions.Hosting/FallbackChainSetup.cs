namespace RawLlm.Extensions.Hosting;

/// <summary>How a registered chain is created.</summary>
internal sealed class FallbackChainSetup
{
    /// <summary>The names of its clients, in order.</summary>
    public IReadOnlyList<string> Clients { get; set; } = [];

    /// <summary>When it moves on.</summary>
    public FallbackOptions Options { get; set; } = FallbackOptions.Default;
}
