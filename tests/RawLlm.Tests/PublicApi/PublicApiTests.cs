using RawLlm.Tests.Faults;

namespace RawLlm.Tests.PublicApi;

/// <summary>Compares the public surface with a committed text, so that every change to it is visible and intended.</summary>
public sealed class PublicApiTests
{
    [Fact]
    [Case(168)]
    public void PublicApi_ComparedWithCommittedText_IsUnchanged() =>
        PublicSurface.Hold(typeof(LlmClient).Assembly, "RawLlm.Tests", "PublicApi", "PublicApi.txt");

    [Fact]
    public void PublicApi_AllTypes_HasNoCertificateRedirectOrKeyMembers()
    {
        string[] forbidden = ["Certificate", "Redirect { get; set; }", "AllowAutoRedirect", "Reveal"];
        string surface = PublicSurface.Of(typeof(LlmClient).Assembly);
        Assert.All(forbidden, word => Assert.DoesNotContain(word, surface, StringComparison.Ordinal));
    }
}
