namespace RawLlm;

/// <summary>What a service adds to the tokens of a prompt's texts; fitted to recorded usage (docs/tokens.md).</summary>
internal sealed class TokenShape(double request, double message, double tools, double tool, double text, double schema)
{
    /// <summary>The tokens around each request.</summary>
    public double Request => request;

    /// <summary>The tokens around each message.</summary>
    public double Message => message;

    /// <summary>The tokens added once if tools are offered: some services put their own instructions before them.</summary>
    public double Tools => tools;

    /// <summary>The tokens around each tool.</summary>
    public double Tool => tool;

    /// <summary>The factor by which text tokens differ from the usual count.</summary>
    public double Text => text;

    /// <summary>
    /// The same factor for the names, descriptions and schemas of tools, which some services write more compactly than JSON.
    /// </summary>
    public double Schema => schema;

    /// <summary>OpenAI's values, also used if nothing better is known.</summary>
    public static TokenShape Usual { get; } = new(3, 4, 5, 10, 1, 0.56);

    public static TokenShape Anthropic { get; } = new(3, 4, 260, 58, 1.05, 1.24);

    public static TokenShape Gemini { get; } = new(0.5, 0, 1, 9, 1.06, 0.7);

    public static TokenShape Mistral { get; } = new(0, 3, 6, 13.5, 1.09, 1.39);

    public static TokenShape DeepSeek { get; } = new(0, 4, 178, 42, 1, 1.38);

    public static TokenShape Groq { get; } = new(29, 7, 0, 16, 0.83, 1.45);

    public static TokenShape XAI { get; } = new(173, 12, 10, 0, 0.8, 1.56);

    public static TokenShape Local { get; } = new(4.4, 6.6, 100, 18, 0.82, 0.58);
}
