using RawLlm.Protocols;
using RawLlm.Tests.Credentials;
using RawLlm.Tests.Support;

namespace RawLlm.Tests;

public sealed class BedrockProvidersTests
{
    [Theory]
    [InlineData("bedrock", "model/m/converse", typeof(ConverseProtocol))]
    [InlineData("bedrock-invoke", "model/m/invoke", typeof(BedrockInvokeProtocol))]
    [InlineData("bedrock-compatible", "openai/v1/chat/completions", typeof(ChatCompletionsProtocol))]
    public void Bedrock_WithRegion_HasRegionalUrlAndKeyVariable(string name, string path, Type protocol)
    {
        Provider[] providers =
        [
            Providers.Get(name),
            In(name)("eu-central-1", null),
            In(name)(null, Credential.Bearer(AwsRegionTests.ShortTermKey)),
        ];

        Assert.All(
            providers,
            provider =>
            {
                Assert.Equal(name, provider.Name);
                Assert.IsType(protocol, provider.Protocol);
            }
        );
        Assert.Equal("AWS_BEARER_TOKEN_BEDROCK", providers[1].Credential.Variable);
        Assert.Matches(
            "^https://bedrock-runtime\\.[a-z0-9-]+\\.amazonaws\\.com/$",
            providers[0].BaseUrl.GetLeftPart(UriPartial.Authority) + "/"
        );
        string Url(Provider provider) =>
            WrittenRequest.Of(provider.Protocol, ChatRequest.Ask("x") with { Model = "m" }, baseUrl: provider.BaseUrl.AbsoluteUri).Url;
        Assert.Equal("https://bedrock-runtime.eu-central-1.amazonaws.com/" + path, Url(providers[1]));
        Assert.Equal("https://bedrock-runtime.eu-north-1.amazonaws.com/" + path, Url(providers[2]));
    }

    [Fact]
    public void Bedrock_WithAwsSignature_UsesRegionOfSignature()
    {
        var signature = new AwsSignature("AKIDEXAMPLE", "secret", "ap-south-1");
        Assert.Equal("https://bedrock-runtime.ap-south-1.amazonaws.com/", Providers.BedrockIn(credential: signature).BaseUrl.AbsoluteUri);
        Assert.Throws<ArgumentException>(() => Providers.BedrockIn("eu-central-1", signature));
    }

    [Theory]
    [InlineData(null, null, "us-east-1")]
    [InlineData(null, "eu-west-3", "eu-west-3")]
    [InlineData("key", "eu-west-3", "eu-north-1")]
    public void Bedrock_WithoutRegion_UsesRegionOfKeyOrEnvironment(string? key, string? region, string expected)
    {
        var provider = CloudEnvironment.AnywhereInBedrock(
            Providers.BedrockIn,
            name =>
                name == "AWS_REGION" ? region
                : name == "AWS_BEARER_TOKEN_BEDROCK" && key is not null ? AwsRegionTests.ShortTermKey
                : null
        );
        Assert.Equal($"https://bedrock-runtime.{expected}.amazonaws.com/", provider.BaseUrl.AbsoluteUri);
    }

    [Fact]
    public void Bedrock_InvalidRegionInEnvironment_ThrowsWhenClientIsCreated()
    {
        var provider = CloudEnvironment.AnywhereInBedrock(Providers.BedrockIn, name => name == "AWS_REGION" ? "eu_west_3" : null);
        var e = Assert.Throws<LlmException>(() => new LlmClient(provider, "m"));
        Assert.Equal(LlmErrorKind.InvalidConfiguration, e.Kind);
        Assert.Contains("AWS_REGION", e.Message, StringComparison.Ordinal);
    }

    private static Func<string?, Credential?, Provider> In(string name) =>
        name switch
        {
            "bedrock" => Providers.BedrockIn,
            "bedrock-invoke" => Providers.BedrockInvokeIn,
            _ => Providers.BedrockCompatibleIn,
        };
}
