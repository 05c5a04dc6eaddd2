namespace RawLlm;

/// <summary>How much data a server can make the client hold. Every limit is at least 1.</summary>
/// <remarks>
/// Exceeding a limit is an error that names it (<see cref="LlmException.Limit"/>), except for <see cref="ErrorBodyBytes"/> and
/// <see cref="ErrorTextCharacters"/>: these cut what a service says about an error, and the error remains the service's own.
/// </remarks>
public sealed record LlmLimits
{
    /// <summary>The defaults.</summary>
    public static LlmLimits Default { get; } = new();

    /// <summary>The most bytes of response headers, rounded down to a whole KiB. The default is 64 KiB.</summary>
    public int ResponseHeaderBytes
    {
        get;
        init => field = Positive(value);
    } = 64 << 10;

    /// <summary>How many bytes of an error's body are read; the rest is ignored. The default is 64 KiB.</summary>
    public int ErrorBodyBytes
    {
        get;
        init => field = Positive(value);
    } = 64 << 10;

    /// <summary>
    /// The most bytes of a whole answer, decompressed, even if it arrived as a stream that was not requested. The default is 64 MiB. If the
    /// client itself requests a stream to assemble a whole answer from it, <see cref="StreamBytes"/> applies instead.
    /// </summary>
    public int ReplyBytes
    {
        get;
        init => field = Positive(value);
    } = 64 << 20;

    /// <summary>The most bytes of one event of a stream. The default is 32 MiB, because one event can contain an image.</summary>
    public int EventBytes
    {
        get;
        init => field = Positive(value);
    } = 32 << 20;

    /// <summary>The most bytes of a whole stream. The default is 1 GiB.</summary>
    public long StreamBytes
    {
        get;
        init => field = Positive(value);
    } = 1L << 30;

    /// <summary>How many bytes one compressed byte may produce, after the first MiB. The default is 200.</summary>
    public int DecompressionRatio
    {
        get;
        init => field = Positive(value);
    } = 200;

    /// <summary>The maximum nesting depth of JSON. The default is 64; the maximum is 256.</summary>
    public int JsonDepth
    {
        get;
        init =>
            field = value is > 0 and <= 256
                ? value
                : throw new ArgumentOutOfRangeException(nameof(value), "JsonDepth must be between 1 and 256.");
    } = 64;

    /// <summary>The most choices of one answer. The default is 128.</summary>
    public int Choices
    {
        get;
        init => field = Positive(value);
    } = 128;

    /// <summary>The most parts of one answer. The default is 4,096.</summary>
    public int ContentBlocks
    {
        get;
        init => field = Positive(value);
    } = 4096;

    /// <summary>The most tool calls of one choice. The default is 128.</summary>
    public int ToolCalls
    {
        get;
        init => field = Positive(value);
    } = 128;

    /// <summary>The most bytes of one tool call's arguments. The default is 16 MiB.</summary>
    public int ToolArgumentBytes
    {
        get;
        init => field = Positive(value);
    } = 16 << 20;

    /// <summary>The most bytes of all tool calls' arguments together. The default is 64 MiB.</summary>
    public int AllToolArgumentBytes
    {
        get;
        init => field = Positive(value);
    } = 64 << 20;

    /// <summary>The most characters of a service's own text in an error message; the rest is cut off. The default is 512.</summary>
    public int ErrorTextCharacters
    {
        get;
        init => field = Positive(value);
    } = 512;

    private static int Positive(int value) => (int)Positive((long)value);

    private static long Positive(long value) =>
        value > 0 ? value : throw new ArgumentOutOfRangeException(nameof(value), "A limit must be at least 1.");
}
