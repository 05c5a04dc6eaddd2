using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>The members of one message or delta, as on the wire; absent ones are empty.</summary>
/// <remarks>The members may arrive in any order; they are emitted in the order reasoning, text, tool calls.</remarks>
internal ref struct MessageParts
{
    private JsonText _content;
    private JsonText _reasoning;
    private JsonText _refusal;
    private JsonText _opaque;
    private JsonText _signature;

    // Values other than text are read once the order is known. Until then they are kept as JSON, because a copy of a reader is larger.
    private ReadOnlySpan<byte> _contentParts;
    private ReadOnlySpan<byte> _details;
    private ReadOnlySpan<byte> _thinkingBlocks;
    private ReadOnlySpan<byte> _calls;
    private ReadOnlySpan<byte> _function;
    private ReadOnlySpan<byte> _annotations;
    private ReadOnlySpan<byte> _audio;
    private ReadOnlySpan<byte> _images;

    // The whole object, if it has members that few services send (MessageCitations, ContentBlockReader).
    private ReadOnlySpan<byte> _rare;

    private SignatureMember _signatureMember;
    private bool _isThought;
    private bool _isTools;
    private bool _isBare;
    private bool _hasCallId;

    /// <summary>Whether some of it goes back with the reasoning.</summary>
    public readonly bool HasReturned =>
        WireJson.HasElements(_details)
        || WireJson.HasElements(_thinkingBlocks)
        || !_opaque.IsEmpty
        || !_signature.IsEmpty
        || ContentBlockReader.IsIn(_rare);

    /// <summary>Whether it contains some of the answer's text.</summary>
    public readonly bool HasContent => !_content.IsEmpty || WireJson.HasElements(_contentParts);

    /// <summary>Whether it is the result of one of the service's own tools, which MiniMax (2025) sends within the answer.</summary>
    public readonly bool IsToolResult => _isTools && _hasCallId;

    /// <summary>Reads the object that the reader is on; discards what was read before.</summary>
    public void Read(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, ChatCompletionsProtocol dialect, EventBuffer events)
    {
        this = default;
        int start = (int)reader.TokenStartIndex;
        bool isRare = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = WireJson.Name(ref reader);
            if (name.SequenceEqual("content"u8))
            {
                reader.Read();
                if (reader.TokenType == JsonTokenType.String)
                    _content = JsonText.Read(ref reader);
                else if (reader.TokenType == JsonTokenType.StartArray)
                    _contentParts = WireJson.SkipRaw(ref reader, data);
                else if (
                    dialect.ReadsNumbersAsText && reader.TokenType is JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False
                )
                {
                    _content = ReadBare(ref reader, "choices[].delta.content", events);
                }
                else if (reader.TokenType != JsonTokenType.Null)
                    WireJson.ThrowType("choices[].delta.content", reader.TokenType);
            }
            else if (
                name.SequenceEqual("reasoning_content"u8)
                || name.SequenceEqual("reasoning"u8)
                || name.SequenceEqual("reasoning_text"u8)
            )
            {
                // If the same text arrives under several names, only the first that is not empty counts.
                reader.Read();
                if (reader.TokenType != JsonTokenType.String)
                    ReadOddThought(ref reader, dialect, events);
                else if (_reasoning.IsEmpty)
                    _reasoning = JsonText.Read(ref reader);
                else
                    events.Trace?.Ignore(JsonText.Read(ref reader));
            }
            else if (name.SequenceEqual("tool_calls"u8))
            {
                ReadCalls(ref reader, data, events);
            }
            else if (name.SequenceEqual("refusal"u8))
            {
                WireJson.TryReadText(ref reader, ref _refusal, "choices[].delta.refusal", events);
            }
            else if (name.SequenceEqual("role"u8))
            {
                ReadRole(ref reader, events);
            }
            else if (MessageCitations.IsMember(name) || ContentBlockReader.IsMember(name))
            {
                isRare = true;
                WireJson.SkipValue(ref reader);
            }
            else if (name.Length is < 5 or > 19 || !TryReadRare(ref reader, name, data, events))
            {
                events.Ignore(ref reader);
            }
        }
        if (isRare)
            _rare = data[start..(int)reader.BytesConsumed];
    }

    /// <summary>Drops the kinds of content that a choice has already.</summary>
    public void Drop(ChoiceState choice)
    {
        if (choice.HasText)
        {
            _content = default;
            _contentParts = default;
        }
        if (choice.HasThoughts)
            _reasoning = default;
        if (choice.HasThoughts || choice.HasCitations)
            _rare = default;
        if (choice.HasReturned)
        {
            _details = _thinkingBlocks = default;
            _opaque = default;
        }
        if (choice.HasRefusal)
            _refusal = default;
        if (choice.HasCalls)
            _calls = _function = default;
        if (choice.HasCitations)
            _annotations = default;
        if (choice.HasAudio)
            _audio = default;
        if (choice.HasImages)
            _images = default;
    }

    /// <summary>Emits all of it.</summary>
    /// <param name="choice">The choice that it belongs to.</param>
    /// <param name="isWhole">As in <see cref="ToolCallDelta.IsWhole"/>.</param>
    /// <param name="events">Receives the events.</param>
    /// <returns>True if that changed nothing beyond what pieces of text and tool calls change.</returns>
    public readonly bool EmitTo(ChoiceState choice, bool isWhole, EventBuffer events)
    {
        bool isRepeatable =
            !_isBare && _opaque.IsEmpty && _signature.IsEmpty && _function.IsEmpty && _audio.IsEmpty && !WireJson.HasElements(_images);
        // Once reasoning arrives in a member of its own, reasoning in the content and in the data that goes back is no longer emitted.
        var (hadReturned, hadReasoning, hadOwn) = (choice.HasReturned, choice.HasReasoning, choice.HasOwnReasoning);
        if (!_reasoning.IsEmpty)
            choice.EmitReasoning(_reasoning, events);
        else if (!_rare.IsEmpty)
            isRepeatable &= !MessageCitations.ReadSteps(_rare, choice, events);
        if (!_rare.IsEmpty)
            isRepeatable &= !ContentBlockReader.Read(_rare, choice, givesText: _reasoning.IsEmpty, events);
        if (WireJson.HasElements(_details))
            isRepeatable &= choice.Returned.ReadDetails(_details, choice, givesText: _reasoning.IsEmpty, events);
        if (WireJson.HasElements(_thinkingBlocks))
        {
            isRepeatable &= choice.Returned.ReadBlocks(
                _thinkingBlocks,
                choice,
                givesText: _reasoning.IsEmpty && !WireJson.HasElements(_details),
                events
            );
        }

        if (!_opaque.IsEmpty)
            choice.Returned.AddOpaque(_opaque, events);
        if (!_signature.IsEmpty)
            choice.Returned.Sign(_signature, _signatureMember, events);
        if (!_content.IsEmpty && !_isThought && !choice.IsThinking)
        {
            choice.EmitContent(_content, events);
        }
        else if (!_content.IsEmpty)
        {
            TaggedReasoning.Emit(_content, _isThought, isWhole, choice, events);
            // The next piece must be searched for tags, too.
            isRepeatable = false;
        }
        if (!_contentParts.IsEmpty)
            isRepeatable &= ContentPartReader.Read(_contentParts, choice, events);
        if (!_refusal.IsEmpty)
            choice.EmitRefusal(_refusal, events);
        if (!_calls.IsEmpty)
            ToolCallReader.Read(_calls, choice, isWhole, events);
        // llama-cpp-python (2024) sends every call in both forms.
        if (!_function.IsEmpty && !WireJson.HasElements(_calls))
            ToolCallReader.ReadLegacy(_function, choice, isWhole, events);
        if (!_audio.IsEmpty)
            choice.Media.ReadAudio(_audio, events);
        if (WireJson.HasElements(_images))
            choice.Media.ReadImages(_images, events);
        if (WireJson.HasElements(_annotations))
            isRepeatable &= !choice.Annotate(_annotations, "choices[].delta.annotations[]", events);
        if (!_rare.IsEmpty)
            isRepeatable &= !MessageCitations.Read(_rare, choice, events);
        return isRepeatable
            && !(hadReturned && !hadReasoning && choice.HasReasoning)
            && !(hadReasoning && !hadOwn && choice.HasOwnReasoning);
    }

    private bool TryReadRare(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> name, ReadOnlySpan<byte> data, EventBuffer events)
    {
        if (name.SequenceEqual("function_call"u8))
        {
            if (WireJson.EnterObjectOrNull(ref reader, "choices[].delta.function_call", events))
                _function = WireJson.SkipRaw(ref reader, data);
            return true;
        }
        if (name.SequenceEqual("audio"u8))
        {
            WireJson.TryReadRaw(ref reader, JsonTokenType.StartObject, data, ref _audio, "choices[].delta.audio", events);
            return true;
        }
        if (name.SequenceEqual("annotations"u8))
        {
            WireJson.TryReadRaw(ref reader, JsonTokenType.StartArray, data, ref _annotations, "choices[].delta.annotations", events);
            return true;
        }
        if (name.SequenceEqual("images"u8))
        {
            WireJson.TryReadRaw(ref reader, JsonTokenType.StartArray, data, ref _images, "choices[].delta.images", events);
            return true;
        }
        if (name.SequenceEqual("reasoning_details"u8))
        {
            WireJson.TryReadRaw(ref reader, JsonTokenType.StartArray, data, ref _details, "choices[].delta.reasoning_details", events);
            return true;
        }
        if (name.SequenceEqual("thinking_blocks"u8))
        {
            WireJson.TryReadRaw(ref reader, JsonTokenType.StartArray, data, ref _thinkingBlocks, "choices[].delta.thinking_blocks", events);
            return true;
        }
        if (name.SequenceEqual("reasoning_opaque"u8))
        {
            WireJson.TryReadText(ref reader, ref _opaque, "choices[].delta.reasoning_opaque", events);
            return true;
        }
        if (name.SequenceEqual("thinking"u8) || name.SequenceEqual("cot_summary"u8))
        {
            // Ollama's name through gateways, and Copilot's (2025). Values other than text mean nothing there.
            if (_reasoning.IsEmpty)
                WireJson.ReadTextIfAny(ref reader, ref _reasoning);
            else
                events.Ignore(ref reader);
            return true;
        }
        if (name.SequenceEqual("tool_call_id"u8))
        {
            reader.Read();
            _hasCallId = reader.TokenType == JsonTokenType.String && !reader.ValueSpan.IsEmpty;
            reader.Skip();
            return true;
        }
        if (name.SequenceEqual("thought_signature"u8) || name.SequenceEqual("reasoning_signature"u8))
        {
            if (_signature.IsEmpty)
            {
                _signatureMember = name[0] == (byte)'t' ? SignatureMember.Thought : SignatureMember.Reasoning;
                WireJson.ReadTextIfAny(ref reader, ref _signature);
            }
            else
            {
                events.Ignore(ref reader);
            }
            return true;
        }
        if (!name.SequenceEqual("extra_content"u8))
            return false;
        ReadExtra(ref reader);
        return true;
    }

    private void ReadRole(scoped ref Utf8JsonReader reader, EventBuffer events)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.String || reader.ValueSpan.IsEmpty)
            events.Note(QuirkKind.RoleInvalid, "choices[].delta.role");
        _isTools = reader.TokenType == JsonTokenType.String && reader.ValueSpan.SequenceEqual("tool"u8);
        reader.Skip();
    }

    private JsonText ReadBare(scoped ref Utf8JsonReader reader, string place, EventBuffer events)
    {
        events.Note(QuirkKind.UnexpectedType, place);
        _isBare = true;
        return JsonText.Read(ref reader);
    }

    // Envoy's gateway (2025) passes on the object of the service behind it: {"text":"…"}, and in whole answers
    // {"reasoningText":{"text":"…"}}.
    private void ReadOddThought(scoped ref Utf8JsonReader reader, ChatCompletionsProtocol dialect, EventBuffer events)
    {
        const string Place = "choices[].delta.reasoning";
        if (
            _reasoning.IsEmpty
            && dialect.ReadsNumbersAsText
            && reader.TokenType is JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False
        )
        {
            _reasoning = ReadBare(ref reader, Place, events);
            return;
        }
        var inner = reader;
        if (_reasoning.IsEmpty && WireJson.TryFindMember(ref inner, "reasoningText"u8))
            ReadBareReasoning(ref inner);
        inner = reader;
        if (_reasoning.IsEmpty)
            ReadBareReasoning(ref inner);
        WireJson.SkipUnexpected(ref reader, Place, events);
    }

    private void ReadBareReasoning(scoped ref Utf8JsonReader reader)
    {
        if (!WireJson.TryFindMember(ref reader, "text"u8) || reader.TokenType != JsonTokenType.String)
            return;
        _reasoning = JsonText.Read(ref reader);
        _isBare = true;
    }

    private void ReadCalls(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> data, EventBuffer events)
    {
        reader.Read();
        bool isOne = reader.TokenType == JsonTokenType.StartObject;
        // TGI (2024) and Spark (2025) send a single call instead of a list.
        if (isOne)
            events.Note(QuirkKind.UnexpectedType, "choices[].delta.tool_calls");
        if (isOne || reader.TokenType == JsonTokenType.StartArray)
            _calls = WireJson.SkipRaw(ref reader, data);
        else
            WireJson.SkipUnexpected(ref reader, "choices[].delta.tool_calls", events);
    }

    // Gemini's compatible endpoint (2025).
    private void ReadExtra(scoped ref Utf8JsonReader reader)
    {
        reader.Read();
        var google = reader;
        if (WireJson.TryFindMember(ref google, "google"u8))
        {
            var member = google;
            _isThought = WireJson.TryFindMember(ref member, "thought"u8) && member.TokenType == JsonTokenType.True;
            member = google;
            if (WireJson.TryFindMember(ref member, "thought_signature"u8) && member.TokenType == JsonTokenType.String)
            {
                _signature = JsonText.Read(ref member);
                _signatureMember = SignatureMember.Google;
            }
        }
        reader.Skip();
    }
}
