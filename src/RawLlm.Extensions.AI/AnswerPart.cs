using System.Text;
using RawLlm.Protocols;

namespace RawLlm.Extensions.AI;

/// <summary>A part of a streamed answer as far as it has come.</summary>
internal sealed class AnswerPart(int index)
{
    public int Index { get; } = index;

    /// <summary>Text, Reasoning, Refusal, Media or ToolCall; None while only data has come.</summary>
    public StreamEventKind Kind { get; set; }

    /// <summary>The text or thoughts that were handed on.</summary>
    public TextMark Given;

    /// <summary>The pieces of a text that were handed on: what a source bears out is found in them.</summary>
    public List<string> Pieces => field ??= [];

    /// <summary>What is handed on whole: a refusal, or the arguments of a call that may yet be cut off.</summary>
    public StringBuilder Text => field ??= new();

    /// <summary>The picture or sound as far as it has come.</summary>
    public ReplyBuilder Media => field ??= new();

    public bool IsSound { get; set; }

    public string? Id { get; set; }

    public string? Name { get; set; }

    public WireData? Data { get; set; }

    public bool HasNewData { get; set; }

    public bool IsGiven { get; set; }

    /// <summary>Whether a call's place was marked, because what came behind it was shown first.</summary>
    public bool HasPlace { get; set; }
}
