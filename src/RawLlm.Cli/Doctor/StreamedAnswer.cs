using System.Diagnostics;
using System.Text.Json;
using RawLlm.Protocols;

namespace RawLlm.Cli.Doctor;

/// <summary>A streamed answer with what only the stream shows: when its pieces arrived, and the names of its reasoning fields.</summary>
internal sealed record StreamedAnswer(ChatReply Reply, IReadOnlyList<TimeSpan> Times, IReadOnlyCollection<string> ReasoningFields)
{
    private static readonly string[] Fields =
    [
        "reasoning_content",
        "reasoning",
        "reasoning_text",
        "reasoning_details",
        "thinking",
        "thought",
        "reasoningContent",
    ];

    public static async Task<StreamedAnswer> ReadAsync(LlmClient client, ChatRequest request, CancellationToken cancellationToken)
    {
        var times = new List<TimeSpan>();
        var fields = new SortedSet<string>(StringComparer.Ordinal);
        var builder = new ReplyBuilder();
        long start = Stopwatch.GetTimestamp();
        var stream = await client.StreamAsync(request, cancellationToken).ConfigureAwait(false);
        await using var closing = stream.ConfigureAwait(false);
        while (await stream.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            var current = stream.Current;
            builder.Add(current);
            if (current.Kind is StreamEventKind.Text or StreamEventKind.Reasoning or StreamEventKind.ToolArguments)
                times.Add(Stopwatch.GetElapsedTime(start));
            if (current.Kind == StreamEventKind.Reasoning)
                AddFields(current.Frame, fields);
        }
        var reply = builder.Build(stream);
        return new StreamedAnswer(reply, times, fields);
    }

    private static void AddFields(ReadOnlySpan<byte> frame, SortedSet<string> fields)
    {
        var reader = new Utf8JsonReader(frame);
        try
        {
            while (reader.Read())
            {
                foreach (string field in Fields)
                {
                    if (reader.TokenType == JsonTokenType.PropertyName && reader.ValueTextEquals(field))
                        fields.Add(field);
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The decoder tolerated this frame; the list of fields just goes without it.
        }
    }
}
