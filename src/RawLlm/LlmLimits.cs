namespace RawLlm;

/// <summary>How much a server may make the client hold. Every bound is at least 1.</summary>
/// <remarks>
/// Each has an error of its own (<see cref="LlmException.Limit"/>), but for <see cref="ErrorBodyBytes"/> and <see cref="ErrorTextCharacters"/>: what a
/// service says of an error is cut there, and the error stays the service's.
/// </remarks>
public sealed record LlmLimits
{
    /// <summary>The defaults.</summary>
    public static LlmLimits Default { get; } = new();

    /// <summary>Bytes of the response's headers; 64 KiB, in steps of a KiB.</summary>
    public int ResponseHeaderBytes { get; init => field = Positive(value); } = 64 << 10;

    /// <summary>Bytes that are read of an error's body; the rest is not looked at. 64 KiB.</summary>
    public int ErrorBodyBytes { get; init => field = Positive(value); } = 64 << 10;

    /// <summary>Bytes of a whole answer, decompressed, also of one that came as a stream unasked; 64 MiB. Where the client asks for a stream to gather a whole answer from it, <see cref="StreamBytes"/> holds.</summary>
    public int ReplyBytes { get; init => field = Positive(value); } = 64 << 20;

    /// <summary>Bytes of one event of a stream; 32 MiB, because one event can hold an image.</summary>
    public int EventBytes { get; init => field = Positive(value); } = 32 << 20;

    /// <summary>Bytes of a whole stream; 1 GiB.</summary>
    public long StreamBytes { get; init => field = Positive(value); } = 1L << 30;

    /// <summary>How many bytes one compressed byte may give, after the first MiB; 200.</summary>
    public int DecompressionRatio { get; init => field = Positive(value); } = 200;

    /// <summary>How deep JSON may be nested; 64, at most 256.</summary>
    public int JsonDepth { get; init => field = value is > 0 and <= 256 ? value : throw new ArgumentOutOfRangeException(nameof(value), "JSON may be nested from 1 to 256 deep."); } = 64;

    /// <summary>Answers side by side; 128.</summary>
    public int Choices { get; init => field = Positive(value); } = 128;

    /// <summary>Parts of one answer; 4,096.</summary>
    public int ContentBlocks { get; init => field = Positive(value); } = 4096;

    /// <summary>Function calls of one choice; 128.</summary>
    public int ToolCalls { get; init => field = Positive(value); } = 128;

    /// <summary>Bytes of the arguments of one function call; 16 MiB.</summary>
    public int ToolArgumentBytes { get; init => field = Positive(value); } = 16 << 20;

    /// <summary>Bytes of all arguments of one answer together; 64 MiB.</summary>
    public int AllToolArgumentBytes { get; init => field = Positive(value); } = 64 << 20;

    /// <summary>Characters of a service's own text in an error's message; the rest is cut off. 512.</summary>
    public int ErrorTextCharacters { get; init => field = Positive(value); } = 512;

    private static int Positive(int value) => (int)Positive((long)value);

    private static long Positive(long value) => value > 0 ? value : throw new ArgumentOutOfRangeException(nameof(value), "A limit must be at least 1.");
}
