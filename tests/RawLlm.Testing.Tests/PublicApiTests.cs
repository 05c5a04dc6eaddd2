using RawLlm.Tests.PublicApi;

namespace RawLlm.Testing.Tests;

/// <summary>The package's public surface against a committed text, so that each change of it is seen and meant.</summary>
public sealed class PublicApiTests
{
    [Fact]
    public void Surface_ComparedWithTheCommittedText_IsTheSame() =>
        PublicSurface.Hold(typeof(ScriptedServer).Assembly, "RawLlm.Testing.Tests", "PublicApi.txt");
}
