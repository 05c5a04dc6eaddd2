namespace RawLlm.Tests.Wire;

/// <summary>Reads the body of a wire case: the bytes of the file, or those that its text describes.</summary>
internal static class WireCaseBody
{
    public static byte[] Read(string file) =>
        file.EndsWith(".frames", StringComparison.Ordinal) ? FramesText.Encode(File.ReadAllText(file)) : File.ReadAllBytes(file);
}
