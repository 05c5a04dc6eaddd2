using System.Runtime.InteropServices;
using System.Text.Json;

namespace RawLlm.Testing;

/// <summary>Writes embeddings in the format of the wires that have them.</summary>
internal static class ServedEmbeddings
{
    /// <summary>Returns the body of the response.</summary>
    /// <param name="request">The request.</param>
    /// <param name="vectors">The embeddings, in the order of the texts.</param>
    /// <param name="inputTokens">The reported number of input tokens; null to report none.</param>
    /// <exception cref="InvalidOperationException">The request does not ask for embeddings.</exception>
    public static byte[] Write(ScriptedRequest request, IReadOnlyList<float[]> vectors, long? inputTokens)
    {
        string address = WireChoice.Address(request.Path);
        if (address.EndsWith("/embeddings", StringComparison.Ordinal))
            return OpenAI(request, vectors, inputTokens);
        if (address.EndsWith(":batchEmbedContents", StringComparison.Ordinal))
        {
            return JsonBytes.Object(json =>
                WriteAll(
                    json,
                    "embeddings",
                    vectors,
                    static (vector, element) => element.WriteElement(entry => WriteNumbers(entry, "values", vector))
                )
            );
        }

        if (address.EndsWith("/api/embed", StringComparison.Ordinal))
        {
            return JsonBytes.Object(json =>
            {
                json.WriteString("model", request.Model);
                WriteAll(json, "embeddings", vectors, static (vector, element) => WriteNumbers(element, null, vector));
                json.WriteCount("prompt_eval_count", inputTokens);
            });
        }
        throw new InvalidOperationException(
            $"The script answers {request} with embeddings, but the request does not ask for them on a wire that has them."
        );
    }

    private static byte[] OpenAI(ScriptedRequest request, IReadOnlyList<float[]> vectors, long? inputTokens)
    {
        bool isBase64 =
            ScriptedRequest.Member(request.Body, "encoding_format") is { ValueKind: JsonValueKind.String } format
            && format.ValueEquals("base64");
        int index = 0;
        return JsonBytes.Object(json =>
        {
            json.WriteString("object", "list");
            WriteAll(
                json,
                "data",
                vectors,
                (vector, element) =>
                    element.WriteElement(entry =>
                    {
                        entry.WriteString("object", "embedding");
                        entry.WriteNumber("index", index++);
                        if (isBase64)
                            entry.WriteBase64String("embedding", MemoryMarshal.AsBytes(vector.AsSpan()));
                        else
                            WriteNumbers(entry, "embedding", vector);
                    })
            );
            json.WriteString("model", request.Model);
            if (inputTokens is { } tokens)
            {
                json.WriteObject(
                    "usage",
                    usage =>
                    {
                        usage.WriteNumber("prompt_tokens", tokens);
                        usage.WriteNumber("total_tokens", tokens);
                    }
                );
            }
        });
    }

    private static void WriteAll(Utf8JsonWriter json, string name, IReadOnlyList<float[]> vectors, Action<float[], Utf8JsonWriter> write)
    {
        json.WriteStartArray(name);
        foreach (float[] vector in vectors)
            write(vector, json);
        json.WriteEndArray();
    }

    private static void WriteNumbers(Utf8JsonWriter json, string? name, float[] vector)
    {
        if (name is not null)
            json.WritePropertyName(name);
        json.WriteStartArray();
        foreach (float number in vector)
            json.WriteNumberValue(number);
        json.WriteEndArray();
    }
}
