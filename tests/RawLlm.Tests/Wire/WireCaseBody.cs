namespace RawLlm.Tests.Wire;

/// <summary>Reads the body of a wire case: its bytes as they lie in the file, or what the text in it stands for.</summary>
internal static class WireCaseBody
{
    public static byte[] Read(string file) =>
        file.EndsWith(".frames", StringComparison.Ordinal) ? FramesText.Encode(File.ReadAllText(file)) : File.ReadAllBytes(file);
}
