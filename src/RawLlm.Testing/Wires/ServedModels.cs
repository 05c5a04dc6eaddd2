using System.Text.Json;

namespace RawLlm.Testing;

/// <summary>Writes lists of models as services do.</summary>
internal static class ServedModels
{
    /// <summary>Returns the body of the response.</summary>
    /// <exception cref="InvalidOperationException">The request does not ask for a list of models.</exception>
    public static byte[] Write(ScriptedRequest request, IReadOnlyList<string> models)
    {
        string address = WireChoice.Address(request.Path);
        return address switch
        {
            _ when request.Method != "GET" => throw NotAsked(request),
            _ when address.EndsWith("/v1beta/models", StringComparison.Ordinal) => List(
                "models",
                models,
                static (id, model) => model.WriteString("name", $"models/{id}")
            ),
            _ when address.EndsWith("/api/tags", StringComparison.Ordinal) => List(
                "models",
                models,
                static (id, model) =>
                {
                    model.WriteString("name", id);
                    model.WriteString("model", id);
                }
            ),
            _ when address.EndsWith("/foundation-models", StringComparison.Ordinal) => List(
                "modelSummaries",
                models,
                static (id, model) => model.WriteString("modelId", id)
            ),
            _ when address.EndsWith("/models", StringComparison.Ordinal) => List(
                "data",
                models,
                static (id, model) =>
                {
                    model.WriteString("id", id);
                    model.WriteString("object", "model");
                }
            ),
            _ => throw NotAsked(request),
        };
    }

    private static byte[] List(string name, IReadOnlyList<string> models, Action<string, Utf8JsonWriter> write) =>
        JsonBytes.Object(json =>
        {
            json.WriteStartArray(name);
            foreach (string id in models)
                json.WriteElement(model => write(id, model));
            json.WriteEndArray();
        });

    private static InvalidOperationException NotAsked(ScriptedRequest request) =>
        new($"The script answers {request} with a list of models, but the request does not ask for one.");
}
