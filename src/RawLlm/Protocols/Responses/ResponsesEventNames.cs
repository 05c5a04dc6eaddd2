using System.Text;

namespace RawLlm.Protocols;

/// <summary>The names of the events of the Responses wire.</summary>
internal static class ResponsesEventNames
{
    /// <summary>Returns the kind of an event.</summary>
    /// <param name="type">The name in its JSON; takes precedence over the framing.</param>
    /// <param name="frameType">The name in the framing.</param>
    public static ResponsesEventKind Classify(JsonText type, ReadOnlySpan<byte> frameType)
    {
        var name =
            type.IsEmpty ? frameType
            : type.IsEscaped ? Encoding.UTF8.GetBytes(type.ToString())
            : type.Raw;
        if (!name.StartsWith("response."u8))
            return name.SequenceEqual("error"u8) ? ResponsesEventKind.Error : ResponsesEventKind.Foreign;
        name = name["response."u8.Length..];
        if (name.SequenceEqual("output_text.delta"u8))
            return ResponsesEventKind.TextDelta;
        if (name.SequenceEqual("function_call_arguments.delta"u8))
            return ResponsesEventKind.ArgumentsDelta;
        if (name.SequenceEqual("reasoning_summary_text.delta"u8) || name.SequenceEqual("reasoning_summary.delta"u8))
            return ResponsesEventKind.SummaryDelta;
        // The shorter names are from the wire's first months (2025); some servers kept them.
        if (name.SequenceEqual("reasoning_text.delta"u8) || name.SequenceEqual("reasoning.delta"u8))
            return ResponsesEventKind.ReasoningDelta;
        if (name.SequenceEqual("refusal.delta"u8))
            return ResponsesEventKind.RefusalDelta;
        if (name.SequenceEqual("custom_tool_call_input.delta"u8))
            return ResponsesEventKind.InputDelta;
        if (name.SequenceEqual("content_part.delta"u8))
            return ResponsesEventKind.PartDelta;
        if (name.SequenceEqual("output_text.done"u8))
            return ResponsesEventKind.TextDone;
        if (name.SequenceEqual("refusal.done"u8))
            return ResponsesEventKind.RefusalDone;
        if (name.SequenceEqual("reasoning_summary_text.done"u8) || name.SequenceEqual("reasoning_summary.done"u8))
            return ResponsesEventKind.SummaryDone;
        if (name.SequenceEqual("reasoning_text.done"u8) || name.SequenceEqual("reasoning.done"u8))
            return ResponsesEventKind.ReasoningDone;
        if (name.SequenceEqual("function_call_arguments.done"u8))
            return ResponsesEventKind.ArgumentsDone;
        if (name.SequenceEqual("custom_tool_call_input.done"u8))
            return ResponsesEventKind.InputDone;
        // vLLM (2026) has its own name for the parts of reasoning.
        if (name.SequenceEqual("content_part.added"u8) || name.SequenceEqual("reasoning_part.added"u8))
            return ResponsesEventKind.PartAdded;
        if (name.SequenceEqual("reasoning_summary_part.added"u8))
            return ResponsesEventKind.Skipped;
        if (name.SequenceEqual("content_part.done"u8) || name.SequenceEqual("reasoning_part.done"u8))
            return ResponsesEventKind.PartDone;
        if (name.SequenceEqual("reasoning_summary_part.done"u8))
            return ResponsesEventKind.SummaryPartDone;
        if (name.SequenceEqual("output_item.added"u8))
            return ResponsesEventKind.ItemAdded;
        if (name.SequenceEqual("output_item.done"u8))
            return ResponsesEventKind.ItemDone;
        // The second name is from the wire's first months (2025).
        if (name.SequenceEqual("output_text.annotation.added"u8) || name.SequenceEqual("output_text_annotation.added"u8))
            return ResponsesEventKind.Annotation;
        if (name.SequenceEqual("created"u8) || name.SequenceEqual("in_progress"u8) || name.SequenceEqual("queued"u8))
            return ResponsesEventKind.Head;
        // The second name is from OpenRouter's first months (2025); the status tells how the answer ended.
        if (name.SequenceEqual("completed"u8) || name.SequenceEqual("done"u8))
            return ResponsesEventKind.Completed;
        if (name.SequenceEqual("incomplete"u8))
            return ResponsesEventKind.Incomplete;
        if (name.SequenceEqual("failed"u8))
            return ResponsesEventKind.Failed;
        // Some servers (2026) use the American spelling.
        if (name.SequenceEqual("cancelled"u8) || name.SequenceEqual("canceled"u8))
            return ResponsesEventKind.Cancelled;
        return name.SequenceEqual("error"u8) ? ResponsesEventKind.Error : ResponsesEventKind.Other;
    }

    /// <summary>Returns the kind of text in a delta, or in the event that ends it.</summary>
    public static StreamEventKind TextKind(ResponsesEventKind kind) =>
        kind switch
        {
            ResponsesEventKind.TextDelta or ResponsesEventKind.TextDone => StreamEventKind.Text,
            ResponsesEventKind.RefusalDelta or ResponsesEventKind.RefusalDone => StreamEventKind.Refusal,
            _ => StreamEventKind.Reasoning,
        };
}
