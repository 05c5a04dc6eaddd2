using System.Net;
using RawLlm.Protocols;
using RawLlm.Tests.Faults;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Credentials;

public sealed class CredentialTests
{
    private const string Secret = "sk-canary-0123456789abcdef";

    [Fact]
    [Case(120)]
    public void ToString_ObjectsThatContainKey_DoesNotShowKey()
    {
        string variable = "RAWLLM_TEST_" + Guid.NewGuid().ToString("N");
        Environment.SetEnvironmentVariable(variable, Secret);
        try
        {
            var provider = Providers.OpenAI with { Credential = Credential.Bearer(Secret) };
            using var client = new LlmClient(provider, "m");
            var fromVariable = Credential.BearerFrom(variable);
            Assert.True(fromVariable.IsSecret);

            object[] holders =
            [
                ApiKey.From(Secret),
                provider.Credential,
                Credential.Header("x-api-key", Secret),
                fromVariable,
                Credential.HeaderFrom("x-api-key", variable),
                provider,
                client,
                Providers.OpenAICompatible("https://llm.example.org", Secret),
            ];
            foreach (object holder in holders)
            {
                string text = holder.ToString()!;
                for (int i = 0; i + 8 <= Secret.Length; i++)
                    Assert.DoesNotContain(Secret.Substring(i, 8), text);
            }
            Assert.Equal("Authorization: Bearer [redacted]", provider.Credential.ToString());
        }
        finally
        {
            Environment.SetEnvironmentVariable(variable, null);
        }
    }

    [Fact]
    public void ToString_InvalidKeyInVariable_IsRedacted()
    {
        string variable = "RAWLLM_TEST_" + Guid.NewGuid().ToString("N");
        Environment.SetEnvironmentVariable(variable, Secret + "\u0001" + Secret);
        try
        {
            var credential = Credential.BearerFrom(variable);
            Assert.Equal("Authorization: Bearer [redacted]", credential.ToString());
            Assert.True(credential.IsSecret);
            Assert.Contains(variable, credential.Problem, StringComparison.Ordinal);
            Assert.DoesNotContain("canary", (Providers.OpenAI with { Credential = credential }).ToString(), StringComparison.Ordinal);
        }
        finally
        {
            Environment.SetEnvironmentVariable(variable, null);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("\r\n")]
    public void Key_Empty_ThrowsArgumentException(string key)
    {
        Assert.Throws<ArgumentException>(() => ApiKey.From(key));
        Assert.Throws<ArgumentException>(() => Credential.Bearer(key));
        Assert.Throws<ArgumentException>(() => Credential.Header("x-api-key", key));
        Assert.Throws<ArgumentException>(() => Providers.OpenAICompatible("https://llm.example.org", key));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("  ")]
    public void Key_FromEmptyVariable_IsNotSent(string? value)
    {
        string variable = "RAWLLM_TEST_" + Guid.NewGuid().ToString("N");
        Environment.SetEnvironmentVariable(variable, value);
        try
        {
            var credential = Credential.BearerFrom(variable);
            using var wire = new WireRequest { BaseUrl = new Uri("https://llm.example.org") };
            credential.Sign(wire);
            Assert.Empty(wire.Headers);

            var e = Assert.Throws<LlmException>(() => new LlmClient(Providers.OpenAI with { Credential = credential }, "m"));
            Assert.Equal(LlmErrorKind.InvalidConfiguration, e.Kind);
            Assert.Contains(variable, e.Message);

            using var local = new WireRequest { BaseUrl = new Uri("http://localhost") };
            Credential.BearerFrom(variable, "not-needed").Sign(local);
            Assert.Equal(new("Authorization", "Bearer not-needed"), Assert.Single(local.Headers));
        }
        finally
        {
            Environment.SetEnvironmentVariable(variable, null);
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("  ")]
    [InlineData("sk canary")]
    public async Task Variable_SetAfterFailure_IsReadByNextClient(string? before)
    {
        string variable = "RAWLLM_TEST_" + Guid.NewGuid().ToString("N");
        var provider = new Provider(
            "test",
            new Uri("https://service.example"),
            new ChatCompletionsProtocol(),
            Credential.BearerFrom(variable)
        );
        try
        {
            Environment.SetEnvironmentVariable(variable, before);
            Assert.Contains(variable, Assert.Throws<LlmException>(() => new LlmClient(provider, "m")).Message);
            Assert.Contains(variable, Assert.Throws<LlmException>(() => new LlmClient(provider, "m")).Message);

            Environment.SetEnvironmentVariable(variable, Secret);
            using var service = MockService.Json(
                """{"error":{"message":"the key sk-canary-0123456789abcdef is wrong"}}""",
                HttpStatusCode.Unauthorized
            );
            using var client = new LlmClient(provider, "m", http: service.Http);
            // A client keeps the key it was created with.
            Environment.SetEnvironmentVariable(variable, "sk-other-0123456789abcdef");
            var error = await Assert.ThrowsAsync<LlmException>(() => client.SendAsync("Hi"));
            Assert.Contains("Authorization: Bearer " + Secret, service.Head);
            Assert.DoesNotContain(Secret, error.Message);

            using var otherService = MockService.Json("{}");
            using var other = new LlmClient(provider, "m", http: otherService.Http);
            await Assert.ThrowsAsync<LlmException>(() => other.SendAsync("Hi"));
            Assert.Contains("Authorization: Bearer sk-other-0123456789abcdef", otherService.Head);
        }
        finally
        {
            Environment.SetEnvironmentVariable(variable, null);
        }
    }

    [Theory]
    [InlineData("sk-canary\r\nX-Evil: 1")]
    [InlineData("sk-canary\0")]
    [InlineData("sk canary")]
    [InlineData("sk-canary-é")]
    [InlineData("sk-canary\u007F")]
    [Case(104)]
    public void Key_InvalidInHeader_IsRejectedWithoutShowingKey(string key)
    {
        var e = Assert.Throws<ArgumentException>(() => Credential.Bearer(key));

        Assert.DoesNotContain("canary", e.Message);
    }

    [Fact]
    [Case(105)]
    public void Key_SurroundedByWhitespace_IsTrimmed()
    {
        using var wire = new WireRequest { BaseUrl = new Uri("https://llm.example.org") };

        Credential.Bearer(" sk-canary\r\n").Sign(wire);

        Assert.Equal(new("Authorization", "Bearer sk-canary"), Assert.Single(wire.Headers));
    }
}
