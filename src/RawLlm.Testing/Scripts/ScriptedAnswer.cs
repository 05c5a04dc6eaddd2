using System.Collections.ObjectModel;

namespace RawLlm.Testing;

/// <summary>An answer of a model as a test scripts it. A text converts to an answer that says it. Immutable.</summary>
/// <param name="Parts">What is said, in order: <see cref="TextPart"/>, <see cref="ReasoningPart"/>, <see cref="RefusalPart"/> and <see cref="ToolCallPart"/>.</param>
/// <remarks>
/// The answer is said on the wire that the client speaks. What a wire has no place for cannot be said there: a refusal in words, or arguments that are no JSON object, is an
/// <see cref="InvalidOperationException"/> when it is asked for; of the usage, those counts that a service does not tell are left out.
/// </remarks>
public sealed record ScriptedAnswer(IReadOnlyList<Part> Parts)
{
    /// <summary>What is said, in order.</summary>
    public IReadOnlyList<Part> Parts { get; init => field = Check(value); } = Check(Parts);

    /// <summary>Why the answer ends; when null, <see cref="RawLlm.StopReason.ToolUse"/> where functions are called and <see cref="RawLlm.StopReason.EndTurn"/> elsewhere.</summary>
    public StopReason? StopReason { get; init; }

    /// <summary>The service's own word for it; the usual one of the wire when null.</summary>
    public string? RawStopReason { get; init; }

    /// <summary>What the answer is said to have used: 10 tokens in and 5 out unless set; null for a service that says nothing. Counts are said as they are, in the wire's own convention.</summary>
    public Usage? Usage { get; init; } = new() { InputTokens = 10, OutputTokens = 5 };

    /// <summary>The id of the answer; one that says its number when null.</summary>
    public string? Id { get; init; }

    /// <summary>The model that is said to answer; the one that was asked when null.</summary>
    public string? Model { get; init; }

    /// <summary>The sources that the last text cites, in order: address, title and cited text, and <see cref="Citation.Start"/> and <see cref="Citation.End"/> on wires that say them.</summary>
    public IReadOnlyList<Citation> Citations { get; init => field = Copy(value); } = [];

    /// <summary>Answers side by side with this one, on wires that give several; of each only what it says and why it ends counts.</summary>
    public IReadOnlyList<ScriptedAnswer> OtherChoices { get; init => field = Copy(value); } = [];

    /// <summary>Headers of the response, such as <c>x-request-id</c>. Of an answer in <see cref="OtherChoices"/> they do not count.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init => field = ServedHeaders.Check(value); } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>
    /// What is said to be left of the service's limits, in the headers of OpenAI, for chat completions and Responses, or of Anthropic, each with resets in its own form: a duration, or a moment by
    /// the server's clock. The other wires tell nothing of limits.
    /// </summary>
    public RateLimits? RateLimits { get; init; }

    /// <summary>An answer in words.</summary>
    /// <param name="text">What is said. Streamed, it comes word by word.</param>
    public static ScriptedAnswer Text(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new([new TextPart(text)]);
    }

    /// <summary>An answer that calls a function.</summary>
    /// <param name="name">The function.</param>
    /// <param name="arguments">Its arguments: the text of a JSON object.</param>
    /// <param name="id">The id of the call; <c>call_1</c> for the first of an answer when null.</param>
    public static ScriptedAnswer Call(string name, string arguments = "{}", string? id = null) => new ScriptedAnswer([]).WithCall(name, arguments, id);

    /// <summary>An answer in words.</summary>
    /// <param name="text">What is said.</param>
    public static implicit operator ScriptedAnswer(string text) => Text(text);

    /// <summary>The answer with thoughts before everything else.</summary>
    /// <param name="text">What is thought.</param>
    public ScriptedAnswer WithThoughts(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return this with { Parts = [new ReasoningPart(text), .. Parts] };
    }

    /// <summary>The answer with a call behind everything else.</summary>
    /// <inheritdoc cref="Call" path="/param"/>
    public ScriptedAnswer WithCall(string name, string arguments = "{}", string? id = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentNullException.ThrowIfNull(arguments);
        int calls = 1;
        foreach (var part in Parts)
            calls += part is ToolCallPart ? 1 : 0;
        return this with { Parts = [.. Parts, new ToolCallPart(new ToolCall(id ?? $"call_{calls}", name, arguments))] };
    }

    /// <summary>The answer with one more source that its last text cites.</summary>
    /// <param name="url">The address of the source.</param>
    /// <param name="title">Its title.</param>
    /// <param name="citedText">What it says, for wires that repeat it.</param>
    public ScriptedAnswer WithCitation(string url, string? title = null, string? citedText = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(url);
        return this with { Citations = [.. Citations, new Citation(RawJson.Parse("{}")) { Url = url, Title = title, CitedText = citedText }] };
    }

    /// <summary>The answer with one more beside it.</summary>
    /// <param name="choice">What that one says.</param>
    public ScriptedAnswer WithChoice(ScriptedAnswer choice)
    {
        ArgumentNullException.ThrowIfNull(choice);
        return this with { OtherChoices = [.. OtherChoices, choice] };
    }

    /// <summary>The words of a part that has some.</summary>
    internal static string Say(Part part) => part switch
    {
        TextPart text => text.Text,
        ReasoningPart thoughts => thoughts.Text,
        RefusalPart refusal => refusal.Text,
        _ => "",
    };

    private static IReadOnlyList<Part> Check(IReadOnlyList<Part> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        foreach (var part in parts)
        {
            if (part is not (TextPart or ReasoningPart or RefusalPart or ToolCallPart))
                throw new ArgumentException($"A scripted answer holds text, thoughts, refusals and calls, and no {part?.GetType().Name ?? "null"}.", nameof(parts));
        }
        return [.. parts];
    }

    private static IReadOnlyList<T> Copy<T>(IReadOnlyList<T> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        foreach (var value in values)
            ArgumentNullException.ThrowIfNull(value, nameof(values));
        return [.. values];
    }
}
