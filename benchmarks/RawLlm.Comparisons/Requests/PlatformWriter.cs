using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace RawLlm.Comparisons.Requests;

/// <summary>The request as a program would write it with the platform's writer, with as few escapes as JSON allows.</summary>
internal static class PlatformWriter
{
    private static readonly JsonWriterOptions Relaxed = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    public static void Write(ChatRequest request, IBufferWriter<byte> output)
    {
        using var json = new Utf8JsonWriter(output, Relaxed);
        json.WriteStartObject();
        json.WriteString("model"u8, request.Model);
        json.WriteStartArray("messages"u8);
        foreach (var message in request.Messages)
            Write(message, json);
        json.WriteEndArray();
        json.WriteStartArray("tools"u8);
        foreach (var tool in request.Tools)
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "function"u8);
            json.WriteStartObject("function"u8);
            json.WriteString("name"u8, tool.Name);
            json.WriteString("description"u8, tool.Description);
            json.WritePropertyName("parameters"u8);
            json.WriteRawValue(tool.Parameters.Utf8, skipInputValidation: true);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Message message, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        switch (message.Parts[0])
        {
            case ToolCallPart { Call: var call }:
                json.WriteString("role"u8, "assistant"u8);
                json.WriteStartArray("tool_calls"u8);
                json.WriteStartObject();
                json.WriteString("id"u8, call.Id);
                json.WriteString("type"u8, "function"u8);
                json.WriteStartObject("function"u8);
                json.WriteString("name"u8, call.Name);
                json.WriteString("arguments"u8, call.Arguments);
                json.WriteEndObject();
                json.WriteEndObject();
                json.WriteEndArray();
                break;
            case ToolResultPart result:
                json.WriteString("role"u8, "tool"u8);
                json.WriteString("tool_call_id"u8, result.CallId);
                json.WriteString("content"u8, result.Text);
                break;
            case TextPart text:
                json.WriteString(
                    "role"u8,
                    message.Role switch
                    {
                        Role.System => "system"u8,
                        Role.User => "user"u8,
                        _ => "assistant"u8,
                    }
                );
                json.WriteString("content"u8, text.Text);
                break;
        }
        json.WriteEndObject();
    }
}
