namespace RawLlm.Extensions.Hosting;

/// <summary>Marks a registration, so that a name is registered only once.</summary>
/// <param name="Name">The name of its options.</param>
/// <param name="Configure">Sets the service and the model.</param>
internal sealed record RegisteredClient(string Name, Action<LlmClientSetup> Configure);
