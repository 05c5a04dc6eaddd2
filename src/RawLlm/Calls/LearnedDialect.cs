using RawLlm.Protocols;

namespace RawLlm;

/// <summary>
/// The dialect that a client has learned for a model from the service's refusals (<see cref="LlmClientOptions.AdaptToRefusals"/>).
/// </summary>
/// <param name="Model">The model.</param>
/// <param name="Protocol">The provider's protocol with all changes, for a provider of your own:
/// <c>provider with { Protocol = learned.Protocol }</c>.</param>
/// <param name="Changes">
/// The changes as C# assignments, such as <c>RequestsStreamUsage = false</c>, to write down as
/// <c>protocol with { … }</c>. Without those that no public property can express.
/// </param>
public sealed record LearnedDialect(string Model, WireProtocol Protocol, IReadOnlyList<string> Changes);
