using System.Net.Http.Headers;

namespace RawLlm.Native;

/// <summary>The floor: sends the same request with the platform's client and writes the response without decoding it.</summary>
internal static class HttpClientProgram
{
    private static async Task Main(string[] arguments)
    {
        using var output = Console.OpenStandardOutput();
        using var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
        };
        using var client = new HttpClient(handler);
        using var request = new HttpRequestMessage(HttpMethod.Post, arguments[0] + "chat/completions");
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer k");
        request.Content = new ByteArrayContent(
            """{"model":"m","messages":[{"role":"user","content":"Why is the sky blue?"}],"stream":true}"""u8.ToArray()
        );
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var body = await response.Content.ReadAsStreamAsync();
        byte[] buffer = new byte[4096];
        for (int count; (count = await body.ReadAsync(buffer)) > 0; )
            output.Write(buffer.AsSpan(0, count));
    }
}
