using System.Diagnostics;
using System.Globalization;
using RawLlm.Protocols;

namespace RawLlm;

/// <summary>AWS Signature Version 4: every request is signed with a secret that is never sent itself.</summary>
/// <remarks>Source: docs.aws.amazon.com, "AWS Signature Version 4 for API requests". Thread-safe.</remarks>
public sealed class AwsSignature : Credential
{
    private readonly string _accessKeyId;
    private readonly ApiKey _secret;
    private readonly ApiKey? _sessionToken;
    private readonly string _region;
    private readonly string _service;
    private readonly TimeProvider _time;

    /// <summary>Creates a signature from long-lived keys, or from temporary keys with their session token.</summary>
    /// <param name="accessKeyId">The ID of the access key, which is sent.</param>
    /// <param name="secretAccessKey">The secret access key, which is not sent.</param>
    /// <param name="region">The region of the service, such as <c>eu-central-1</c>.</param>
    /// <param name="sessionToken">The session token of temporary keys; null for long-lived keys.</param>
    /// <param name="service">The service's name in the signature.</param>
    /// <param name="time">The clock; AWS refuses requests whose time is off by more than five minutes.</param>
    /// <exception cref="ArgumentException">A value is empty or contains a character that is not allowed; the message does not show
    /// secrets.</exception>
    public AwsSignature(
        string accessKeyId,
        string secretAccessKey,
        string region,
        string? sessionToken = null,
        string service = "bedrock",
        TimeProvider? time = null
    )
    {
        _accessKeyId = AwsName.Check(accessKeyId, nameof(accessKeyId));
        _secret = ApiKey.From(secretAccessKey);
        _region = AwsRegion.Check(region, nameof(region));
        _sessionToken = sessionToken is null ? null : ApiKey.From(sessionToken);
        _service = AwsName.Check(service, nameof(service));
        _time = time ?? TimeProvider.System;
    }

    /// <summary>Creates a signature with the keys from <c>AWS_ACCESS_KEY_ID</c>, <c>AWS_SECRET_ACCESS_KEY</c> and, for temporary keys,
    /// <c>AWS_SESSION_TOKEN</c>.</summary>
    /// <param name="region">The region of the service; null for that of <c>AWS_REGION</c> or <c>AWS_DEFAULT_REGION</c>.</param>
    /// <exception cref="InvalidOperationException">A variable is not set; the message names it.</exception>
    /// <exception cref="ArgumentException">A value contains a character that is not allowed; the message does not show secrets.</exception>
    public static AwsSignature FromEnvironment(string? region = null) => FromEnvironment(Environment.GetEnvironmentVariable, region);

    internal static AwsSignature FromEnvironment(Func<string, string?> read, string? region)
    {
        string? session = read("AWS_SESSION_TOKEN");
        return new(
            Required(read, "AWS_ACCESS_KEY_ID"),
            Required(read, "AWS_SECRET_ACCESS_KEY"),
            region ?? AwsRegion.Required(read),
            string.IsNullOrWhiteSpace(session) ? null : session
        );
    }

    internal override string? Region => _region;

    [DebuggerBrowsable(DebuggerBrowsableState.Never)]
    internal override IEnumerable<string> Secrets =>
        _sessionToken is null ? [_secret.Reveal()] : [_secret.Reveal(), _sessionToken.Reveal()];

    /// <inheritdoc/>
    public override void Sign(WireRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var url =
            request.Url
            ?? throw new InvalidOperationException("The request has no URL yet: the protocol must set it before the credential signs.");
        string timestamp = _time.GetUtcNow().UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        request.SetHeader("X-Amz-Date", timestamp);
        if (_sessionToken is not null)
            request.SetHeader("X-Amz-Security-Token", _sessionToken.Reveal());

        // AWS requires the host and all x-amz- headers to be signed; the content type is signed too. Proxies may change other headers.
        var headers = new List<KeyValuePair<string, string>> { new("host", Host(url)) };
        if (request.ContentType is { } type)
            headers.Add(new("content-type", type));
        foreach (var header in request.Headers)
        {
            if (header.Key.StartsWith("x-amz-", StringComparison.OrdinalIgnoreCase))
                headers.Add(header);
        }
        // The path is passed as it is on the wire; every service except S3 expects it to be encoded once more.
        var signing = new AwsSigning(_accessKeyId, _secret, _region, _service, timestamp);
        request.SetHeader(
            "Authorization",
            signing.Authorize(request.Method, url.AbsolutePath, url.Query.TrimStart('?'), headers, request.Body.Span).Authorization
        );
    }

    // As .NET sends it: with brackets around an IPv6 address, which IdnHost omits.
    private static string Host(Uri url)
    {
        string host = url.HostNameType == UriHostNameType.IPv6 ? $"[{url.IdnHost}]" : url.IdnHost;
        return url.IsDefaultPort ? host : $"{host}:{url.Port}";
    }

    private static string Required(Func<string, string?> read, string name) =>
        read(name)?.Trim() is { Length: > 0 } value
            ? value
            : throw new InvalidOperationException(
                $"The environment variable {name} is not set: set it, or pass the keys to the constructor of AwsSignature."
            );

    /// <summary>Returns the service and the region; never a secret.</summary>
    public override string ToString() => $"AWS Signature V4 for {_service} in {_region} [redacted]";
}
