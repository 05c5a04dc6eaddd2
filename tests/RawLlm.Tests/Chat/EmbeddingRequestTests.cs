namespace RawLlm.Tests.Chat;

public sealed class EmbeddingRequestTests
{
    [Fact]
    public void Extra_NotSet_IsSharedAndImmutable()
    {
        var request = new EmbeddingRequest(["a"]);
        Assert.Same(request.Extra, new EmbeddingRequest(["b"]).Extra);
        Assert.Same(request.Headers, new EmbeddingRequest(["b"]).Headers);
        Assert.False(request.Extra is IDictionary<string, RawJson>);
        Assert.False(request.Headers is IDictionary<string, string>);
    }
}
