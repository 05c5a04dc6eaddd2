using System.Text.Json.Serialization;

namespace RawLlm.Comparisons.Results;

/// <summary>Reads and writes results.</summary>
[JsonSerializable(typeof(ResultSet))]
[JsonSourceGenerationOptions(
    WriteIndented = true,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true
)]
internal sealed partial class ResultContext : JsonSerializerContext;
