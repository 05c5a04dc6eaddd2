using RawLlm.Tests.PublicApi;

namespace RawLlm.Extensions.Hosting.Tests;

/// <summary>The package's public surface against a committed text, so that each change of it is seen and meant.</summary>
public sealed class PublicApiTests
{
    [Fact]
    public void Surface_ComparedWithTheCommittedText_IsTheSame() =>
        PublicSurface.Hold(typeof(LlmClientRegistration).Assembly, "RawLlm.Extensions.Hosting.Tests", "PublicApi.txt");
}
