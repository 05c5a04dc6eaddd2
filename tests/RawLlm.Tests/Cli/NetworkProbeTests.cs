using System.Net;
using RawLlm.Cli.Doctor;
using RawLlm.Cli.Targets;

namespace RawLlm.Tests.Cli;

public sealed class NetworkProbeTests
{
    [Theory]
    [InlineData("https://api.example.org/v1/", true)]
    [InlineData("https://near.example.org/v1/", false)]
    [InlineData("http://127.0.0.1:11434/", false)]
    public void ProxyFor_Address_ReturnsProxyUnlessBypassed(string address, bool isThere)
    {
        var proxy = new WebProxy("http://proxy.example.org:3128") { BypassList = ["near"] };

        Assert.Equal(isThere ? "proxy.example.org:3128" : null, NetworkProbe.ProxyFor(new Uri(address), proxy)?.Authority);
    }

    [Theory]
    [InlineData(60, 90)]
    [InlineData(600, 600)]
    public void Waits_LongTimeout_RaisesIdleTimeout(int seconds, int idle) =>
        Assert.Equal(TimeSpan.FromSeconds(idle), TargetOptions.ToTimeouts(TimeSpan.FromSeconds(seconds)).Idle);
}
