using RawLlm.Protocols;

namespace RawLlm.Tests.Support;

/// <summary>The result of decoding a body: the reply as far as it arrived, and the error that ended it.</summary>
internal sealed record Decoded(ChatReply Reply, LlmException? Error, long Frames)
{
    public bool IsComplete => Error is null && Reply.IsComplete;

    /// <summary>Decodes a stream whose bytes arrive in pieces of one size.</summary>
    public static Decoded Stream(WireProtocol protocol, ReadOnlySpan<byte> body, int pieces = int.MaxValue, bool strict = false)
    {
        using var decoder = protocol.CreateDecoder(new DecoderOptions { Strict = strict });
        var builder = new ReplyBuilder();
        try
        {
            while (true)
            {
                while (decoder.TryRead())
                    builder.Add(decoder.Current);
                if (decoder.IsEnded)
                    break;
                if (body.IsEmpty)
                {
                    decoder.Complete();
                    continue;
                }
                var piece = body[..Math.Min(pieces, body.Length)];
                piece.CopyTo(decoder.GetSpan(piece.Length));
                decoder.Advance(piece.Length);
                body = body[piece.Length..];
            }
            return new(builder.Build() with { Quirks = decoder.Quirks }, null, decoder.FrameCount);
        }
        catch (LlmException e)
        {
            return new(builder.Build() with { Quirks = decoder.Quirks }, e, decoder.FrameCount);
        }
    }

    /// <summary>Decodes a whole answer.</summary>
    public static Decoded Whole(WireProtocol protocol, ReadOnlySpan<byte> body, bool strict = false)
    {
        using var events = new EventBuffer(new DecoderOptions { Strict = strict });
        var builder = new ReplyBuilder();
        LlmException? error = null;
        try
        {
            protocol.ReadReply(body, events);
        }
        catch (LlmException e)
        {
            error = e;
        }
        while (events.MoveNext())
            builder.Add(events.Current);
        return new(builder.Build() with { Quirks = events.Quirks }, error, 1);
    }
}
