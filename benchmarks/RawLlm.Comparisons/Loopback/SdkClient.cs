using System.ClientModel;
using System.ClientModel.Primitives;
using OpenAI;
using OpenAI.Chat;

namespace RawLlm.Comparisons.Loopback;

/// <summary>The OpenAI package.</summary>
internal sealed class SdkClient(string server, bool isHttp2) : LoopbackClient(LoopbackClients.Sdk)
{
    private readonly HttpClient _http = new(LoopbackClients.CreateHandler(isHttp2));
    private readonly Dictionary<string, ChatClient> _clients = [];

    public override async Task ReadAsync(string path, TextSink sink)
    {
        ChatClient? client;
        lock (_clients)
        {
            if (!_clients.TryGetValue(path, out client))
            {
                _clients[path] = client = new ChatClient(
                    "m",
                    new ApiKeyCredential("k"),
                    new OpenAIClientOptions { Endpoint = new($"{server}{path}/v1"), Transport = new HttpClientPipelineTransport(_http) }
                );
            }
        }
        await foreach (var update in client.CompleteChatStreamingAsync([new UserChatMessage("hi")]).ConfigureAwait(false))
        {
            foreach (var part in update.ContentUpdate)
            {
                if (part.Text.Length > 0)
                    sink.Text(part.Text);
            }
        }
    }

    public override void Dispose() => _http.Dispose();
}
