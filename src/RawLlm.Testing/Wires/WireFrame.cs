namespace RawLlm.Testing;

/// <summary>One frame of a stream, in the format of its wire.</summary>
/// <param name="Bytes">The bytes of the frame, including its separator.</param>
/// <param name="Role">The role of the frame in the answer.</param>
internal readonly record struct WireFrame(byte[] Bytes, FrameRole Role = FrameRole.Frame);
