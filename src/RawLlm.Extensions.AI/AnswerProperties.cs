using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace RawLlm.Extensions.AI;

/// <summary>Writes the parts of an answer that Microsoft.Extensions.AI has no member for as additional properties.</summary>
internal static class AnswerProperties
{
    public static AdditionalPropertiesDictionary? Of(
        string? stopReason,
        string? provider,
        string? requestId,
        Cost? cost,
        RateLimits? limits,
        IReadOnlyList<Quirk> quirks,
        IReadOnlyList<Quirk> notes
    )
    {
        var properties = new AdditionalPropertiesDictionary();
        Add(LlmAdapterKeys.StopReason, stopReason);
        Add(LlmAdapterKeys.Provider, provider);
        Add(LlmAdapterKeys.RequestId, requestId);
        Add(LlmAdapterKeys.Cost, cost?.Amount.ToString(CultureInfo.InvariantCulture));
        if (limits is not null)
            Add(LlmAdapterKeys.RateLimits, Text(limits));
        if (quirks.Count + notes.Count > 0)
            Add(LlmAdapterKeys.Quirks, string.Join("; ", [.. notes, .. quirks]));
        return properties.Count > 0 ? properties : null;

        void Add(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
                properties.Add(name, value);
        }
    }

    private static string Text(RateLimits limits)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            Write(writer, "requests", limits.Requests);
            Write(writer, "tokens", limits.Tokens);
            Write(writer, "input_tokens", limits.InputTokens);
            Write(writer, "output_tokens", limits.OutputTokens);
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter writer, string name, RateLimit? limit)
    {
        if (limit is null)
            return;
        writer.WriteStartObject(name);
        if (limit.Limit is { } maximum)
            writer.WriteNumber("limit", maximum);
        if (limit.Remaining is { } remaining)
            writer.WriteNumber("remaining", remaining);
        if (limit.ResetAfter is { } after)
            writer.WriteNumber("reset_after_seconds", after.TotalSeconds);
        if (limit.ResetAt is { } at)
            writer.WriteString("reset_at", at);
        writer.WriteEndObject();
    }
}
