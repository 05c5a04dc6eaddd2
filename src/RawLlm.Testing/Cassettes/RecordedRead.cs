namespace RawLlm.Testing;

/// <summary>One read of a body.</summary>
/// <param name="At">When the read completed, in milliseconds after the request was sent.</param>
/// <param name="Bytes">The bytes as they arrived.</param>
internal readonly record struct RecordedRead(long At, byte[] Bytes);
