using Microsoft.Extensions.AI;
using RawLlm.Telemetry;

namespace RawLlm.Extensions.AI;

/// <summary>A client or a fallback chain as an <see cref="IChatClient"/>.</summary>
internal sealed class LlmChatClient(AdaptedClients clients) : IChatClient
{
    private readonly ChatClientMetadata _metadata = new(
        ProviderNames.Of(clients.First.Provider),
        clients.First.Provider.BaseUrl,
        clients.First.Model
    );

    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(messages);
        var notes = new List<Quirk>();
        var request = RequestReader.Read(messages, options, this, clients.All, clients.Options.Json, notes);
        var createdAt = clients.Now();
        var reply = await clients.SendAsync(request, cancellationToken).ConfigureAwait(false);
        var contents = new List<AIContent>(reply.Message.Parts.Count);
        foreach (var part in reply.Message.Parts)
            contents.Add(AnswerContents.Write(part));
        AnswerCitations.Annotate(contents, reply.Citations);
        return new ChatResponse(
            new ChatMessage(ChatRole.Assistant, contents)
            {
                MessageId = reply.Id,
                CreatedAt = createdAt,
                RawRepresentation = reply.Message,
            }
        )
        {
            ResponseId = reply.Id,
            ModelId = reply.Model ?? reply.RequestedModel,
            CreatedAt = createdAt,
            FinishReason = FinishReasons.Read(reply.StopReason, reply.RawStopReason),
            Usage = UsageNumbers.Read(reply.Usage, clients.Convention(reply.Provider)),
            AdditionalProperties = AnswerProperties.Of(
                reply.RawStopReason,
                reply.Provider,
                reply.RequestId,
                reply.Cost,
                reply.RateLimits,
                reply.Quirks,
                notes
            ),
            RawRepresentation = reply,
        };
    }

    public IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options = null,
        CancellationToken cancellationToken = default
    )
    {
        ArgumentNullException.ThrowIfNull(messages);
        return new TokenSequence<ChatResponseUpdate>(cancellationToken, token => StreamAsync(messages, options, token));
    }

    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        return serviceKey is not null ? null
            : serviceType == typeof(ChatClientMetadata) ? _metadata
            : serviceType.IsInstanceOfType(this) ? this
            : clients.Find(serviceType);
    }

    public void Dispose() => clients.Dispose();

    private async IAsyncEnumerator<ChatResponseUpdate> StreamAsync(
        IEnumerable<ChatMessage> messages,
        ChatOptions? options,
        CancellationToken cancellationToken
    )
    {
        var notes = new List<Quirk>();
        var request = RequestReader.Read(messages, options, this, clients.All, clients.Options.Json, notes);
        var updates = new AnswerUpdates(clients.Now(), notes);
        var stream = await clients.StreamAsync(request, cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            while (await stream.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                updates.Add(stream.Current, stream, clients.Convention(stream.Provider));
                foreach (var update in updates.Ready)
                    yield return update;
                updates.Ready.Clear();
            }
        }
    }
}
