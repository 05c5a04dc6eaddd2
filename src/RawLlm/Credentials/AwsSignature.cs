using System.Globalization;
using RawLlm.Protocols;

namespace RawLlm;

/// <summary>AWS's Signature Version 4: every request is signed with a secret that itself is never sent.</summary>
/// <remarks>Source: docs.aws.amazon.com, "AWS Signature Version 4 for API requests". Thread-safe.</remarks>
public sealed class AwsSignature : Credential
{
    private readonly string _accessKeyId;
    private readonly ApiKey _secret;
    private readonly ApiKey? _sessionToken;
    private readonly string _region;
    private readonly string _service;
    private readonly TimeProvider _time;

    /// <summary>Takes long-lived keys, or temporary ones with their session token.</summary>
    /// <param name="accessKeyId">The key's id, which is sent.</param>
    /// <param name="secretAccessKey">The secret, which is not.</param>
    /// <param name="region">The region that is called, such as <c>eu-central-1</c>.</param>
    /// <param name="sessionToken">The token of temporary keys.</param>
    /// <param name="service">The service's name in the signature.</param>
    /// <param name="time">The clock; AWS refuses requests that are more than five minutes off.</param>
    /// <exception cref="ArgumentException">A value is empty or holds a character that may not stand there; secrets are not shown.</exception>
    public AwsSignature(string accessKeyId, string secretAccessKey, string region, string? sessionToken = null, string service = "bedrock", TimeProvider? time = null)
    {
        _accessKeyId = AwsName.Check(accessKeyId, nameof(accessKeyId));
        _secret = ApiKey.From(secretAccessKey);
        _region = AwsRegion.Check(region, nameof(region));
        _sessionToken = sessionToken is null ? null : ApiKey.From(sessionToken);
        _service = AwsName.Check(service, nameof(service));
        _time = time ?? TimeProvider.System;
    }

    /// <summary>Takes the keys from <c>AWS_ACCESS_KEY_ID</c>, <c>AWS_SECRET_ACCESS_KEY</c> and, for temporary ones, <c>AWS_SESSION_TOKEN</c>.</summary>
    /// <param name="region">The region that is called; when null that of <c>AWS_REGION</c> or <c>AWS_DEFAULT_REGION</c>.</param>
    /// <exception cref="InvalidOperationException">A variable is not set; the message names it.</exception>
    /// <exception cref="ArgumentException">A value holds a character that may not stand there; secrets are not shown.</exception>
    public static AwsSignature FromEnvironment(string? region = null) => FromEnvironment(Environment.GetEnvironmentVariable, region);

    internal static AwsSignature FromEnvironment(Func<string, string?> read, string? region)
    {
        string? session = read("AWS_SESSION_TOKEN");
        return new(Required(read, "AWS_ACCESS_KEY_ID"), Required(read, "AWS_SECRET_ACCESS_KEY"), region ?? AwsRegion.Required(read), string.IsNullOrWhiteSpace(session) ? null : session);
    }

    internal override string? Region => _region;

    internal override IEnumerable<string> Secrets => _sessionToken is null ? [_secret.Reveal()] : [_secret.Reveal(), _sessionToken.Reveal()];

    /// <inheritdoc/>
    public override void Sign(WireRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var url = request.Url ?? throw new InvalidOperationException("The request has no address yet: the protocol sets it before the credential signs.");
        string timestamp = _time.GetUtcNow().UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        request.SetHeader("X-Amz-Date", timestamp);
        if (_sessionToken is not null)
            request.SetHeader("X-Amz-Security-Token", _sessionToken.Reveal());

        // The host and what begins with x-amz- must be signed; the type of the body is signed as well. Other headers may be changed on the way.
        var headers = new List<KeyValuePair<string, string>> { new("host", Host(url)) };
        if (request.ContentType is { } type)
            headers.Add(new("content-type", type));
        foreach (var header in request.Headers)
        {
            if (header.Key.StartsWith("x-amz-", StringComparison.OrdinalIgnoreCase))
                headers.Add(header);
        }
        // The path goes in as it stands on the wire; encoding it once more is what every service but S3 expects.
        var signing = new AwsSigning(_accessKeyId, _secret, _region, _service, timestamp);
        request.SetHeader("Authorization", signing.Authorize(request.Method, url.AbsolutePath, url.Query.TrimStart('?'), headers, request.Body.Span).Authorization);
    }

    // As the platform sends it: an IPv6 address stands in brackets, which IdnHost leaves out.
    private static string Host(Uri url)
    {
        string host = url.HostNameType == UriHostNameType.IPv6 ? $"[{url.IdnHost}]" : url.IdnHost;
        return url.IsDefaultPort ? host : $"{host}:{url.Port}";
    }

    private static string Required(Func<string, string?> read, string name) =>
        read(name)?.Trim() is { Length: > 0 } value ? value : throw new InvalidOperationException($"The environment variable {name} is not set.");

    /// <summary>The key's id and the region; never a secret.</summary>
    public override string ToString() => $"AWS Signature V4 for {_service} in {_region} [redacted]";
}
