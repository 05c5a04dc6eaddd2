using System.Text;

namespace RawLlm.Tests.Credentials;

public sealed class AwsRegionTests
{
    private const string Address =
        "bedrock.amazonaws.com/?Action=CallWithBearerToken&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIDEXAMPLE%2F20260101%2Feu-north-1%2Fbedrock%2Faws4_request&X-Amz-Date=20260101T000000Z&X-Amz-Expires=43200&X-Amz-SignedHeaders=host&X-Amz-Signature=00&Version=1";

    public static string ShortTermKey { get; } = Key(Address);

    public static TheoryData<string, string?> Keys =>
        new()
        {
            { ShortTermKey, "eu-north-1" },
            { ShortTermKey.TrimEnd('='), "eu-north-1" },
            { Key(Address.Replace("%2F", "/", StringComparison.Ordinal)), "eu-north-1" },
            { Key(Address.Replace("eu-north-1", "eu.north/1", StringComparison.Ordinal)), null },
            { Key(Address.Replace("eu-north-1", "evil.example%2F", StringComparison.Ordinal)), null },
            { Key("bedrock.amazonaws.com/"), null },
            { "bedrock-api-key-", null },
            { "bedrock-api-key-%%%", null },
            // A long-term key is four letters and the base64 of "BedrockAPIKey-xxxx-at-<account>:<secret>"; it contains no region.
            { "ABSK" + Convert.ToBase64String(Encoding.UTF8.GetBytes("BedrockAPIKey-abcd-at-123456789012:secret")), null },
            { "", null },
        };

    [Theory]
    [MemberData(nameof(Keys))]
    public void OfKey_AnyKindOfKey_ReturnsItsRegion(string key, string? expected)
    {
        Assert.Equal(expected, AwsRegion.OfKey(key));
        if (key.Length > 0)
            Assert.Equal(expected, Credential.Bearer(key).Region);
    }

    [Theory]
    [InlineData("eu-central-1", "us-west-2", "eu-central-1", false)]
    [InlineData(" ", "us-west-2", "us-west-2", false)]
    [InlineData(null, "us-west-2\r\n", "us-west-2", false)]
    [InlineData(null, null, null, false)]
    [InlineData("eu_central_1", "us-west-2", null, true)]
    [InlineData("evil.example/", null, null, true)]
    public void OfEnvironment_SeveralVariables_UsesFirstThatIsSet(string? region, string? fallback, string? expected, bool isProblem)
    {
        Assert.Equal(expected, AwsRegion.OfEnvironment(name => name == "AWS_REGION" ? region : fallback, out string? problem));
        Assert.Equal(
            isProblem
                ? "the environment variable AWS_REGION does not contain an AWS region such as eu-central-1; correct or unset it"
                : null,
            problem
        );
    }

    [Fact]
    public void Required_NoRegionSet_ReportsVariableToSet()
    {
        Assert.Contains(
            "AWS_REGION",
            Assert.Throws<InvalidOperationException>(() => AwsRegion.Required(_ => null)).Message,
            StringComparison.Ordinal
        );
        var e = Assert.Throws<InvalidOperationException>(() => AwsRegion.Required(_ => "s3cret!"));
        Assert.DoesNotContain("s3cret", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Eu-central-1")]
    [InlineData("eu.central")]
    [InlineData("eu-central-1/")]
    [InlineData("eu-central-1@evil.example")]
    [InlineData("")]
    [InlineData("a\r\nb")]
    public void Check_InvalidRegion_ThrowsArgumentException(string region)
    {
        Assert.Throws<ArgumentException>(() => AwsRegion.Check(region, "region"));
        Assert.Throws<ArgumentException>(() => Providers.BedrockIn(region));
    }

    [Fact]
    public void FromEnvironment_VariablesSet_ReadsKeysTokenAndRegion()
    {
        var variables = new Dictionary<string, string>
        {
            ["AWS_ACCESS_KEY_ID"] = "AKIDEXAMPLE",
            ["AWS_SECRET_ACCESS_KEY"] = "secret",
            ["AWS_DEFAULT_REGION"] = "eu-west-1",
        };
        var signature = AwsSignature.FromEnvironment(variables.GetValueOrDefault, null);
        Assert.Equal("eu-west-1", signature.Region);
        Assert.Equal(["secret"], signature.Secrets);
        variables["AWS_SESSION_TOKEN"] = "token";
        Assert.Equal(["secret", "token"], AwsSignature.FromEnvironment(variables.GetValueOrDefault, "us-east-1").Secrets);
        variables.Remove("AWS_SECRET_ACCESS_KEY");
        Assert.Contains(
            "AWS_SECRET_ACCESS_KEY",
            Assert.Throws<InvalidOperationException>(() => AwsSignature.FromEnvironment(variables.GetValueOrDefault, null)).Message,
            StringComparison.Ordinal
        );
    }

    private static string Key(string address) => "bedrock-api-key-" + Convert.ToBase64String(Encoding.UTF8.GetBytes(address));
}
