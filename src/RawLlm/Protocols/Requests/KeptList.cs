namespace RawLlm.Protocols;

/// <summary>The lists of a request whose elements are kept as bytes.</summary>
internal enum KeptList
{
    Messages,
    Tools,
}
