using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>Writes a <see cref="Message"/> as JSON and reads it again, with all parts and their wire data. Thread-safe.</summary>
/// <remarks><see cref="Conversation"/> explains the format. The JSON must contain the role and the type of each part; the order of members
/// does not matter.</remarks>
public sealed class MessageConverter : JsonConverter<Message>
{
    // Data from a service can be as deep as any reader allows (64 levels by default), and a stored message adds some levels to it: deeper
    // data is stored as a string.
    private const int MaxLevels = 32;

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
        List<Part>? parts = null;
        bool isService = false;
        StoredJson.Expect(ref reader, JsonTokenType.StartObject, "A message");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("role"u8))
                role = ReadRole(StoredJson.Text(ref reader, "role"));
            else if (reader.ValueTextEquals("name"u8))
                name = StoredJson.Text(ref reader, "name");
            else if (reader.ValueTextEquals("parts"u8))
                parts = ReadParts(ref reader);
            else
                isService |= SkipOther(ref reader);
        }
        if (role is null)
            throw new JsonException("A message has no role.");
        if (parts is null)
        {
            throw new JsonException(
                isService
                    ? "A message has 'content' but no 'parts': that is the format of a service, not the one in which messages are stored."
                    : "A message has no parts."
            );
        }

        return new Message(role.Value, parts) { Name = name };
    }

    // Whether the skipped member is "content", as in the format of a service.
    private static bool SkipOther(ref Utf8JsonReader reader)
    {
        bool isContent = reader.ValueTextEquals("content"u8);
        StoredJson.Skip(ref reader);
        return isContent;
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
                StoredJson.WriteIfAny(writer, "detail"u8, image.Detail);
                break;
            case FilePart file:
                writer.WriteString("type"u8, "file"u8);
                WriteSource(writer, file.Url, file.Data.Span, file.MediaType, isUploaded: file.FileId is not null);
                StoredJson.WriteIfAny(writer, "file_id"u8, file.FileId);
                StoredJson.WriteIfAny(writer, "name"u8, file.Name);
                StoredJson.WriteIfAny(writer, "transcript"u8, file.Transcript);
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
                StoredJson.WriteIfAny(writer, "name"u8, result.Name);
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
            WriteWireData(writer, data);
        writer.WriteEndObject();
    }

    private static void WriteWireData(Utf8JsonWriter writer, WireData data)
    {
        writer.WriteStartObject("wire"u8);
        writer.WriteString("protocol"u8, data.Protocol);
        StoredJson.WriteIfAny(writer, "origin"u8, data.Origin);
        if (IsDeep(data.Json.Utf8))
        {
            writer.WriteString("json_text"u8, data.Json.Utf8);
        }
        else
        {
            writer.WritePropertyName("json"u8);
            writer.WriteRawValue(data.Json.Utf8, skipInputValidation: true);
        }
        writer.WriteEndObject();
    }

    private static bool IsDeep(ReadOnlySpan<byte> json)
    {
        // Each level is at least two bytes.
        if (json.Length < 2 * MaxLevels)
            return false;
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = int.MaxValue });
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray && reader.CurrentDepth >= MaxLevels)
                return true;
        }
        return false;
    }

    private static void WriteText(Utf8JsonWriter writer, ReadOnlySpan<byte> type, string text)
    {
        writer.WriteString("type"u8, type);
        writer.WriteString("text"u8, text);
    }

    private static void WriteSource(Utf8JsonWriter writer, Uri? url, ReadOnlySpan<byte> data, string? mediaType, bool isUploaded = false)
    {
        // The original string: the absolute or unescaped form of a URL is a different one.
        StoredJson.WriteIfAny(writer, "url"u8, url?.OriginalString);
        if (mediaType is null)
            return;
        writer.WriteString("media_type"u8, mediaType);
        if (url is null && !isUploaded)
            writer.WriteBase64String("data"u8, data);
    }

    private static List<Part> ReadParts(ref Utf8JsonReader reader)
    {
        reader.Read();
        StoredJson.Expect(ref reader, JsonTokenType.StartArray, "A list of parts");
        var parts = new List<Part>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            parts.Add(ReadPart(ref reader));
        return parts;
    }

    internal static Part ReadPart(ref Utf8JsonReader reader)
    {
        var read = default(Members);
        StoredJson.Expect(ref reader, JsonTokenType.StartObject, "A part");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("type"u8))
                read.Type = StoredJson.Text(ref reader, "type");
            else if (reader.ValueTextEquals("text"u8))
                read.Text = StoredJson.Text(ref reader, "text");
            else if (reader.ValueTextEquals("url"u8))
                read.Url = StoredJson.Text(ref reader, "url");
            else if (reader.ValueTextEquals("data"u8))
                read.Data = Bytes(ref reader);
            else if (reader.ValueTextEquals("media_type"u8))
                read.MediaType = StoredJson.Text(ref reader, "media_type");
            else if (reader.ValueTextEquals("detail"u8))
                read.Detail = StoredJson.Text(ref reader, "detail");
            else if (reader.ValueTextEquals("file_id"u8))
                read.FileId = StoredJson.Text(ref reader, "file_id");
            else if (reader.ValueTextEquals("name"u8))
                read.Name = StoredJson.Text(ref reader, "name");
            else if (reader.ValueTextEquals("transcript"u8))
                read.Transcript = StoredJson.Text(ref reader, "transcript");
            else if (reader.ValueTextEquals("id"u8) || reader.ValueTextEquals("call_id"u8))
                read.Id = StoredJson.Text(ref reader, "id");
            else if (reader.ValueTextEquals("arguments"u8))
                read.Arguments = StoredJson.Text(ref reader, "arguments");
            else if (reader.ValueTextEquals("is_complete"u8))
                read.IsIncomplete = !StoredJson.Flag(ref reader);
            else if (reader.ValueTextEquals("is_error"u8))
                read.IsError = StoredJson.Flag(ref reader);
            else if (reader.ValueTextEquals("content"u8))
                read.Content = ReadParts(ref reader);
            else if (reader.ValueTextEquals("cache"u8))
                read.Cache = ReadCache(StoredJson.Text(ref reader, "cache"));
            else if (reader.ValueTextEquals("wire"u8))
                read.WireData = ReadWireData(ref reader);
            else
                StoredJson.Skip(ref reader);
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

    private static Part Make(in Members read) =>
        read.Type switch
        {
            "text" => new TextPart(StoredJson.Needed(read.Text, "text")),
            "reasoning" => new ReasoningPart(StoredJson.Needed(read.Text, "text")),
            "refusal" => new RefusalPart(StoredJson.Needed(read.Text, "text")),
            "image" when read.Url is not null => new ImagePart(new Uri(read.Url, UriKind.RelativeOrAbsolute), read.MediaType)
            {
                Detail = read.Detail,
            },
            "image" => new ImagePart(StoredJson.Needed(read.Data, "data"), StoredJson.Needed(read.MediaType, "media_type"))
            {
                Detail = read.Detail,
            },
            "file" when read.Url is not null => new FilePart(new Uri(read.Url, UriKind.RelativeOrAbsolute), read.MediaType)
            {
                Transcript = read.Transcript,
            },
            "file" when read.FileId is not null => new FilePart(read.FileId, read.MediaType) { Transcript = read.Transcript },
            "file" => new FilePart(StoredJson.Needed(read.Data, "data"), StoredJson.Needed(read.MediaType, "media_type"), read.Name)
            {
                Transcript = read.Transcript,
            },
            "tool_call" => new ToolCallPart(
                new ToolCall(
                    StoredJson.Needed(read.Id, "id"),
                    StoredJson.Needed(read.Name, "name"),
                    StoredJson.Needed(read.Arguments, "arguments")
                )
                {
                    IsComplete = !read.IsIncomplete,
                }
            ),
            "tool_result" => new ToolResultPart(StoredJson.Needed(read.Id, "call_id"), StoredJson.Needed(read.Content, "content"))
            {
                Name = read.Name,
                IsError = read.IsError,
            },
            "opaque" => new OpaquePart(StoredJson.Needed(read.WireData, "wire")),
            null => throw new JsonException("A part has no type."),
            var type => throw new JsonException($"The part type '{type}' is not known."),
        };

    private static WireData ReadWireData(ref Utf8JsonReader reader)
    {
        string? protocol = null;
        string? origin = null;
        RawJson json = default;
        reader.Read();
        StoredJson.Expect(ref reader, JsonTokenType.StartObject, "Wire data");
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("protocol"u8))
                protocol = StoredJson.Text(ref reader, "protocol");
            else if (reader.ValueTextEquals("origin"u8))
                origin = StoredJson.Text(ref reader, "origin");
            else if (reader.ValueTextEquals("json"u8))
                json = StoredJson.Raw(ref reader);
            else if (reader.ValueTextEquals("json_text"u8))
                json = ReadDeep(StoredJson.Text(ref reader, "json_text"));
            else
                StoredJson.Skip(ref reader);
        }
        return json.IsEmpty
            ? throw new JsonException("Wire data has no 'json'.")
            : new WireData(StoredJson.Needed(protocol, "protocol"), json) { Origin = origin };
    }

    private static RawJson ReadDeep(string text)
    {
        byte[] json = Encoding.UTF8.GetBytes(text);
        // The maximum of LlmLimits.JsonDepth.
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = 256 });
        reader.Read();
        reader.Skip();
        while (reader.Read()) { }
        return RawJson.FromChecked(json);
    }

    private static string RoleName(Role role) =>
        role switch
        {
            Role.System => "system",
            Role.User => "user",
            Role.Assistant => "assistant",
            Role.Tool => "tool",
            _ => throw new ArgumentException($"The role {role} is not known and cannot be stored."),
        };

    private static Role ReadRole(string name) =>
        name switch
        {
            "system" => Role.System,
            "user" => Role.User,
            "assistant" => Role.Assistant,
            "tool" => Role.Tool,
            _ => throw new JsonException($"The role '{name}' is not known."),
        };

    private static string CacheName(PromptCache cache) =>
        cache switch
        {
            PromptCache.FiveMinutes => "five_minutes",
            PromptCache.OneHour => "one_hour",
            _ => throw new ArgumentException($"The cache duration {cache} is not known and cannot be stored."),
        };

    private static PromptCache ReadCache(string name) =>
        name switch
        {
            "five_minutes" => PromptCache.FiveMinutes,
            "one_hour" => PromptCache.OneHour,
            _ => throw new JsonException($"The cache duration '{name}' is not known."),
        };

    private static byte[] Bytes(ref Utf8JsonReader reader)
    {
        reader.Read();
        return reader.TokenType == JsonTokenType.String && reader.TryGetBytesFromBase64(out byte[]? bytes)
            ? bytes
            : throw new JsonException("'data' is not base64.");
    }

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
