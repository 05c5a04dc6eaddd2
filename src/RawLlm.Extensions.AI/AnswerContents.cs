using System.Text.Json;
using Microsoft.Extensions.AI;

namespace RawLlm.Extensions.AI;

/// <summary>Converts parts of an answer to contents that can be converted back, even after they were stored as JSON.</summary>
internal static class AnswerContents
{
    /// <summary>The <see cref="ErrorContent.ErrorCode"/> of a refusal, as in other adapters.</summary>
    public const string RefusalCode = "Refusal";

    public static AIContent Write(Part part) =>
        part switch
        {
            TextPart text => Phased(
                Tagged(new TextContent(text.Text), text, text.WireData is null ? null : Tag(text, TextMark.Of(text.Text))),
                text
            ),
            ReasoningPart thoughts => new TextReasoningContent(thoughts.Text)
            {
                ProtectedData = thoughts.WireData is null ? null : Tag(thoughts, TextMark.Of(thoughts.Text)),
                RawRepresentation = thoughts,
            },
            RefusalPart refusal => Tagged(
                new ErrorContent(refusal.Text) { ErrorCode = RefusalCode },
                refusal,
                refusal.WireData is null ? null : Tag(refusal, TextMark.Of(refusal.Text))
            ),
            ToolCallPart call => WriteCall(call),
            ImagePart { Url: { } url } image => Tagged(new UriContent(url, image.MediaType ?? "image/*"), image, MediaTag(image)),
            ImagePart image => Tagged(new DataContent(image.Data, image.MediaType!), image, MediaTag(image)),
            FilePart { FileId: { } id } file => Tagged(new HostedFileContent(id) { MediaType = file.MediaType }, file, null),
            FilePart { Url: { } url } file => Tagged(new UriContent(url, file.MediaType ?? "application/octet-stream"), file, null),
            FilePart file => Tagged(new DataContent(file.Data, file.MediaType!) { Name = file.Name }, file, MediaTag(file)),
            _ => Tagged(new AIContent(), part, PartTag.Write(part, PartTag.Whole)),
        };

    /// <summary>Returns the tag for the data that a service wants back with a part; only the content holds the part's text.</summary>
    public static string Tag(Part part, string mark) =>
        PartTag.Write(
            part switch
            {
                TextPart text => text with { Text = "" },
                ReasoningPart thoughts => thoughts with { Text = "" },
                RefusalPart refusal => refusal with { Text = "" },
                ImagePart image => new OpaquePart(image.WireData!),
                FilePart file => new FilePart(ReadOnlyMemory<byte>.Empty, file.MediaType!)
                {
                    WireData = file.WireData,
                    Transcript = file.Transcript,
                },
                ToolCallPart call when mark == PartTag.ArgumentsInContent => new ToolCallPart(call.Call with { Arguments = "" })
                {
                    WireData = call.WireData,
                },
                _ => part,
            },
            mark
        );

    private static string? MediaTag(Part part) =>
        part is { WireData: null } and not FilePart { Transcript: not null } ? null : Tag(part, PartTag.BytesInContent);

    private static FunctionCallContent WriteCall(ToolCallPart part)
    {
        var call = part.Call;
        var arguments = ToolArguments.Read(call.Arguments);
        bool isReadable = call.IsComplete && arguments.Quirk?.Kind is not QuirkKind.ToolArgumentsUnreadable;
        var content = new FunctionCallContent(call.Id, call.Name, isReadable ? Copy(arguments) : null) { RawRepresentation = part };
        // Code that runs functions skips such a call: an incomplete call must not be run, and one without an object would run without any
        // arguments.
        content.InformationalOnly = !isReadable;
        if (!call.IsComplete)
        {
            content.Exception = new LlmException(
                LlmErrorKind.ToolCallMalformed,
                "The tool call was cut off, or its arguments are not JSON, so it must not be run. RawRepresentation contains what arrived."
            );
        }
        else if (!isReadable)
        {
            content.Exception = new LlmException(
                LlmErrorKind.ToolCallMalformed,
                "The arguments are not a JSON object, which a custom tool does not require. RawRepresentation contains their text."
            );
        }
        // Sending the same text again keeps a service's prompt cache valid; an object loses the model's white space.
        bool isInContent =
            isReadable && JsonValues.WriteArguments(call.Name, content.Arguments, AIJsonUtilities.DefaultOptions) == call.Arguments;
        return part.WireData is null && isInContent
            ? content
            : Tagged(content, part, Tag(part, isInContent ? PartTag.ArgumentsInContent : PartTag.Whole));
    }

    private static Dictionary<string, object?> Copy(ToolArguments arguments)
    {
        var copy = new Dictionary<string, object?>(arguments.Count, StringComparer.Ordinal);
        foreach (var (name, value) in arguments)
            copy.Add(name, value.ValueKind == JsonValueKind.Null ? null : value);
        return copy;
    }

    private static TextContent Phased(TextContent content, TextPart text)
    {
        if (text.Phase is { } phase)
            (content.AdditionalProperties ??= [])[LlmAdapterKeys.Phase] = phase;
        return content;
    }

    private static T Tagged<T>(T content, Part part, string? tag)
        where T : AIContent
    {
        content.RawRepresentation = part;
        if (tag is not null)
            content.AdditionalProperties = new() { [LlmAdapterKeys.Part] = tag };
        return content;
    }
}
