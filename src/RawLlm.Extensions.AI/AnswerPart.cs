using System.Text;
using RawLlm.Protocols;

namespace RawLlm.Extensions.AI;

/// <summary>A part of a streamed answer, as far as it has arrived.</summary>
internal sealed class AnswerPart(int index)
{
    public int Index { get; } = index;

    /// <summary>Text, Reasoning, Refusal, Media or ToolCall; None while only wire data has arrived.</summary>
    public StreamEventKind Kind { get; set; }

    /// <summary>A mark of the text or reasoning handed on so far.</summary>
    public TextMark EmittedMark;

    /// <summary>The pieces of a text that were handed on, in which the positions of citations are found.</summary>
    public List<string> Pieces => field ??= [];

    /// <summary>The text of a part that is handed on whole: a refusal, or the arguments of a call that may still be cut off.</summary>
    public StringBuilder Text => field ??= new();

    /// <summary>The image or audio, as far as it has arrived.</summary>
    public ReplyBuilder Media => field ??= new();

    public bool IsAudio { get; set; }

    public string? Id { get; set; }

    public string? Name { get; set; }

    public WireData? Data { get; set; }

    public bool HasNewData { get; set; }

    public bool IsEmitted { get; set; }

    /// <summary>Whether a placeholder keeps the call's position, because a later part was handed on first.</summary>
    public bool HasPlace { get; set; }
}
