using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace RawLlm.Extensions.AI;

/// <summary>
/// Converts the messages of one request to RawLlm's own. Contents from an answer become the original parts again, unless they were changed.
/// </summary>
internal sealed class MessageReader
{
    private static readonly SearchValues<char> NameCharacters = SearchValues.Create(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
    );

    // A message becomes the same object again in the next turn, so that its kept bytes are found.
    private static readonly ConditionalWeakTable<ChatMessage, Message> Known = [];

    private readonly JsonSerializerOptions _json;
    private readonly List<Quirk> _quirks;
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);
    private readonly HashSet<string> _answered = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Part> _places = new(StringComparer.Ordinal);
    private List<Part> _parts = [];
    private ChatMessage _message = null!;
    private string _place = "";

    private MessageReader(JsonSerializerOptions json, List<Quirk> notes)
    {
        _json = json;
        _quirks = notes;
    }

    /// <param name="messages">The conversation.</param>
    /// <param name="json">The serializer options for the types of function results.</param>
    /// <param name="notes">Receives what could not be sent.</param>
    /// <exception cref="ArgumentException">A message contains something that cannot be sent.</exception>
    public static List<Message> Read(IEnumerable<ChatMessage> messages, JsonSerializerOptions json, List<Quirk> notes)
    {
        var all = new List<ChatMessage>(messages);
        var reader = new MessageReader(json, notes);
        foreach (var message in all)
            reader.Note(message ?? throw new ArgumentException("One of the messages is null.", nameof(messages)));
        var read = new List<Message>(all.Count);
        for (int i = 0; i < all.Count; i++)
        {
            if (reader.Read(all[i], i) is { } message)
                read.Add(message);
        }
        return read;
    }

    private void Note(ChatMessage message)
    {
        foreach (var content in message.Contents)
        {
            if (content is FunctionResultContent result)
                _answered.Add(result.CallId);
        }
    }

    private Message? Read(ChatMessage message, int index)
    {
        _message = message;
        _parts = new List<Part>(message.Contents.Count);
        for (int i = 0; i < message.Contents.Count; i++)
        {
            _place = $"messages[{index}].contents[{i}]";
            Read(message.Contents[i] ?? throw new ArgumentException($"{_place} is null."));
        }
        foreach (var place in _places.Values)
            _parts.RemoveAll(part => ReferenceEquals(part, place));
        _places.Clear();
        // A message whose contents were all left out; services refuse an empty one.
        if (_parts.Count == 0 && message.Contents.Count > 0)
            return null;
        var read = new Message(RoleOf(message, index), _parts) { Name = NameOf(message, index) };
        if (message.RawRepresentation is Message own && own.Equals(read))
            return own;
        if (Known.TryGetValue(message, out var before) && before.Equals(read))
            return before;
        Known.AddOrUpdate(message, read);
        return read;
    }

    private Role RoleOf(ChatMessage message, int index)
    {
        if (message.Role == ChatRole.Assistant)
            return Role.Assistant;
        // Some programs send tool results in messages of the user.
        if (
            message.Role == ChatRole.Tool
            || (message.Role == ChatRole.User && _parts.Count > 0 && _parts.TrueForAll(part => part is ToolResultPart))
        )
        {
            return Role.Tool;
        }

        if (message.Role == ChatRole.User)
            return Role.User;
        return message.Role == ChatRole.System || message.Role == new ChatRole("developer")
            ? Role.System
            : throw new ArgumentException(
                $"messages[{index}] has the role '{message.Role}'; use system (developer), user, assistant or tool."
            );
    }

    // Services accept only these characters in a name, but frameworks set display names.
    private string? NameOf(ChatMessage message, int index)
    {
        if (string.IsNullOrWhiteSpace(message.AuthorName))
            return null;
        if (!message.AuthorName.AsSpan().ContainsAnyExcept(NameCharacters))
            return message.AuthorName;
        _quirks.Add(new(QuirkKind.Adapted, $"messages[{index}].AuthorName"));
        return string.Create(
            message.AuthorName.Length,
            message.AuthorName,
            static (adapted, name) =>
            {
                for (int i = 0; i < name.Length; i++)
                    adapted[i] = NameCharacters.Contains(name[i]) ? name[i] : '_';
            }
        );
    }

    private void Read(AIContent content)
    {
        switch (content)
        {
            case TextContent text:
                _parts.Add(
                    text.RawRepresentation is TextPart own && own.Text == text.Text
                        ? own
                        : new TextPart(text.Text) { WireData = DataOf<TextPart>(PartTag.Of(text), text.Text) }
                );
                break;
            case TextReasoningContent thoughts:
                ReadThoughts(thoughts);
                break;
            case FunctionCallContent call:
                ReadCall(call);
                break;
            case FunctionResultContent result:
                ReadResult(result);
                break;
            case DataContent or UriContent or HostedFileContent:
                var media = Media(content, _place)!;
                _parts.Add(
                    content.RawRepresentation is Part || PartTag.Of(content) is not { } mediaTag ? media : WithData(media, mediaTag)
                );
                break;
            case ErrorContent { ErrorCode: AnswerContents.RefusalCode } refusal:
                _parts.Add(
                    refusal.RawRepresentation is RefusalPart original && original.Text == refusal.Message
                        ? original
                        : new RefusalPart(refusal.Message ?? "")
                        {
                            WireData = DataOf<RefusalPart>(PartTag.Of(refusal), refusal.Message ?? ""),
                        }
                );
                break;
            case UsageContent:
                // Belongs to an earlier answer; no service takes it.
                break;
            default:
                ReadOther(content);
                break;
        }
    }

    private void ReadThoughts(TextReasoningContent thoughts)
    {
        if (
            thoughts.RawRepresentation is ReasoningPart own
            && own.Text == thoughts.Text
            && own.WireData is null == thoughts.ProtectedData is null
        )
        {
            _parts.Add(own);
            return;
        }
        if (PartTag.TryRead(thoughts.ProtectedData, out var part, out string mark) && part is ReasoningPart { WireData: { } data })
        {
            // In a stream the signature may arrive after later parts.
            if (TextMark.Of(thoughts.Text) == mark)
            {
                _parts.Add(new ReasoningPart(thoughts.Text) { WireData = data });
                return;
            }
            if (thoughts.Text.Length == 0)
            {
                Attach(data, part => part is ReasoningPart { Text: var text } && TextMark.Of(text) == mark);
                return;
            }
        }
        if (thoughts.ProtectedData is not null)
            LeaveOut(".ProtectedData");
        if (thoughts.Text.Length > 0)
            _parts.Add(new ReasoningPart(thoughts.Text));
    }

    private void ReadCall(FunctionCallContent call)
    {
        // If several calls have the same ID, each result gets the name of the call before it.
        _names[call.CallId] = call.Name;
        var own = call.RawRepresentation as ToolCallPart;
        if (own is null && PartTag.Of(call) is { } tag)
        {
            if (PartTag.TryRead(tag, out var part, out string mark) && part is ToolCallPart known)
            {
                own =
                    mark == PartTag.ArgumentsInContent
                        ? new ToolCallPart(known.Call with { Arguments = Arguments(call) }) { WireData = known.WireData }
                        : known;
            }
            else
                LeaveOut($".AdditionalProperties[{LlmAdapterKeys.Part}]");
        }
        if (own is not null && (own.Call.Id != call.CallId || own.Call.Name != call.Name || !IsSame(own.Call, call.Arguments)))
        {
            own = new ToolCallPart(new ToolCall(call.CallId, call.Name, Arguments(call)))
            {
                WireData = own.Call.Id == call.CallId ? own.WireData : null,
            };
        }
        // A call that could not be run usually has no result, and no service accepts a call without one.
        if (own is not null && !MayHaveRun(own.Call) && !_answered.Contains(call.CallId))
            LeaveOut("");
        else
            AddCall(own ?? new ToolCallPart(new ToolCall(call.CallId, call.Name, Arguments(call))));
    }

    private static bool MayHaveRun(ToolCall call) =>
        call.IsComplete && call.ReadArguments().Quirk is not { Kind: QuirkKind.ToolArgumentsUnreadable };

    private void AddCall(ToolCallPart call)
    {
        if (_places.Remove(call.Call.Id, out var place))
            _parts[_parts.FindIndex(part => ReferenceEquals(part, place))] = call;
        else
            _parts.Add(call);
    }

    private void ReadResult(FunctionResultContent result)
    {
        if (result.RawRepresentation is ToolResultPart own && own.CallId == result.CallId)
        {
            _parts.Add(own);
            return;
        }
        string what = $"The result of the function '{_names.GetValueOrDefault(result.CallId, result.CallId)}'";
        // The message of the exception may be confidential.
        _parts.Add(
            new ToolResultPart(
                result.CallId,
                ResultParts(result.Result ?? (result.Exception is null ? "" : "The tool failed."), what, _json)
            )
            {
                Name = _names.GetValueOrDefault(result.CallId),
                IsError = result.Exception is not null,
            }
        );
    }

    /// <summary>Converts the result of a function to parts.</summary>
    /// <param name="result">The result.</param>
    /// <param name="what">What the result is, for the error message.</param>
    /// <param name="json">The serializer options for results other than text, contents and JSON.</param>
    /// <exception cref="ArgumentException">The result cannot be sent.</exception>
    public static IReadOnlyList<Part> ResultParts(object result, string what, JsonSerializerOptions json)
    {
        switch (result)
        {
            case string text:
                return [new TextPart(text)];
            case JsonElement { ValueKind: JsonValueKind.String } text:
                return [new TextPart(text.GetString()!)];
            case AIContent content:
                return [ResultPart(content, what, json)];
            case IEnumerable<AIContent> contents:
                var parts = new List<Part>();
                foreach (var content in contents)
                    parts.Add(ResultPart(content, what, json));
                return parts;
            default:
                return [new TextPart(JsonValues.Write(result, what, json).ToString())];
        }
    }

    // A content without an equivalent part, such as an ErrorContent, is sent as JSON, like Microsoft's adapters do.
    private static Part ResultPart(AIContent content, string what, JsonSerializerOptions json) =>
        content is TextContent text
            ? new TextPart(text.Text)
            : Media(content, what)
                ?? new TextPart(
                    JsonValues.Write(content ?? throw new ArgumentException($"{what} contains a null."), what, json).ToString()
                );

    // Microsoft.Extensions.AI requires a media type for every URL; these two stand for an unknown one.
    private static string? KnownType(string? mediaType)
    {
        string? type = mediaType?.Split(';')[0].Trim();
        return type is null or "application/octet-stream" || type.Contains('*', StringComparison.Ordinal) ? null : type;
    }

    private static Part? Media(AIContent content, string place)
    {
        switch (content)
        {
            case { RawRepresentation: ImagePart or FilePart }:
                return (Part)content.RawRepresentation;
            case DataContent data when data.HasTopLevelMediaType("image"):
                return new ImagePart(data.Data, data.MediaType) { Detail = Detail(data) };
            case DataContent data:
                return new FilePart(data.Data, data.MediaType, data.Name);
            case UriContent uri when uri.HasTopLevelMediaType("image"):
                return new ImagePart(uri.Uri, KnownType(uri.MediaType)) { Detail = Detail(uri) };
            case UriContent uri:
                return new FilePart(uri.Uri, KnownType(uri.MediaType));
            case HostedFileContent file:
                return new FilePart(file.FileId, KnownType(file.MediaType));
            default:
                return null;
        }

        string? Detail(AIContent content) =>
            content.AdditionalProperties?.TryGetValue("detail", out object? value) != true
                ? null
                : value switch
                {
                    string detail => detail,
                    JsonElement { ValueKind: JsonValueKind.String } detail => detail.GetString(),
                    null => null,
                    _ => throw new ArgumentException($"{place}.AdditionalProperties[detail] is not a string; use low, high or auto."),
                };
    }

    private void ReadOther(AIContent content)
    {
        if (content.RawRepresentation is Part own)
        {
            _parts.Add(own);
            return;
        }
        string? tag = PartTag.Of(content);
        if (tag is not null && PartTag.IsBorder(tag))
            return;
        // The data that a service wants back for citations is sent with the part that contains them.
        if (tag is null && AnswerCitations.IsGathered(content))
            return;
        if (tag is not null && PartTag.PlaceOf(tag) is { } callId)
        {
            if (_places.TryAdd(callId, new OpaquePart(new WireData("", "{}"))))
                _parts.Add(_places[callId]);
            return;
        }
        if (PartTag.TryRead(tag, out var part, out string mark))
        {
            switch (part)
            {
                case OpaquePart:
                    _parts.Add(part);
                    return;
                case TextPart { WireData: { } data }:
                    Attach(data, part => part is TextPart { Text: var text } && TextMark.Of(text) == mark);
                    return;
                case ToolCallPart { WireData: { } data, Call.Id: var id }:
                    Attach(data, part => part is ToolCallPart call && call.Call.Id == id);
                    return;
            }
        }
        // Contents that another service's adapter, or a function loop, left in the model's own message cannot be sent back and are left
        // out. Other messages must not lose anything.
        if (_message.Role != ChatRole.Assistant)
        {
            throw new ArgumentException(
                $"{_place} is a {content.GetType().Name}, which cannot be sent. Use text, data, a URL or a file, or set RawRepresentation to one of RawLlm's own parts."
            );
        }

        LeaveOut("");
    }

    // The first part without data, because data arrives in the order of the parts. If it arrives again, it replaces the earlier data.
    private void Attach(WireData data, Predicate<Part> belongs)
    {
        int at = _parts.FindIndex(part => part.WireData is null && belongs(part));
        if (at < 0)
            at = _parts.FindLastIndex(belongs);
        if (at >= 0)
            _parts[at] = _parts[at] with { WireData = data };
        else
            LeaveOut("");
    }

    private WireData? DataOf<T>(string? tag, string text)
        where T : Part
    {
        if (tag is null)
            return null;
        if (PartTag.TryRead(tag, out var part, out string mark) && part is T && mark == TextMark.Of(text))
            return part.WireData;
        LeaveOut($".AdditionalProperties[{LlmAdapterKeys.Part}]");
        return null;
    }

    private Part WithData(Part media, string tag)
    {
        if (!PartTag.TryRead(tag, out var part, out string mark) || mark != PartTag.BytesInContent)
        {
            LeaveOut($".AdditionalProperties[{LlmAdapterKeys.Part}]");
            return media;
        }
        return media is FilePart file && part is FilePart original
            ? file with
            {
                WireData = original.WireData,
                Transcript = original.Transcript,
            }
            : media with
            {
                WireData = part.WireData,
            };
    }

    private string Arguments(FunctionCallContent call) => JsonValues.WriteArguments(call.Name, call.Arguments, _json);

    private static bool IsSame(ToolCall call, IDictionary<string, object?>? arguments)
    {
        var read = ToolArguments.Read(call.Arguments);
        if (arguments is not { Count: > 0 })
            return read.Count == 0 || !call.IsComplete;
        if (arguments.Count != read.Count)
            return false;
        foreach (var (name, value) in arguments)
        {
            if (!read.TryGetValue(name, out var own))
                return false;
            if (
                value is null
                    ? own.ValueKind != JsonValueKind.Null
                    : value is not JsonElement element || !JsonElement.DeepEquals(element, own)
            )
            {
                return false;
            }
        }
        return true;
    }

    private void LeaveOut(string member) => _quirks.Add(new(QuirkKind.LeftOut, _place + member));
}
