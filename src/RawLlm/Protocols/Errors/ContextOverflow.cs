namespace RawLlm.Protocols;

/// <summary>
/// Recognizes the messages with which services say that a conversation is too long for the model, and reads their numbers.
/// </summary>
internal static class ContextOverflow
{
    private const int LongestName = 128;

    // {r}: tokens requested. {a}: the same, to be added up. {m}: the maximum. {n}: an irrelevant number. {w}: a name. More specific
    // wordings come first. OpenAI, vLLM, DeepSeek, SGLang, TGI, llama.cpp, Anthropic, Gemini, Bedrock, Groq, Cerebras, xAI, Mistral, Cohere
    // and others, 2022 to 2026.
    private static ReadOnlySpan<byte> Wordings =>
        """
        this model's maximum context length is {m} tokens. however, you requested {n} output tokens and your prompt contains at least {n} input tokens, for a total of at least {r}
        this model's maximum context length is {m} tokens. however, you requested {r} tokens
        this model's maximum context length is {m} tokens. however, your messages resulted in {r} tokens
        this model's maximum context length is {m} tokens. however, your request has {r} input tokens
        this model's maximum context length is {m} tokens
        this endpoint's maximum context length is {m} tokens. however, you requested about {r} tokens
        this endpoint's maximum context length is {m} tokens
        this model's maximum prompt length is {m} but the request contains {r} tokens
        'max_tokens' or 'max_completion_tokens' is too large: {a}. this model's maximum context length is {m} tokens and your request has {a} input tokens
        you passed {a} input tokens and requested {a} output tokens. however, the model's context length is only {m} tokens
        you passed {n} input characters and requested {n} output tokens. however, the model's context length is only {m} tokens
        the estimated number of input and maximum output tokens ({r}) exceeded this model context window limit ({m})
        the number of input tokens {r} cannot exceed the total tokens limit {m}
        the prompt is longer than the context length currently available to the model
        context size has been exceeded
        total tokens of image and text exceed max message tokens
        total tokens of multi-modal content and text exceed max message tokens
        the decoder prompt (length {r}) is longer than the maximum model length of {m}
        the engine prompt length {r} exceeds the max_model_len {m}
        the prompt (total length {r}) is too long to fit into the model (context length {m})
        requested token count exceeds the model's maximum context length of {m} tokens. you requested a total of {r} tokens
        requested token count exceeds the model's maximum context length of {m} tokens
        the input ({r} tokens) is longer than the model's context length ({m} tokens)
        input length ({r} tokens) exceeds the maximum allowed length ({m} tokens)
        input length ({r}) exceeds model's maximum context length ({m})
        input length {r} exceeds the maximum allowed input length of {m} tokens
        input length {r} exceeds the maximum length {m}
        `inputs` tokens + `max_new_tokens` must be <= {m}. given: {a} `inputs` tokens and {a} `max_new_tokens`
        `inputs` tokens + `max_new_tokens` must be
        `inputs` must have less than {m} tokens. given: {r}
        request ({r} tokens) exceeds the available context size ({m} tokens)
        the request exceeds the available context size
        prompt is too long: {r} tokens > {m} maximum
        prompt is too long: {r}, model maximum context length: {m}
        the prompt is too long: {r}, model maximum context length: {m}
        prompt too long: {r} tokens exceeds max_seq_len {m}
        prompt too long; exceeded max context length
        prompt is too long
        input does not fit in context length. the input has {r} tokens, but the context length only supports {m} tokens
        input does not fit in context length
        cannot truncate prompt with n_keep ({r}) >= n_ctx ({m})
        reached context length of {m} tokens
        requested generation length {n} is not possible! the provided prompt is {n} tokens long, so generating {n} tokens requires a sequence length of {r}, but the maximum supported sequence length is just {m}
        requested tokens ({r}) exceed context window of {m}
        prompt length ({r}) exceeds maximum input length ({m})
        prompt length ({r}) exceeds maximum sequence length ({m})
        prompt exceeds max length
        input length and `max_tokens` exceed context limit: {a} + {a} > {m}
        input length and max_tokens exceed context limit: {a} + {a} > {m}
        the maximum context length of {w} is {m}. however, answering your request will take {r} tokens
        this request requires {r} total tokens ({n} input + {n} output), which exceeds the model's maximum context length of {m} tokens
        prompt tokens ({r}) exceeds context size ({m})
        request size exceeds model context window
        input token limit is {m}
        provider error: finish_reason=model_context_window_exceeded
        the input token count ({r}) exceeds the maximum number of tokens allowed ({m})
        the input token count ({r}) exceeds the maximum number of tokens allowed {m}
        the input token count exceeds the maximum number of tokens allowed {m}
        the input token count exceeds the maximum number of tokens allowed ({m})
        unable to submit request because the input token count is {r} but model only supports up to {m}
        input is too long for requested model
        please reduce the length of the messages or completion. current length is {r} while limit is {m}
        please reduce the length of the messages or completion
        current length is {r} while limit is {m}
        prompt contains {r} tokens and {n} draft tokens, too large for model with {m} maximum context length
        prompt contains {r} tokens, too large for model with {m} maximum context length
        your input exceeds the context window of this model
        your input exceeds the model's context window
        your input exceeds this model's context window
        too many tokens: total number of tokens in the prompt cannot exceed {m} - received {r}
        too many input tokens. max input tokens: {m}, request input token count: {r}
        too many tokens: size limit exceeded by {n} tokens
        the number of tokens to keep from the initial prompt is greater than the context length
        the input length exceeds the context length
        your request exceeded model token limit: {m} (requested: {r})
        your request exceeded model token limit: {m}
        invalid params, context window exceeds limit
        range of input length should be [{n}, {m}]
        trying to keep the first {r} tokens when context the overflows. however, the model is loaded with context length of only {m} tokens
        prompt token count of {r} exceeds the limit of {m}
        prompt tokens ({r}) exceed model maximum ({m})
        requested input length {r} exceeds maximum input length {m}
        prompt has {r} tokens, but the configured context size is {m}
        prompt is {r} tokens but the model context window is {m}
        prompt length {r} is greater than max_seq_len {m}
        prompt too long: {r} tokens exceeds max context window of {m}
        input tokens exceed the configured limit of {m} tokens. your messages resulted in {r} tokens
        tokens in request more than max tokens allowed
        input token length too long
        input token exceed the limit
        input content length exceeds threshold
        request requires approximately {r} tokens, but the largest known context limit in this combo is {m} tokens
        {w} supports only {n}k context
        total message token length exceed model limit ({m} tokens)
        total message token length exceed model limit
        the sum of prompt length ({a}) and query length ({n}) max_tokens ({a}) should not exceed max_seq_len ({m})
        the sum of prompt length ({a}) and query length ({a}) should not exceed max_num_tokens ({m})
        length of prompt_tokens ({r}) must be less than max_seq_len ({m})
        max_tokens must be at least 1, got -{n}
        """u8
        + "\ninput tokens exceeded: "u8;

