using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using RawLlm.Tests.Faults;
using RawLlm.Tests.Readme;

namespace RawLlm.Tests;

public sealed class LlmExceptionTests
{
    [Fact]
    public async Task ToString_WithAttempts_ReportsContextAndAttempts()
    {
        using var wire = new FaultWire(
            Answers.Error(503, "busy", "x-request-id: r6", "Connection: close").Fin(),
            Answers.Error(401, "invalid_api_key", "x-request-id: r7", "Connection: close").Fin()
        );
        var error = await Assert.ThrowsAsync<LlmException>(() => wire.Client().SendAsync("Hi", wire.Token));
        string[] lines = error.ToString().ReplaceLineEndings("\n").Split('\n');
        Assert.Equal("RawLlm.LlmException: Authentication (AwaitHeaders, openai-compatible, m, 401, invalid_api_key, r7)", lines[0]);
        Assert.Equal(error.Message, lines[1]);
        Assert.Matches("^   tried openai-compatible:m: Overloaded, 503, busy, r6, [0-9]+ ms: .", lines[2]);
        // Its message is already in line 1.
        Assert.Matches("^   tried openai-compatible:m: Authentication, 401, invalid_api_key, r7, [0-9]+ ms$", lines[3]);
        Assert.StartsWith("   at ", lines[4], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(LlmErrorKind.RateLimited, null, 429)]
    [InlineData(LlmErrorKind.StreamError, LlmErrorKind.RateLimited, 429)]
    [InlineData(LlmErrorKind.BudgetExceeded, null, 429)]
    [InlineData(LlmErrorKind.Overloaded, null, 503)]
    [InlineData(LlmErrorKind.QuotaExhausted, null, 503)]
    [InlineData(LlmErrorKind.HeadersTimeout, null, 504)]
    [InlineData(LlmErrorKind.ConnectTimeout, null, 504)]
    [InlineData(LlmErrorKind.BadRequest, null, 400)]
    [InlineData(LlmErrorKind.ServerError, LlmErrorKind.BadRequest, 400)]
    [InlineData(LlmErrorKind.ReplyUnfinished, LlmErrorKind.ContentFiltered, 400)]
    [InlineData(LlmErrorKind.RequestTooLarge, null, 413)]
    [InlineData(LlmErrorKind.InvalidConfiguration, null, 500)]
    [InlineData(LlmErrorKind.Authentication, null, 502)]
    [InlineData(LlmErrorKind.PermissionDenied, null, 502)]
    [InlineData(LlmErrorKind.NotFound, null, 502)]
    [InlineData(LlmErrorKind.ServerError, null, 502)]
    [InlineData(LlmErrorKind.StreamTruncated, null, 502)]
    public async Task GatewayStatus_EachErrorKind_ReturnsMatchingStatus(LlmErrorKind kind, LlmErrorKind? cause, int expected)
    {
        var e = new LlmException(kind, "The service's own words.")
        {
            CauseKind = cause,
            Status = 401,
            RetryAfter = TimeSpan.FromSeconds(1.2),
        };
        Assert.Equal(expected, e.GatewayStatus);

        using var body = new MemoryStream();
        await using var services = new ServiceCollection().AddLogging().AddProblemDetails().BuildServiceProvider();
        var http = new DefaultHttpContext { RequestServices = services };
        http.Response.Body = body;
        Assert.True(await new Snippets.LlmErrors().TryHandleAsync(http, e, CancellationToken.None));
        Assert.Equal((expected, "2"), (http.Response.StatusCode, http.Response.Headers.RetryAfter.ToString()));
        Assert.DoesNotContain("own words", System.Text.Encoding.UTF8.GetString(body.ToArray()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(LlmErrorKind.Authentication, null, 401)]
    [InlineData(LlmErrorKind.PermissionDenied, null, 403)]
    [InlineData(LlmErrorKind.QuotaExhausted, null, 402)]
    [InlineData(LlmErrorKind.StreamError, LlmErrorKind.Authentication, 401)]
    [InlineData(LlmErrorKind.RateLimited, null, 429)]
    [InlineData(LlmErrorKind.NotFound, null, 502)]
    public void GatewayStatus_CredentialOfRequest_IsStatusOfService(LlmErrorKind kind, LlmErrorKind? cause, int expected)
    {
        var e = new LlmException(kind, "No.") { CauseKind = cause, UsedRequestCredential = true };
        Assert.Equal(expected, e.GatewayStatus);
        var stored = JsonSerializer.Deserialize<LlmException>(JsonSerializer.Serialize(e))!;
        Assert.Equal((expected, true), (stored.GatewayStatus, stored.UsedRequestCredential));
    }

    [Fact]
    public void ToString_WithForeignInnerException_ContainsOnlyItsType()
    {
        var own = new LlmException(
            LlmErrorKind.BudgetExceeded,
            "Nothing is left.",
            new LlmException(LlmErrorKind.RateLimited, "Slow down.")
        );
        var foreign = new LlmException(LlmErrorKind.ReplyMismatch, "It does not fit.", new FormatException("The answer was: secret."));
        Assert.Contains(" ---> RawLlm.LlmException: RateLimited", own.ToString(), StringComparison.Ordinal);
        Assert.Contains(" ---> System.FormatException", foreign.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("secret", foreign.ToString(), StringComparison.Ordinal);
    }
}
