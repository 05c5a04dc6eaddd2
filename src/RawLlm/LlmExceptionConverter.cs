using System.Text.Json;
using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>
/// Writes what an <see cref="LlmException"/> reports as JSON, for stored answers that
/// contain one (<see cref="StreamSwitch.Failure"/>), and reads it again. Thread-safe.
/// </summary>
/// <remarks>Kinds, message, phase, status, whose credential it was, names, IDs and the wait are kept; bodies, answers, runs, attempts, the
/// stack trace and inner exceptions are not.</remarks>
public sealed class LlmExceptionConverter : JsonConverter<LlmException>
{
    /// <inheritdoc/>
    public override LlmException Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        LlmErrorKind? kind = null;
        LlmErrorKind? cause = null;
        LlmPhase phase = default;
        string? message = null;
        string? provider = null;
        string? model = null;
        string? code = null;
        string? requestId = null;
        int? status = null;
        long? wait = null;
        bool isRetryable = false;
        bool isCommitted = false;
        bool isOwn = false;
        StoredJson.Expect(ref reader, JsonTokenType.StartObject, "An error");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("kind"u8))
                kind = ReadKind(ref reader);
            else if (reader.ValueTextEquals("cause_kind"u8))
                cause = ReadKind(ref reader);
            else if (reader.ValueTextEquals("phase"u8))
            {
                phase =
                    Enum.TryParse(StoredJson.Text(ref reader, "phase"), out LlmPhase read) && Enum.IsDefined(read)
                        ? read
                        : throw new JsonException("The phase of an error is not known.");
            }
            else if (reader.ValueTextEquals("message"u8))
                message = StoredJson.Text(ref reader, "message");
            else if (reader.ValueTextEquals("provider"u8))
                provider = StoredJson.Text(ref reader, "provider");
            else if (reader.ValueTextEquals("model"u8))
                model = StoredJson.Text(ref reader, "model");
            else if (reader.ValueTextEquals("provider_code"u8))
                code = StoredJson.Text(ref reader, "provider_code");
            else if (reader.ValueTextEquals("request_id"u8))
                requestId = StoredJson.Text(ref reader, "request_id");
            else if (reader.ValueTextEquals("status"u8))
                status = ReadStatus(ref reader);
            else if (reader.ValueTextEquals("retry_after_ticks"u8))
                wait = ReadNumber(ref reader);
            else if (reader.ValueTextEquals("is_retryable"u8))
                isRetryable = StoredJson.Flag(ref reader);
            else if (reader.ValueTextEquals("output_committed"u8))
                isCommitted = StoredJson.Flag(ref reader);
            else if (reader.ValueTextEquals("used_request_credential"u8))
                isOwn = StoredJson.Flag(ref reader);
            else
                StoredJson.Skip(ref reader);
        }
        return new LlmException(kind ?? throw new JsonException("An error has no kind."), StoredJson.Needed(message, "message"))
        {
            CauseKind = cause,
            Phase = phase,
            IsRetryable = isRetryable,
            OutputCommitted = isCommitted,
            Status = status,
            UsedRequestCredential = isOwn,
            Provider = provider,
            Model = model,
            ProviderCode = code,
            RequestId = requestId,
            RetryAfter = wait is { } ticks ? TimeSpan.FromTicks(ticks) : null,
        };
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, LlmException value, JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(value);
        writer.WriteStartObject();
        writer.WriteString("kind"u8, value.Kind.ToString());
        writer.WriteString("message"u8, value.Message);
        writer.WriteString("phase"u8, value.Phase.ToString());
        if (value.CauseKind is { } cause)
            writer.WriteString("cause_kind"u8, cause.ToString());
        if (value.IsRetryable)
            writer.WriteBoolean("is_retryable"u8, true);
        if (value.OutputCommitted)
            writer.WriteBoolean("output_committed"u8, true);
        if (value.UsedRequestCredential)
            writer.WriteBoolean("used_request_credential"u8, true);
        if (value.Status is { } status)
            writer.WriteNumber("status"u8, status);
        if (value.RetryAfter is { } wait)
            writer.WriteNumber("retry_after_ticks"u8, wait.Ticks);
        StoredJson.WriteIfAny(writer, "provider"u8, value.Provider);
        StoredJson.WriteIfAny(writer, "model"u8, value.Model);
        StoredJson.WriteIfAny(writer, "provider_code"u8, value.ProviderCode);
        StoredJson.WriteIfAny(writer, "request_id"u8, value.RequestId);
        writer.WriteEndObject();
    }

    private static LlmErrorKind ReadKind(ref Utf8JsonReader reader) =>
        Enum.TryParse(StoredJson.Text(ref reader, "kind"), out LlmErrorKind kind) && Enum.IsDefined(kind)
            ? kind
            : throw new JsonException("The kind of an error is not known.");

    private static int ReadStatus(ref Utf8JsonReader reader)
    {
        long number = ReadNumber(ref reader);
        return number is >= int.MinValue and <= int.MaxValue
            ? (int)number
            : throw new JsonException("The status of an error is out of range.");
    }

    private static long ReadNumber(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out long number)
            ? number
            : throw new JsonException("A number of an error is not a whole number.");
    }
}
