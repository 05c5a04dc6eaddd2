using System.Text;
using RawLlm.Protocols;
using RawLlm.Tests.Faults;
using RawLlm.Tests.Support;
using Xunit.Abstractions;

namespace RawLlm.Tests.Credentials;

public sealed class AwsSignatureTests(ITestOutputHelper output)
{
    private const string AccessKey = "AKIDEXAMPLE";
    private const string Secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

    [Fact]
    public void Authorize_PublishedTestVectors_EachStepMatches()
    {
        if (Folders.Existing("sigv4") is not { } folder)
        {
            output.WriteLine("The published vectors are not present: not applicable.");
            return;
        }
        int count = 0;
        foreach (string file in Directory.EnumerateFiles(folder, "*.req", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            var request = Parse(File.ReadAllText(file));
            // In this vector only the signed request contains the token; its signature is the same as that of the vector without a token.
            bool isTokenAdded = file.EndsWith("get-vanilla-with-session-token.req", StringComparison.Ordinal);
            if (isTokenAdded)
                request.Headers.Add(Parse(Text(file, ".sreq")).Headers.Single(header => header.Key == "X-Amz-Security-Token"));
            var (canonical, toSign, authorization) = new AwsSigning(
                AccessKey,
                ApiKey.From(Secret),
                "us-east-1",
                "service",
                "20150830T123600Z"
            ).Authorize(request.Method, request.Path, request.Query, request.Headers, Encoding.UTF8.GetBytes(request.Body));
            Assert.Equal(Text(file, ".creq"), canonical);
            Assert.Equal(Text(file, ".sts"), toSign);
            Assert.Equal(Text(file, ".authz"), authorization);
            if (!isTokenAdded)
                Assert.Contains("Authorization: " + authorization, Text(file, ".sreq"), StringComparison.Ordinal);
            count++;
        }
        output.WriteLine($"{count} vectors");
        Assert.True(count >= 30, $"Only {count} vectors were found.");
    }

    [Fact]
    public void Sign_Request_SignsHostDateTypeAndToken()
    {
        using var wire = new WireRequest
        {
            BaseUrl = new("https://bedrock-runtime.us-east-1.amazonaws.com/"),
            Url = new("https://bedrock-runtime.us-east-1.amazonaws.com/model/anthropic.claude-v2%3A1/converse"),
        };
        wire.SetHeader("X-Other", "unsigned");
        new AwsSignature(AccessKey, Secret, "us-east-1", "token", time: new VirtualTime()).Sign(wire);
        var headers = wire.Headers.ToDictionary(header => header.Key, header => header.Value);
        Assert.Equal("20260101T000000Z", headers["X-Amz-Date"]);
        Assert.Equal("token", headers["X-Amz-Security-Token"]);
        Assert.StartsWith(
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/us-east-1/bedrock/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, Signature=",
            headers["Authorization"],
            StringComparison.Ordinal
        );
    }

    [Fact]
    public void Canonical_EncodedPath_IsEncodedAgain()
    {
        var (canonical, _, _) = new AwsSigning(AccessKey, ApiKey.From(Secret), "us-east-1", "bedrock", "20260101T000000Z").Authorize(
            "POST",
            "/model/a%3A1/converse",
            "",
            [new("host", "h")],
            []
        );
        Assert.Equal("/model/a%253A1/converse", canonical.Split('\n')[1]);
    }

    [Theory]
    [InlineData("us/east")]
    [InlineData("us east")]
    [InlineData("")]
    [InlineData("evil.example.com#")]
    [InlineData("US-EAST-1")]
    [InlineData("a234567890123456789012345678901234567890123456789012345678901234")]
    [Case(107)]
    public void Region_Invalid_ThrowsArgumentException(string region) =>
        Assert.ThrowsAny<ArgumentException>(() => new AwsSignature(AccessKey, Secret, region));

    [Fact]
    public void ToString_AwsSignature_ShowsNoSecret()
    {
        string text = new AwsSignature(AccessKey, Secret, "us-east-1", "tokentoken").ToString();
        Assert.DoesNotContain("wJalr", text, StringComparison.Ordinal);
        Assert.DoesNotContain("tokentoken", text, StringComparison.Ordinal);
    }

    private static string Text(string request, string extension) =>
        File.ReadAllText(Path.ChangeExtension(request, extension)).ReplaceLineEndings("\n").TrimEnd('\n');

    private static (string Method, string Path, string Query, List<KeyValuePair<string, string>> Headers, string Body) Parse(string text)
    {
        string[] parts = text.ReplaceLineEndings("\n").Split("\n\n", 2);
        string[] lines = parts[0].Split('\n');
        string method = lines[0][..lines[0].IndexOf(' ')];
        string target = lines[0][(method.Length + 1)..lines[0].LastIndexOf(' ')];
        int question = target.IndexOf('?');
        var headers = new List<KeyValuePair<string, string>>();
        foreach (string line in lines.Skip(1).Where(line => line.Length > 0))
        {
            if (line[0] is ' ' or '\t')
                headers[^1] = new(headers[^1].Key, headers[^1].Value + " " + line);
            else
                headers.Add(new(line[..line.IndexOf(':')], line[(line.IndexOf(':') + 1)..]));
        }
        return (
            method,
            question < 0 ? target : target[..question],
            question < 0 ? "" : target[(question + 1)..],
            headers,
            parts.Length > 1 ? parts[1] : ""
        );
    }

    [Theory]
    [InlineData("http://[::1]:4566/model/x", "[::1]:4566")]
    [InlineData("http://localhost:4566/model/x", "localhost:4566")]
    [InlineData("https://h.example/model/x", "h.example")]
    public void Sign_HostHeader_IsSignedAsSent(string url, string host)
    {
        using var wire = new WireRequest { BaseUrl = new(url), Url = new(url) };
        new AwsSignature(AccessKey, Secret, "us-east-1", time: new VirtualTime()).Sign(wire);
        string signed = new AwsSigning(AccessKey, ApiKey.From(Secret), "us-east-1", "bedrock", "20260101T000000Z")
            .Authorize(
                "POST",
                "/model/x",
                "",
                [new("host", host), new("content-type", "application/json"), new("x-amz-date", "20260101T000000Z")],
                []
            )
            .Authorization;
        Assert.Contains(new("Authorization", signed), wire.Headers);
    }
}
