namespace RawLlm.Extensions.Hosting;

/// <summary>Marks a registration, so that none is made twice.</summary>
/// <param name="Name">The name of its options.</param>
/// <param name="Configure">What says which service and model.</param>
internal sealed record RegisteredClient(string Name, Action<LlmClientSetup> Configure);
