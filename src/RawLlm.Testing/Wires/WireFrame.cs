namespace RawLlm.Testing;

/// <summary>One frame of a stream, as its wire writes it.</summary>
/// <param name="Bytes">All of it, with what parts it from the next.</param>
/// <param name="Role">What it is to the answer.</param>
internal readonly record struct WireFrame(byte[] Bytes, FrameRole Role = FrameRole.Frame);
