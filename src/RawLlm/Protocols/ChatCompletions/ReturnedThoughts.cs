namespace RawLlm.Protocols;

/// <summary>What must go back unchanged with the thoughts of an answer, in whichever forms services say it.</summary>
internal sealed class ReturnedThoughts : IDisposable
{
    private RetainedBytes _retained;

    /// <summary>OpenRouter's form.</summary>
    public ReasoningDetails? Details;

    /// <summary>LiteLLM's form (2025): Anthropic's blocks, with their signatures.</summary>
    public ReasoningDetails? Blocks;

    /// <summary>Copilot's encrypted thoughts (2026), between their quotes.</summary>
    public PooledBytes Opaque;

    /// <summary>Says that more is kept.</summary>
    /// <exception cref="LlmException">That is more than <see cref="LlmLimits.ReplyBytes"/> allows.</exception>
    public void Retain(int bytes, EventBuffer events) => _retained.Add(bytes, events);

    /// <summary>All there is as one object; nothing where there is none.</summary>
    public PooledBytes ToJson()
    {
        var json = new PooledBytes();
        Details?.Write("reasoning_details"u8, ref json);
        Blocks?.Write("thinking_blocks"u8, ref json);
        if (Opaque.Length > 0)
        {
            json.Append(json.Length == 0 ? "{\"reasoning_opaque\":\""u8 : ",\"reasoning_opaque\":\""u8);
            json.Append(Opaque.Span);
            json.Append("\""u8);
        }
        if (json.Length > 0)
            json.Append("}"u8);
        return json;
    }

    public void Dispose()
    {
        Details?.Dispose();
        Blocks?.Dispose();
        Opaque.Return();
    }
}
