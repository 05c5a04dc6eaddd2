namespace RawLlm.Tests.Wire;

/// <summary>Reads the body of a wire case: its bytes as they lie in the file.</summary>
internal static class WireCaseBody
{
    public static byte[] Read(string file) => File.ReadAllBytes(file);
}
