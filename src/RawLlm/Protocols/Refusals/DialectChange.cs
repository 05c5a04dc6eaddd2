namespace RawLlm.Protocols;

/// <summary>A change of a wire's dialect with which a service accepts what it has refused.</summary>
/// <param name="Setting">The property that changes, and the member if it lists several. In one call, none is changed twice.</param>
/// <param name="Place">What the service refused, in the wire's own names.</param>
/// <param name="Expression">The C# assignment of the property; null if it is not public.</param>
/// <param name="Apply">Returns the dialect with this change; it may have it already.</param>
internal sealed record DialectChange(string Setting, string Place, string? Expression, Func<WireProtocol, WireProtocol> Apply);
