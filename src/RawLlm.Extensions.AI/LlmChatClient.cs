using Microsoft.Extensions.AI;
using RawLlm.Telemetry;
using RawLlm.Protocols;

namespace RawLlm.Extensions.AI;

/// <summary>A client, or several as one, as Microsoft.Extensions.AI wants them.</summary>
internal sealed class LlmChatClient : IChatClient
{
    private readonly LlmClient? _client;
    private readonly FallbackChain? _chain;
    private readonly IReadOnlyList<LlmClient> _clients;
    private readonly LlmAdapterOptions _options;
    private readonly ChatClientMetadata _metadata;

    public LlmChatClient(LlmClient client, LlmAdapterOptions options)
        : this([client], options) => _client = client;

    public LlmChatClient(FallbackChain chain, LlmAdapterOptions options)
        : this(chain.Clients, options) => _chain = chain;

    private LlmChatClient(IReadOnlyList<LlmClient> clients, LlmAdapterOptions options)
    {
        _clients = clients;
        _options = options;
        _metadata = new ChatClientMetadata(ProviderNames.Of(clients[0].Provider), clients[0].Provider.BaseUrl, clients[0].Model);
    }

    public async Task<ChatResponse> GetResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var notes = new List<Quirk>();
        var request = RequestReader.Read(messages, options, this, _clients, _options.Json, notes);
        var createdAt = Now();
        var reply = _client is not null
            ? await _client.SendAsync(request, cancellationToken).ConfigureAwait(false)
            : await _chain!.SendAsync(request, cancellationToken).ConfigureAwait(false);
        var contents = new List<AIContent>(reply.Message.Parts.Count);
        foreach (var part in reply.Message.Parts)
            contents.Add(AnswerContents.Write(part));
        AnswerCitations.Annotate(contents, reply.Citations);
        return new ChatResponse(new ChatMessage(ChatRole.Assistant, contents)
        {
            MessageId = reply.Id,
            CreatedAt = createdAt,
            RawRepresentation = reply.Message,
        })
        {
            ResponseId = reply.Id,
            ModelId = reply.Model,
            CreatedAt = createdAt,
            FinishReason = FinishReasons.Read(reply.StopReason, reply.RawStopReason),
            Usage = UsageNumbers.Read(reply.Usage, Convention(reply.Provider)),
            AdditionalProperties = AnswerProperties.Of(reply.RawStopReason, reply.Provider, reply.RequestId, reply.Cost, reply.RateLimits, reply.Quirks, notes),
            RawRepresentation = reply,
        };
    }

    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(messages);
        return new TokenSequence<ChatResponseUpdate>(cancellationToken, token => StreamAsync(messages, options, token));
    }

    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(ChatClientMetadata) ? _metadata
            : serviceType == typeof(LlmClient) ? _client
            : serviceType == typeof(FallbackChain) ? _chain
            : serviceType.IsInstanceOfType(this) ? this
            : null;
    }

    public void Dispose()
    {
        if (!_options.DisposesClients)
            return;
        foreach (var client in _clients)
            client.Dispose();
    }

    private async IAsyncEnumerator<ChatResponseUpdate> StreamAsync(IEnumerable<ChatMessage> messages, ChatOptions? options, CancellationToken cancellationToken)
    {
        var notes = new List<Quirk>();
        var request = RequestReader.Read(messages, options, this, _clients, _options.Json, notes);
        var updates = new AnswerUpdates(Now(), notes);
        var ready = new List<ChatResponseUpdate>();
        var stream = _client is not null
            ? await _client.StreamAsync(request, cancellationToken).ConfigureAwait(false)
            : await _chain!.StreamAsync(request, cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            while (await stream.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                updates.Add(stream.Current, stream, Convention(stream.Provider), ready);
                foreach (var update in ready)
                    yield return update;
                ready.Clear();
            }
        }
    }

    private DateTimeOffset Now() => _clients[0].Options.Time.GetUtcNow();

    private UsageConvention Convention(string? provider) => Convention(_clients, provider);

    /// <summary>What the one of several that answered counts as input and output.</summary>
    internal static UsageConvention Convention(IReadOnlyList<LlmClient> clients, string? provider)
    {
        for (int i = 1; i < clients.Count; i++)
        {
            if (clients[i].Provider.Name == provider)
                return clients[i].Provider.Protocol.UsageConvention;
        }
        return clients[0].Provider.Protocol.UsageConvention;
    }
}
