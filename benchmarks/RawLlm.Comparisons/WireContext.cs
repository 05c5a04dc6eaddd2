using System.Text.Json.Serialization;

namespace RawLlm.Comparisons;

/// <summary>Reads chunks with the platform's source-generated serializer.</summary>
[JsonSerializable(typeof(Chunks.ChatChunk))]
[JsonSerializable(typeof(Chunks.MessageEvent))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
internal sealed partial class WireContext : JsonSerializerContext;
