using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>Decodes the answers of a model to InvokeModel, in the format of its vendor, streamed or whole.</summary>
internal abstract class InvokedModel : IDisposable
{
    /// <summary>The usage of the answer as far as it is known.</summary>
    public abstract Usage? Usage { get; }

    /// <summary>Whether the answer is known to be complete, so that only counts may follow.</summary>
    public virtual bool IsStopped => false;

    /// <summary>Whether the stop reason has arrived, even if other parts of the answer may still follow.</summary>
    public virtual bool HasStopWord => IsStopped;

    /// <summary>Whether events provide what <see cref="FramePredictor"/> has to know about their piece.</summary>
    public virtual bool IsPredictable => true;

    /// <summary>Decodes one event of a stream.</summary>
    /// <param name="data">The event's JSON; empty if it contained only the service's additions.</param>
    /// <param name="report">The service's additions.</param>
    /// <param name="events">Receives the events.</param>
    /// <returns>False if the answer has ended.</returns>
    public abstract bool Decode(ReadOnlySpan<byte> data, in InvocationReport report, EventBuffer events);

    /// <inheritdoc cref="EventDecoder.Complete"/>
    public abstract void Complete(bool isCut, EventBuffer events);

    /// <inheritdoc cref="EventDecoder.Abort"/>
    public virtual void Abort(EventBuffer events) { }

    /// <summary>Reads a whole answer.</summary>
    public abstract void ReadReply(ReadOnlySpan<byte> body, in InvocationReport report, EventBuffer events);

    /// <summary>Returns pooled buffers.</summary>
    public abstract void Dispose();

    /// <summary>
    /// Returns the decoder for a format. Only the first event shows the format: a model's ID may be that of a profile, or a custom name.
    /// </summary>
    /// <returns>Null if the format is unknown.</returns>
    public static InvokedModel? Of(ReadOnlySpan<byte> data, DecoderOptions options)
    {
        var reader = WireJson.Reader(data, options);
        // Anything but an object is left to the wire that most of these models use.
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return new InvokedMessages();
        bool hasMessage = false;
        bool hasReason = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = WireJson.Name(ref reader);
            if (name.SequenceEqual("type"u8))
            {
                reader.Read();
                return reader.TokenType == JsonTokenType.String && WireJson.Is(ref reader, "completion"u8)
                    ? new InvokedText()
                    : new InvokedMessages();
            }
            if (name.SequenceEqual("choices"u8))
                return new InvokedChat();
            if (name.SequenceEqual("output"u8) || ConverseDecoder.IsEvent(name))
                return new InvokedNova();
            if (InvokedText.IsMember(name))
                return new InvokedText();
            bool isMessage = name.SequenceEqual("message"u8);
            bool isReason = name.SequenceEqual("finishReason"u8);
            reader.Read();
            hasMessage |= isMessage && reader.TokenType == JsonTokenType.String;
            hasReason |= isReason && reader.TokenType is JsonTokenType.String or JsonTokenType.Null;
            reader.Skip();
        }
        // Errors also consist of a message, but without a reason.
        return hasMessage && hasReason ? new InvokedText() : null;
    }

    /// <summary>Returns the error for an unknown format.</summary>
    public static LlmException Foreign(ReadOnlySpan<byte> data, bool inStream, EventBuffer events) =>
        ErrorReader.IsError(data)
            ? ErrorReader.ReadInBody(data, inStream, limits: events.Options.Limits)
            : AnswerErrors.Malformed(
                $"The format of the answer is unknown. Use {nameof(ConverseProtocol)}, which reads the answers of all vendors' models."
            );
}
