using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>The data that must go back unchanged with the reasoning of an answer, in the forms that services use.</summary>
internal sealed class ReasoningData : IDisposable
{
    private RetainedBytes _retained;
    private ReasoningDetails? _details;
    private ReasoningDetails? _blocks;
    private ReasoningDetails? _summary;
    private ReasoningDetails? _contentBlocks;
    private int _contentBlock;
    private bool _isContentSigned;

    // Between the quotes.
    private PooledBytes _opaque;
    private PooledBytes _signature;
    private SignatureMember _signatureMember;

    /// <summary>Reads OpenRouter's form.</summary>
    /// <param name="json">The list.</param>
    /// <param name="choice">Receives the text in the list.</param>
    /// <param name="givesText">False if the text also arrived outside of the list.</param>
    /// <param name="events">Receives the events.</param>
    /// <returns>True if the list was one piece of text, which another piece in the same form may follow.</returns>
    /// <exception cref="LlmException">The bytes to keep exceed <see cref="LlmLimits.ReplyBytes"/>.</exception>
    public bool ReadDetails(ReadOnlySpan<byte> json, ChoiceState choice, bool givesText, EventBuffer events) =>
        Read(json, ref _details, choice, givesText, events);

    /// <summary>Reads LiteLLM's form (2025), Anthropic's blocks with their signatures, like <see cref="ReadDetails"/>.</summary>
    public bool ReadBlocks(ReadOnlySpan<byte> json, ChoiceState choice, bool givesText, EventBuffer events) =>
        Read(json, ref _blocks, choice, givesText, events);

    /// <summary>Reads the texts of a reasoning part of Databricks (2025), with their signatures, like <see cref="ReadDetails"/>.</summary>
    public bool ReadSummary(ReadOnlySpan<byte> json, ChoiceState choice, EventBuffer events) =>
        Read(json, ref _summary, choice, givesText: true, events);

    /// <summary>Reads one of Anthropic's blocks, or a piece of one, as Portkey passes it on (<see cref="ContentBlockReader"/>).</summary>
    /// <param name="thinking">The text with its quotes; empty if there is none.</param>
    /// <param name="signature">The signature, in the same form.</param>
    /// <param name="data">The encrypted data, in the same form.</param>
    /// <param name="index">The index of the block that this is a piece of; -1 for a whole block.</param>
    /// <param name="choice">Receives the text.</param>
    /// <param name="givesText">False if the text also arrived outside of the block.</param>
    /// <param name="events">Receives the events.</param>
    /// <exception cref="LlmException">The bytes to keep exceed <see cref="LlmLimits.ReplyBytes"/>.</exception>
    public void ReadContentBlock(
        ReadOnlySpan<byte> thinking,
        ReadOnlySpan<byte> signature,
        ReadOnlySpan<byte> data,
        int index,
        ChoiceState choice,
        bool givesText,
        EventBuffer events
    )
    {
        var block = new PooledBytes();
        block.Append(data.Length > 2 ? "{\"type\":\"redacted_thinking\",\"data\":"u8 : "{\"type\":\"thinking\",\"thinking\":"u8);
        block.Append(
            data.Length > 2 ? data
            : thinking.IsEmpty ? "\"\""u8
            : thinking
        );
        if (signature.Length > 2)
        {
            block.Append(",\"signature\":"u8);
            block.Append(signature);
        }
        block.Append("}"u8);
        _retained.Add(block.Length, events);
        bool isOther = _contentBlocks is null || index < 0 || index != _contentBlock;
        _contentBlocks ??= new ReasoningDetails(this);
        _contentBlock = index;
        _isContentSigned |= signature.Length > 2 || data.Length > 2;
        var reader = WireJson.Reader(block.Span, events.Options);
        reader.Read();
        var text = _contentBlocks.Add(ref reader, block.Span, out _, isOther);
        if (givesText)
            choice.EmitReasoningIfNone(text, events);
        block.Return();
    }

