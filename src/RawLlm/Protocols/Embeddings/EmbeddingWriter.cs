using System.Diagnostics.CodeAnalysis;

namespace RawLlm.Protocols;

/// <summary>Writes embedding requests; the wires differ in a few names.</summary>
internal static class EmbeddingWriter
{
    /// <summary>OpenAI's <c>/embeddings</c> and Ollama's <c>/api/embed</c>: one member contains all texts.</summary>
    /// <param name="request">The request.</param>
    /// <param name="wire">Receives the body.</param>
    /// <param name="encoding">The requested encoding of the embeddings; null to send none.</param>
    /// <param name="takesUser">Whether the wire supports an end-user ID.</param>
    public static void Write(EmbeddingRequest request, WireRequest wire, string? encoding, bool takesUser)
    {
        var json = new JsonWriter(wire);
        json.StartObject();
        if (request.Model is { } model)
            json.WriteMember("model"u8, model, "model");
        json.WriteName("input"u8);
        json.WriteTexts(request.Inputs, "input[]");
        if (request.Dimensions is { } dimensions)
        {
            json.WriteName("dimensions"u8);
            json.WriteNumber(dimensions);
        }
        if (encoding is not null)
            json.WriteMember("encoding_format"u8, encoding, "encoding_format");
        if (takesUser && request.User is { } user)
            json.WriteMember("user"u8, user, "user");
        WriteExtra(json, request, "model", "input", "dimensions", "encoding_format");
        json.EndObject();
    }

    /// <summary>Gemini's <c>batchEmbedContents</c>: a request for each text.</summary>
    public static void WriteGemini(EmbeddingRequest request, string model, WireRequest wire)
    {
        var json = new JsonWriter(wire);
        json.StartObject();
        json.WriteName("requests"u8);
        json.StartArray();
        foreach (string input in request.Inputs)
        {
            json.StartObject();
            json.WriteMember("model"u8, model, "model");
            json.WriteName("content"u8);
            json.StartObject();
            json.WriteName("parts"u8);
            json.StartArray();
            json.StartObject();
            json.WriteMember("text"u8, input, "text");
            json.EndObject();
            json.EndArray();
            json.EndObject();
            if (request.Dimensions is { } dimensions)
            {
                json.WriteName("outputDimensionality"u8);
                json.WriteNumber(dimensions);
            }
            WriteExtra(json, request, "model", "content", "outputDimensionality");
            json.EndObject();
        }
        json.EndArray();
        json.EndObject();
    }

    private static void WriteExtra(JsonWriter json, EmbeddingRequest request, params ReadOnlySpan<string> own)
    {
        foreach (var (name, value) in request.Extra)
        {
            foreach (string taken in own)
            {
                if (name == taken)
                {
                    Throw(
                        $"The extra member '{name}' repeats what the request itself sets. Use the request's own property, or leave that property unset."
                    );
                }
            }
            if (value.IsEmpty)
                Throw($"The extra member '{name}' has no value.");
            json.WriteName(name, "extra");
            json.WriteRaw(value);
        }
    }

    [DoesNotReturn]
    private static void Throw(string message) => throw new ArgumentException(message, "request");
}
