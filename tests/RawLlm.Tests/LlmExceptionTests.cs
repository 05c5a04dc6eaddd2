using RawLlm.Tests.Faults;

namespace RawLlm.Tests;

public sealed class LlmExceptionTests
{
    [Fact]
    public async Task ToString_OfAnError_TellsWhereItHappenedAndWhatWasTried()
    {
        using var wire = new FaultWire(Answers.Error(503, "busy", "x-request-id: r6", "Connection: close").Fin(), Answers.Error(401, "invalid_api_key", "x-request-id: r7", "Connection: close").Fin());
        var error = await Assert.ThrowsAsync<LlmException>(() => wire.Client().SendAsync("Hi", wire.Token));
        string[] lines = error.ToString().ReplaceLineEndings("\n").Split('\n');
        Assert.Equal("RawLlm.LlmException: Authentication (AwaitHeaders, openai-compatible, m, 401, invalid_api_key, r7)", lines[0]);
        Assert.Equal(error.Message, lines[1]);
        Assert.Matches("^   tried openai-compatible:m: Overloaded, 503, busy, r6, [0-9]+ ms: .", lines[2]);
        // Its message is said above.
        Assert.Matches("^   tried openai-compatible:m: Authentication, 401, invalid_api_key, r7, [0-9]+ ms$", lines[3]);
        Assert.StartsWith("   at ", lines[4], StringComparison.Ordinal);
    }

    [Fact]
    public void ToString_OfAnInnerExceptionThatIsNotTheLibrarysOwn_NamesItsTypeAlone()
    {
        var own = new LlmException(LlmErrorKind.BudgetExceeded, "Nothing is left.", new LlmException(LlmErrorKind.RateLimited, "Slow down."));
        var foreign = new LlmException(LlmErrorKind.ReplyMismatch, "It does not fit.", new FormatException("The answer was: secret."));
        Assert.Contains(" ---> RawLlm.LlmException: RateLimited", own.ToString(), StringComparison.Ordinal);
        Assert.Contains(" ---> System.FormatException", foreign.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("secret", foreign.ToString(), StringComparison.Ordinal);
    }
}
