using System.Reflection;
using System.Runtime.Versioning;

namespace RawLlm.Net9.Tests;

public sealed class TargetTests
{
    [Fact]
    public void Library_UnderTest_TargetsNet9() =>
        Assert.Equal(".NETCoreApp,Version=v9.0", typeof(LlmClient).Assembly.GetCustomAttribute<TargetFrameworkAttribute>()!.FrameworkName);
}
