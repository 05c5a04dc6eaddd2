namespace RawLlm;

/// <summary>Estimates how many tokens a text has, without the model's own token table.</summary>
/// <remarks>Null values count as nothing. The writer of the request refuses them with a message that names the place.</remarks>
internal static class TokenEstimate
{
    // An image of typical size.
    private const int Image = 700;

    // More than any markup around a message, a part or a tool.
    private const int Around = 20;

    /// <summary>Estimates the tokens of a request's prompt, with its tools.</summary>
    public static long Of(ChatRequest request, TokenShape shape)
    {
        double tokens = shape.Request;
        if (!string.IsNullOrEmpty(request.System))
            tokens += shape.Message + (shape.Text * Of(request.System));
        foreach (var message in request.Messages ?? [])
            tokens += shape.Message + (shape.Text * Of(message?.Parts));
        if (request.Tools is { Count: > 0 } tools)
        {
            tokens += shape.Tools;
            foreach (var tool in tools)
            {
                tokens +=
                    shape.Tool
                    + (shape.Schema * (Of(tool?.Name) + Of(tool?.Description) + Of(tool is null ? default : tool.Parameters.Utf8)));
            }
        }
        if (request.Format is { Schema.IsEmpty: false } format)
            tokens += shape.Tool + (shape.Schema * Of(format.Schema.Utf8));
        return (long)Math.Ceiling(tokens);
    }

    /// <summary>Returns an upper bound for the estimate of a prompt, without looking at the text.</summary>
    public static long Characters(ChatRequest request)
    {
        long characters = request.System?.Length ?? 0;
        foreach (var message in request.Messages ?? [])
            characters += Characters(message?.Parts);
        foreach (var tool in request.Tools ?? [])
            characters += Around + (tool?.Name?.Length ?? 0) + (tool?.Description?.Length ?? 0) + (tool?.Parameters.Utf8.Length ?? 0);
        return characters + (Around * (2 + (request.Messages?.Count ?? 0))) + (request.Format?.Schema.Utf8.Length ?? 0);
    }

    private static long Characters(IReadOnlyList<Part>? parts)
    {
        long characters = 0;
        foreach (var part in parts ?? [])
            characters += Characters(part);
        return characters;
    }

    private static long Characters(Part part) =>
        Around
        + part switch
        {
            TextPart text => text.Text?.Length ?? 0,
            ReasoningPart reasoning => reasoning.Text?.Length ?? 0,
            RefusalPart refusal => refusal.Text?.Length ?? 0,
            ToolCallPart { Call: { } call } => (call.Name?.Length ?? 0) + (call.Arguments?.Length ?? 0),
            ToolResultPart result => Characters(result.Content),
            ImagePart => Image,
            FilePart file => Math.Max(Image, file.Data.Length / 100),
            OpaquePart { WireData: { } data } => data.Json.Utf8.Length,
            _ => 0,
        };

    private static double Of(IReadOnlyList<Part>? parts)
    {
        double tokens = 0;
        foreach (var part in parts ?? [])
            tokens += Of(part);
        return tokens;
    }

    private static double Of(Part part) =>
        part switch
        {
            TextPart text => Of(text.Text),
            ReasoningPart reasoning => Of(reasoning.Text),
            RefusalPart refusal => Of(refusal.Text),
            ToolCallPart { Call: { } call } => 8 + Of(call.Name) + Of(call.Arguments),
            ToolResultPart result => 4 + Of(result.Content),
            ImagePart => Image,
            FilePart { Data.Length: > 0 and var length } => Math.Max(Image, length / 100.0),
            OpaquePart { WireData: { } data } => Of(data.Json.Utf8),
            _ => 0,
        };

    /// <summary>Estimates the tokens of a text.</summary>
    public static double Of(string? text) => Of(text.AsSpan());

    /// <summary>Estimates the tokens of a text.</summary>
    public static double Of(ReadOnlySpan<char> text)
    {
        double tokens = 0;
        var last = Kind.Space;
        int run = 0;
        foreach (char c in text)
        {
            var kind = KindOf(c);
            if (kind != last && run > 0)
            {
                tokens += Cost(last, run);
                run = 0;
            }
            last = kind;
            run++;
        }
        return run > 0 ? tokens + Cost(last, run) : tokens;
    }

    private static double Of(ReadOnlySpan<byte> utf8) => Of(System.Text.Encoding.UTF8.GetString(utf8));

    // A word of typical length is one token with the space before it. Longer words split, punctuation pairs up, and digits group by threes.
    private static double Cost(Kind kind, int run) =>
        kind switch
        {
            Kind.Word => run <= 7 ? 1 : 1 + ((run - 7) / 4.5),
            Kind.Digit => Math.Ceiling(run / 3.0),
            Kind.Sign => 0.8 * ((run + 1) / 2),
            Kind.Space => run == 1 ? 0 : 1,
            Kind.Ideograph => run * 0.85,
            _ => run / 2.2,
        };

    private static Kind KindOf(char c) =>
        c switch
        {
            >= 'a' and <= 'z' or >= 'A' and <= 'Z' => Kind.Word,
            >= '0' and <= '9' => Kind.Digit,
            ' ' => Kind.Space,
            < '\u0080' => Kind.Sign,
            >= '\u00C0' and < '\u0250' => Kind.Word,
            >= '\u3040' and <= '\u30FF' or >= '\u3400' and <= '\u9FFF' or >= '\uAC00' and <= '\uD7AF' => Kind.Ideograph,
            _ => Kind.Other,
        };

    private enum Kind
    {
        Space,
        Word,
        Digit,
        Sign,
        Ideograph,
        Other,
    }
}
