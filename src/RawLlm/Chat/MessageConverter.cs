using System.Text.Json;
using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>Writes a <see cref="Message"/> as JSON and reads it again, with all parts and what their services want back. Thread-safe.</summary>
/// <remarks><see cref="Conversation"/> says what the form is for. What is read must name its role and the type of each part; the order of members does not matter.</remarks>
public sealed class MessageConverter : JsonConverter<Message>
{
    /// <inheritdoc/>
    public override Message Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => ReadMessage(ref reader);

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, Message value, JsonSerializerOptions options) => WriteMessage(writer, value);

    internal static void WriteMessage(Utf8JsonWriter writer, Message message)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(message);
        writer.WriteStartObject();
        writer.WriteString("role"u8, RoleName(message.Role));
        if (message.Name is not null)
            writer.WriteString("name"u8, message.Name);
        WriteParts(writer, "parts"u8, message.Parts);
        writer.WriteEndObject();
    }

    internal static Message ReadMessage(ref Utf8JsonReader reader)
    {
        Role? role = null;
        string? name = null;
        List<Part> parts = [];
        Expect(ref reader, JsonTokenType.StartObject, "A message");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("role"u8))
                role = ReadRole(Text(ref reader, "role"));
            else if (reader.ValueTextEquals("name"u8))
                name = Text(ref reader, "name");
            else if (reader.ValueTextEquals("parts"u8))
                parts = ReadParts(ref reader);
            else
                Skip(ref reader);
        }
        return new Message(role ?? throw new JsonException("A message has no role."), parts) { Name = name };
    }

    private static void WriteParts(Utf8JsonWriter writer, ReadOnlySpan<byte> name, IReadOnlyList<Part> parts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        writer.WriteStartArray(name);
        foreach (var part in parts)
            WritePart(writer, part);
        writer.WriteEndArray();
    }

    internal static void WritePart(Utf8JsonWriter writer, Part part)
    {
        ArgumentNullException.ThrowIfNull(part);
        writer.WriteStartObject();
        switch (part)
        {
            case TextPart text:
                WriteText(writer, "text"u8, text.Text);
                break;
            case ReasoningPart thoughts:
                WriteText(writer, "reasoning"u8, thoughts.Text);
                break;
            case RefusalPart refusal:
                WriteText(writer, "refusal"u8, refusal.Text);
                break;
            case ImagePart image:
                writer.WriteString("type"u8, "image"u8);
                WriteSource(writer, image.Url, image.Data.Span, image.MediaType);
                WriteIfAny(writer, "detail"u8, image.Detail);
                break;
            case FilePart file:
                writer.WriteString("type"u8, "file"u8);
                WriteSource(writer, file.Url, file.Data.Span, file.MediaType);
                WriteIfAny(writer, "file_id"u8, file.FileId);
                WriteIfAny(writer, "name"u8, file.Name);
                WriteIfAny(writer, "transcript"u8, file.Transcript);
                break;
            case ToolCallPart { Call: var call }:
                writer.WriteString("type"u8, "tool_call"u8);
                writer.WriteString("id"u8, call.Id);
                writer.WriteString("name"u8, call.Name);
                writer.WriteString("arguments"u8, call.Arguments);
                if (!call.IsComplete)
                    writer.WriteBoolean("is_complete"u8, false);
                break;
            case ToolResultPart result:
                writer.WriteString("type"u8, "tool_result"u8);
                writer.WriteString("call_id"u8, result.CallId);
                WriteIfAny(writer, "name"u8, result.Name);
                if (result.IsError)
                    writer.WriteBoolean("is_error"u8, true);
                WriteParts(writer, "content"u8, result.Content);
                break;
            case OpaquePart:
                writer.WriteString("type"u8, "opaque"u8);
                break;
            default:
                throw new ArgumentException($"A part of the type {part.GetType().Name} cannot be stored.");
        }
        if (part.Cache is { } cache)
            writer.WriteString("cache"u8, CacheName(cache));
        if (part.WireData is { } data)
        {
            writer.WriteStartObject("wire"u8);
            writer.WriteString("protocol"u8, data.Protocol);
            WriteIfAny(writer, "origin"u8, data.Origin);
            writer.WritePropertyName("json"u8);
            writer.WriteRawValue(data.Json.Utf8, skipInputValidation: true);
            writer.WriteEndObject();
        }
        writer.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter writer, ReadOnlySpan<byte> type, string text)
    {
        writer.WriteString("type"u8, type);
        writer.WriteString("text"u8, text);
    }

    private static void WriteSource(Utf8JsonWriter writer, Uri? url, ReadOnlySpan<byte> data, string? mediaType)
    {
        // As it was given: an address that was made absolute or unescaped is another one.
        WriteIfAny(writer, "url"u8, url?.OriginalString);
        if (mediaType is null)
            return;
        writer.WriteString("media_type"u8, mediaType);
        writer.WriteBase64String("data"u8, data);
    }

    private static void WriteIfAny(Utf8JsonWriter writer, ReadOnlySpan<byte> name, string? value)
    {
        if (value is not null)
            writer.WriteString(name, value);
    }

    private static List<Part> ReadParts(ref Utf8JsonReader reader)
    {
        reader.Read();
        Expect(ref reader, JsonTokenType.StartArray, "A list of parts");
        var parts = new List<Part>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            parts.Add(ReadPart(ref reader));
        return parts;
    }

    internal static Part ReadPart(ref Utf8JsonReader reader)
    {
        var read = default(Members);
        Expect(ref reader, JsonTokenType.StartObject, "A part");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("type"u8))
                read.Type = Text(ref reader, "type");
            else if (reader.ValueTextEquals("text"u8))
                read.Text = Text(ref reader, "text");
            else if (reader.ValueTextEquals("url"u8))
                read.Url = Text(ref reader, "url");
            else if (reader.ValueTextEquals("data"u8))
                read.Data = Bytes(ref reader);
            else if (reader.ValueTextEquals("media_type"u8))
                read.MediaType = Text(ref reader, "media_type");
            else if (reader.ValueTextEquals("detail"u8))
                read.Detail = Text(ref reader, "detail");
            else if (reader.ValueTextEquals("file_id"u8))
                read.FileId = Text(ref reader, "file_id");
            else if (reader.ValueTextEquals("name"u8))
                read.Name = Text(ref reader, "name");
            else if (reader.ValueTextEquals("transcript"u8))
                read.Transcript = Text(ref reader, "transcript");
            else if (reader.ValueTextEquals("id"u8) || reader.ValueTextEquals("call_id"u8))
                read.Id = Text(ref reader, "id");
            else if (reader.ValueTextEquals("arguments"u8))
                read.Arguments = Text(ref reader, "arguments");
            else if (reader.ValueTextEquals("is_complete"u8))
                read.IsIncomplete = !Flag(ref reader);
            else if (reader.ValueTextEquals("is_error"u8))
                read.IsError = Flag(ref reader);
            else if (reader.ValueTextEquals("content"u8))
                read.Content = ReadParts(ref reader);
            else if (reader.ValueTextEquals("cache"u8))
                read.Cache = ReadCache(Text(ref reader, "cache"));
            else if (reader.ValueTextEquals("wire"u8))
                read.WireData = ReadWireData(ref reader);
            else
                Skip(ref reader);
        }
        try
        {
            return Make(read) with { Cache = read.Cache, WireData = read.WireData };
        }
        catch (Exception e) when (e is ArgumentException or UriFormatException)
        {
            throw new JsonException(e.Message, e);
        }
    }

    private static Part Make(in Members read) => read.Type switch
    {
        "text" => new TextPart(Needed(read.Text, "text")),
        "reasoning" => new ReasoningPart(Needed(read.Text, "text")),
        "refusal" => new RefusalPart(Needed(read.Text, "text")),
        "image" when read.Url is not null => new ImagePart(new Uri(read.Url, UriKind.RelativeOrAbsolute)) { Detail = read.Detail },
        "image" => new ImagePart(Needed(read.Data, "data"), Needed(read.MediaType, "media_type")) { Detail = read.Detail },
        "file" when read.Url is not null => new FilePart(new Uri(read.Url, UriKind.RelativeOrAbsolute)) { Transcript = read.Transcript },
        "file" when read.FileId is not null => new FilePart(read.FileId) { Transcript = read.Transcript },
        "file" => new FilePart(Needed(read.Data, "data"), Needed(read.MediaType, "media_type"), read.Name) { Transcript = read.Transcript },
        "tool_call" => new ToolCallPart(new ToolCall(Needed(read.Id, "id"), Needed(read.Name, "name"), Needed(read.Arguments, "arguments")) { IsComplete = !read.IsIncomplete }),
        "tool_result" => new ToolResultPart(Needed(read.Id, "call_id"), Needed(read.Content, "content")) { Name = read.Name, IsError = read.IsError },
        "opaque" => new OpaquePart(Needed(read.WireData, "wire")),
        null => throw new JsonException("A part has no type."),
        var type => throw new JsonException($"The part type '{type}' is not known."),
    };

    private static WireData ReadWireData(ref Utf8JsonReader reader)
    {
        string? protocol = null;
        string? origin = null;
        RawJson json = default;
        reader.Read();
        Expect(ref reader, JsonTokenType.StartObject, "What a wire wants back");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("protocol"u8))
            {
                protocol = Text(ref reader, "protocol");
            }
            else if (reader.ValueTextEquals("origin"u8))
            {
                origin = Text(ref reader, "origin");
            }
            else if (reader.ValueTextEquals("json"u8))
            {
                reader.Read();
                json = RawJsonConverter.ReadValue(ref reader);
            }
            else
            {
                Skip(ref reader);
            }
        }
        return json.IsEmpty ? throw new JsonException("What a wire wants back has no value 'json'.") : new WireData(Needed(protocol, "protocol"), json) { Origin = origin };
    }

    private static string RoleName(Role role) => role switch
    {
        Role.System => "system",
        Role.User => "user",
        Role.Assistant => "assistant",
        Role.Tool => "tool",
        _ => throw new ArgumentException($"There is no role {role}."),
    };

    private static Role ReadRole(string name) => name switch
    {
        "system" => Role.System,
        "user" => Role.User,
        "assistant" => Role.Assistant,
        "tool" => Role.Tool,
        _ => throw new JsonException($"The role '{name}' is not known."),
    };

    private static string CacheName(PromptCache cache) => cache switch
    {
        PromptCache.FiveMinutes => "five_minutes",
        PromptCache.OneHour => "one_hour",
        _ => throw new ArgumentException($"There is no time {cache} for which a prompt is kept."),
    };

    private static PromptCache ReadCache(string name) => name switch
    {
        "five_minutes" => PromptCache.FiveMinutes,
        "one_hour" => PromptCache.OneHour,
        _ => throw new JsonException($"The time '{name}' for which a prompt is kept is not known."),
    };

    private static string Text(ref Utf8JsonReader reader, string name)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.String)
            throw new JsonException($"'{name}' is no text.");
        try
        {
            return reader.GetString()!;
        }
        catch (InvalidOperationException e)
        {
            throw new JsonException($"'{name}' holds bytes or escapes that are no text.", e);
        }
    }

    private static byte[] Bytes(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.TokenType == JsonTokenType.String && reader.TryGetBytesFromBase64(out byte[]? bytes) ? bytes : throw new JsonException("'data' is no base64.");
    }

    private static bool Flag(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.TokenType is JsonTokenType.True or JsonTokenType.False ? reader.GetBoolean() : throw new JsonException("A flag is neither true nor false.");
    }

    private static void Skip(ref Utf8JsonReader reader)
    {
        reader.Read();
        reader.Skip();
    }

    private static void Expect(ref Utf8JsonReader reader, JsonTokenType type, string what)
    {
        if (reader.TokenType != type)
            throw new JsonException($"{what} is a JSON {(type == JsonTokenType.StartArray ? "array" : "object")}.");
    }

    private static T Needed<T>(T? value, string name)
        where T : class => value ?? throw new JsonException($"'{name}' is missing.");

    private ref struct Members
    {
        public string? Type;
        public string? Text;
        public string? Url;
        public byte[]? Data;
        public string? MediaType;
        public string? Detail;
        public string? FileId;
        public string? Name;
        public string? Transcript;
        public string? Id;
        public string? Arguments;
        public bool IsIncomplete;
        public bool IsError;
        public List<Part>? Content;
        public PromptCache? Cache;
        public WireData? WireData;
    }
}
