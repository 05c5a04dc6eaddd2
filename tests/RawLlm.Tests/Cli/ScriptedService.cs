using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;

namespace RawLlm.Tests.Cli;

/// <summary>A chat completions server on loopback that answers any number of requests by a rule.</summary>
internal sealed class ScriptedService : IAsyncDisposable
{
    private readonly HttpListener _listener;
    private readonly Func<string, JsonNode?, Answer> _rule;
    private readonly Task _serving;

    /// <param name="rule">Returns the answer for a path and a body.</param>
    public ScriptedService(Func<string, JsonNode?, Answer> rule)
    {
        _rule = rule;
        (_listener, Url) = Listen();
        _serving = ServeAsync();
    }

    public string Url { get; }

    /// <summary>The URL without a path.</summary>
    public string Root => new Uri(Url).GetLeftPart(UriPartial.Authority);

    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await _serving;
    }

    private async Task ServeAsync()
    {
        var requests = new List<Task>();
        try
        {
            while (true)
                requests.Add(ServeAsync(await _listener.GetContextAsync()));
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
            // The test is over.
        }
        await Task.WhenAll(requests);
    }

    // Concurrently, so that a client that disconnects or does not finish its request does not block others.
    private async Task ServeAsync(HttpListenerContext context)
    {
        try
        {
            using var reader = new StreamReader(context.Request.InputStream);
            string body = await reader.ReadToEndAsync();
            Answer answer;
            lock (_rule)
                answer = _rule(context.Request.Url!.AbsolutePath, body.Length == 0 ? null : JsonNode.Parse(body));
            context.Response.StatusCode = answer.Status;
            context.Response.ContentType = answer.MediaType;
            foreach (var (name, value) in answer.Headers)
                context.Response.AddHeader(name, value);
            await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(answer.Body));
            context.Response.Close();
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException or IOException or InvalidOperationException)
        {
            context.Response.Abort();
        }
    }

    // Another process may have taken the port in the meantime.
    private static (HttpListener Listener, string Url) Listen()
    {
        for (int i = 0; ; i++)
        {
            string url = $"http://127.0.0.1:{FreePort()}/";
            var listener = new HttpListener { Prefixes = { url } };
            try
            {
                listener.Start();
                return (listener, url + "v1/");
            }
            catch (HttpListenerException) when (i < 10)
            {
                listener.Close();
            }
        }
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    /// <summary>The answer to send.</summary>
    public sealed record Answer(int Status, string MediaType, string Body)
    {
        public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

        public static Answer Json(string body, int status = 200) => new(status, "application/json", body);

        public static Answer Sse(params string[] data) =>
            new(200, "text/event-stream", string.Concat(data.Append("[DONE]").Select(line => $"data: {line}\n\n")));
    }
}
