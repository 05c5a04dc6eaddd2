using RawLlm.Tests.PublicApi;

namespace RawLlm.Testing.Tests;

/// <summary>Compares the package's public surface with a committed text, so that every change to it is visible and intended.</summary>
public sealed class PublicApiTests
{
    [Fact]
    public void PublicSurface_ComparedWithCommittedFile_IsEqual() =>
        PublicSurface.Hold(typeof(ScriptedServer).Assembly, "RawLlm.Testing.Tests", "PublicApi.txt");
}
