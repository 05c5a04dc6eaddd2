using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>Decodes what a model answers to InvokeModel, in the format of its maker, whatever carries it.</summary>
internal abstract class InvokedModel : IDisposable
{
    /// <summary>What the answer is known to have used so far.</summary>
    public abstract Usage? Usage { get; }

    /// <summary>True once the answer is known to be whole, so that only counts could still come.</summary>
    public virtual bool IsStopped => false;

    /// <summary>True once the model has said why its answer ended, whatever may still be missing of it.</summary>
    public virtual bool HasStopWord => IsStopped;

    /// <summary>True where events tell of their piece what <see cref="FramePredictor"/> has to know.</summary>
    public virtual bool IsPredictable => true;

    /// <summary>Decodes one event of a stream.</summary>
    /// <param name="data">Its JSON; empty where it held nothing but what the service adds.</param>
    /// <param name="report">What the service adds.</param>
    /// <param name="events">Takes the events.</param>
    /// <returns>False when the answer has ended.</returns>
    public abstract bool Decode(ReadOnlySpan<byte> data, in InvocationReport report, EventBuffer events);

    /// <inheritdoc cref="EventDecoder.Complete"/>
    public abstract void Complete(bool isCut, EventBuffer events);

    /// <inheritdoc cref="EventDecoder.GiveUp"/>
    public virtual void GiveUp(EventBuffer events)
    {
    }

    /// <summary>Reads a whole answer.</summary>
    public abstract void ReadReply(ReadOnlySpan<byte> body, in InvocationReport report, EventBuffer events);

    /// <summary>Gives back pooled buffers.</summary>
    public abstract void Dispose();

    /// <summary>The decoder for a format, which the first event tells and nothing else: a model's id may be that of a profile, or a made-up one.</summary>
    /// <returns>Null where the format is none that is known.</returns>
    public static InvokedModel? Of(ReadOnlySpan<byte> data, DecoderOptions options)
    {
        var reader = WireJson.Reader(data, options);
        // What is no object is left to the wire that most of these models speak.
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
                return reader.TokenType == JsonTokenType.String && WireJson.Is(ref reader, "completion"u8) ? new InvokedText() : new InvokedMessages();
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
        // A message alone is what errors say.
        return hasMessage && hasReason ? new InvokedText() : null;
    }

    /// <summary>The error for a format that is not known.</summary>
    public static LlmException Foreign(ReadOnlySpan<byte> data, bool inStream, EventBuffer events) => ErrorReader.IsError(data)
        ? ErrorReader.ReadInBody(data, inStream, limits: events.Options.Limits)
        : AnswerErrors.Malformed($"The answer is in none of the formats of InvokeModel that are known here. {nameof(ConverseProtocol)} reads the models of all makers.");
}
