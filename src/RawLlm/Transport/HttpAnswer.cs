using System.Net.Http.Headers;

namespace RawLlm.Transport;

/// <summary>The head of a response and its body, not yet read. Disposing it ends the connection's use at once.</summary>
internal sealed class HttpAnswer(HttpResponseMessage response, Stream body, Watchdog watchdog, CancellationToken cancellationToken) : IDisposable
{
    public int Status => (int)response.StatusCode;

    public Stream Body => body;

    public Watchdog Watchdog => watchdog;

    /// <summary>How many bytes of the body were read.</summary>
    public long BytesRead { get; set; }

    /// <summary>The caller's own token, by which its cancelling is told from a limit's.</summary>
    public CancellationToken CancellationToken => cancellationToken;

    /// <summary>The media type without its parameters, in lower case; null when the server named none.</summary>
    public string? MediaType => response.Content.Headers.ContentType?.MediaType?.ToLowerInvariant();

    /// <summary>All headers, as the server spelt them, read without the platform's own parsing. Read anew each time: a stream that waits keeps no copy.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers => Read();

    public void Dispose()
    {
        body.Dispose();
        response.Dispose();
        watchdog.Dispose();
    }

    private List<KeyValuePair<string, string>> Read()
    {
        var headers = new List<KeyValuePair<string, string>>();
        Add(response.Headers.NonValidated, headers);
        Add(response.Content.Headers.NonValidated, headers);
        return headers;
    }

    private static void Add(HttpHeadersNonValidated from, List<KeyValuePair<string, string>> to)
    {
        foreach (var (name, values) in from)
        {
            foreach (string value in values)
            {
                // The platform lets them through; nothing that is shown or logged may hold them.
                if (!value.AsSpan().ContainsAny('\r', '\n', '\0'))
                    to.Add(new(name, value));
            }
        }
    }
}