    /// <summary>Adds a piece of Copilot's encrypted reasoning (2026).</summary>
    /// <exception cref="LlmException">The bytes to keep exceed <see cref="LlmLimits.ReplyBytes"/>.</exception>
    public void AddOpaque(JsonText piece, EventBuffer events)
    {
        _retained.Add(piece.Raw.Length, events);
        _opaque.Append(piece.Raw);
    }

    /// <summary>Takes the signature of the reasoning; the last one counts.</summary>
    /// <param name="signature">The signature.</param>
    /// <param name="member">The member that contains it.</param>
    /// <param name="events">Provides the limits.</param>
    /// <exception cref="LlmException">The bytes to keep exceed <see cref="LlmLimits.ReplyBytes"/>.</exception>
    public void Sign(JsonText signature, SignatureMember member, EventBuffer events)
    {
        _signatureMember = member;
        _retained.Add(signature.Raw.Length, events);
        _signature.Clear();
        _signature.Append(signature.Raw);
    }

    /// <summary>Whether this many more bytes may be kept.</summary>
    public bool CanRetain(int length, EventBuffer events) => _retained.CanAdd(length, events);

    /// <summary>Counts bytes to keep.</summary>
    /// <exception cref="LlmException">The bytes to keep exceed <see cref="LlmLimits.ReplyBytes"/>.</exception>
    public void Retain(int length, EventBuffer events) => _retained.Add(length, events);

    /// <summary>Returns all of the data as one object; empty if there is none.</summary>
    public PooledBytes ToJson()
    {
        var json = new PooledBytes();
        // Without a signature, the service does not want any of it back.
        if (_summary is { IsSigned: true })
        {
            json.Append("{\"content\":[{\"type\":\"reasoning\""u8);
            _summary.Write("summary"u8, ref json);
            json.Append("}]"u8);
        }
        else if (_contentBlocks is not null && _isContentSigned)
        {
            _contentBlocks.Write("content"u8, ref json);
        }
        _details?.Write("reasoning_details"u8, ref json);
        _blocks?.Write("thinking_blocks"u8, ref json);
        if (_opaque.Length > 0)
        {
            json.Append(json.Length == 0 ? "{\"reasoning_opaque\":\""u8 : ",\"reasoning_opaque\":\""u8);
            json.Append(_opaque.Span);
            json.Append("\""u8);
        }
        if (_signature.Length > 0)
        {
            json.Append(json.Length == 0 ? "{"u8 : ","u8);
            json.Append(
                _signatureMember switch
                {
                    SignatureMember.Thought => "\"thought_signature\":\""u8,
                    SignatureMember.Reasoning => "\"reasoning_signature\":\""u8,
                    _ => "\"extra_content\":{\"google\":{\"thought_signature\":\""u8,
                }
            );
            json.Append(_signature.Span);
            json.Append(_signatureMember == SignatureMember.Google ? "\"}}"u8 : "\""u8);
        }
        if (json.Length > 0)
            json.Append("}"u8);
        return json;
    }

    public void Dispose()
    {
        _details?.Dispose();
        _blocks?.Dispose();
        _summary?.Dispose();
        _contentBlocks?.Dispose();
        _opaque.Return();
        _signature.Return();
    }

    private bool Read(ReadOnlySpan<byte> json, ref ReasoningDetails? entries, ChoiceState choice, bool givesText, EventBuffer events)
    {
        int count = 0;
        bool isRepeatable = true;
        _retained.Add(json.Length, events);
        var reader = WireJson.Reader(json, events.Options);
        reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            count++;
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                reader.Skip();
                isRepeatable = false;
                continue;
            }
            entries ??= new ReasoningDetails(this);
            var text = entries.Add(ref reader, json, out bool isAlike);
            isRepeatable &= isAlike;
            if (givesText)
                choice.EmitReasoningIfNone(text, events);
            if (isAlike)
                events.Trace?.RecordCopy(entries.Last!, text.Raw, json.Length - text.Raw.Length);
        }
        return isRepeatable && count == 1;
    }
}