    /// <summary>Whether a message begins with one of the wordings.</summary>
    /// <param name="message">The service's message, without a gateway's prefix.</param>
    /// <param name="requested">The tokens that the request would have needed, if the message says so.</param>
    /// <param name="maximum">The maximum number of tokens that the model accepts, if the message says so.</param>
    public static bool TryRead(ReadOnlySpan<char> message, out long? requested, out long? maximum)
    {
        for (var wordings = Wordings; !wordings.IsEmpty; )
        {
            int end = wordings.IndexOf((byte)'\n');
            if (Matches(message, end < 0 ? wordings : wordings[..end], out requested, out maximum))
                return true;
            wordings = end < 0 ? [] : wordings[(end + 1)..];
        }
        requested = maximum = null;
        return false;
    }

    private static bool Matches(ReadOnlySpan<char> text, ReadOnlySpan<byte> wording, out long? requested, out long? maximum)
    {
        requested = maximum = null;
        while (!wording.IsEmpty)
        {
            if (wording[0] != (byte)'{')
            {
                if (text.IsEmpty || char.ToLowerInvariant(text[0]) != wording[0])
                    return false;
                text = text[1..];
                wording = wording[1..];
                continue;
            }
            long count = 0;
            int length = wording[1] == (byte)'w' ? ReadName(text) : ReadCount(text, out count);
            if (length == 0)
                return false;
            switch (wording[1])
            {
                case (byte)'r':
                    requested = count;
                    break;
                case (byte)'a':
                    requested = (requested ?? 0) + count;
                    break;
                case (byte)'m':
                    maximum = count;
                    break;
            }
            text = text[length..];
            wording = wording[3..];
        }
        return true;
    }

    private static int ReadName(ReadOnlySpan<char> text)
    {
        int space = text.IndexOf(' ');
        return space is > 0 and <= LongestName ? space : 0;
    }

    // Some services group digits: 1,048,576.
    private static int ReadCount(ReadOnlySpan<char> text, out long count)
    {
        count = 0;
        int length = 0;
        int digits = 0;
        for (int i = 0; i < text.Length && digits <= 15; i++)
        {
            if (char.IsAsciiDigit(text[i]))
            {
                count = count * 10 + (text[i] - '0');
                digits++;
                length = i + 1;
            }
            else if (text[i] is not (',' or '_') || digits == 0)
            {
                break;
            }
        }
        return digits <= 15 ? length : 0;
    }
}
