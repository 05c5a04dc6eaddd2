using System.Collections.ObjectModel;

namespace RawLlm.Testing;

/// <summary>A model's answer, scripted by a test. A string converts to an answer with that text. Immutable.</summary>
/// <param name="Parts">The parts of the answer, in order: <see cref="TextPart"/>, <see cref="ReasoningPart"/>, <see cref="RefusalPart"/>
/// and <see cref="ToolCallPart"/>.</param>
/// <remarks>
/// The answer is written for the wire that the client speaks. A request fails with an <see cref="InvalidOperationException"/> if that wire
/// has no place for part of the answer, such as a refusal text or arguments that are not a JSON object. Usage counts that a service does
/// not report are left out.
/// </remarks>
public sealed record ScriptedAnswer(IReadOnlyList<Part> Parts)
{
    /// <summary>The parts of the answer, in order.</summary>
    public IReadOnlyList<Part> Parts
    {
        get;
        init => field = Check(value);
    } = Check(Parts);

    /// <summary>Why the answer ends; null for <see cref="RawLlm.StopReason.ToolUse"/> if the answer calls tools, otherwise
    /// <see cref="RawLlm.StopReason.EndTurn"/>.</summary>
    public StopReason? StopReason { get; init; }

    /// <summary>The service's own stop reason; null for the wire's usual one.</summary>
    public string? RawStopReason { get; init; }

    /// <summary>The reported usage, by default 10 input and 5 output tokens; null to report none. Counts are sent as they are, so they
    /// follow the wire's own convention.</summary>
    public Usage? Usage { get; init; } = new() { InputTokens = 10, OutputTokens = 5 };

    /// <summary>The ID of the answer; null for one that contains the request's number.</summary>
    public string? Id { get; init; }

    /// <summary>The reported model; null for the requested one.</summary>
    public string? Model { get; init; }

    /// <summary>The citations of the last text, in order: URL, title and cited text, and <see cref="Citation.Start"/> and
    /// <see cref="Citation.End"/> on wires that have them.</summary>
    public IReadOnlyList<Citation> Citations
    {
        get;
        init => field = Copy(value);
    } = [];

    /// <summary>
    /// Further choices of the same reply, on wires that support several; of each, only the content and the stop reason count.
    /// </summary>
    public IReadOnlyList<ScriptedAnswer> OtherChoices
    {
        get;
        init => field = Copy(value);
    } = [];

    /// <summary>Headers of the response, such as <c>x-request-id</c>; ignored in <see cref="OtherChoices"/>.</summary>
    public IReadOnlyDictionary<string, string> Headers
    {
        get;
        init => field = ServedHeaders.Check(value);
    } = ReadOnlyDictionary<string, string>.Empty;

    /// <summary>
    /// The reported rate limits, in OpenAI's headers on chat completions and Responses, and in Anthropic's headers on its wire. Resets are
    /// durations in OpenAI's headers and points in time by the server's clock in Anthropic's. A request on another wire throws an
    /// <see cref="InvalidOperationException"/>.
    /// </summary>
    public RateLimits? RateLimits { get; init; }

    /// <summary>Creates an answer with text.</summary>
    /// <param name="text">The text. A stream sends it word by word.</param>
    public static ScriptedAnswer Text(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new([new TextPart(text)]);
    }

    /// <summary>Creates an answer that calls a tool.</summary>
    /// <param name="name">The name of the tool.</param>
    /// <param name="arguments">The arguments: the text of a JSON object.</param>
    /// <param name="id">The ID of the call; null for <c>call_1</c>, <c>call_2</c> and so on within an answer.</param>
    public static ScriptedAnswer Call(string name, string arguments = "{}", string? id = null) =>
        new ScriptedAnswer([]).WithCall(name, arguments, id);

    /// <summary>Creates an answer with text.</summary>
    /// <param name="text">The text.</param>
    public static implicit operator ScriptedAnswer(string text) => Text(text);

    /// <summary>Returns the answer with reasoning before everything else.</summary>
    /// <param name="text">The text of the reasoning.</param>
    public ScriptedAnswer WithReasoning(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return this with { Parts = [new ReasoningPart(text), .. Parts] };
    }

    /// <summary>Returns the answer with a tool call after everything else.</summary>
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

    /// <summary>Returns the answer with one more citation of its last text.</summary>
    /// <param name="url">The URL of the source.</param>
    /// <param name="title">The title of the source.</param>
    /// <param name="citedText">The cited text, for wires that repeat it.</param>
    public ScriptedAnswer WithCitation(string url, string? title = null, string? citedText = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(url);
        return this with
        {
            Citations =
            [
                .. Citations,
                new Citation(RawJson.Parse("{}"))
                {
                    Url = url,
                    Title = title,
                    CitedText = citedText,
                },
            ],
        };
    }

    /// <summary>Returns the answer with one more choice.</summary>
    /// <param name="choice">The choice.</param>
    public ScriptedAnswer WithChoice(ScriptedAnswer choice)
    {
        ArgumentNullException.ThrowIfNull(choice);
        return this with { OtherChoices = [.. OtherChoices, choice] };
    }

    /// <summary>Returns the text of a part; empty if it has none.</summary>
    internal static string TextOf(Part part) =>
        part switch
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
            {
                throw new ArgumentException(
                    $"A scripted answer can contain text, reasoning, refusals and tool calls, but no {part?.GetType().Name ?? "null"}.",
                    nameof(parts)
                );
            }
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
