namespace RawLlm.Testing;

/// <summary>What one read of a body gave.</summary>
/// <param name="At">When, in milliseconds from the moment at which the request was sent.</param>
/// <param name="Bytes">The bytes as they came.</param>
internal readonly record struct RecordedRead(long At, byte[] Bytes);
