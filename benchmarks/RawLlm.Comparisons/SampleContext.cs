using System.Text.Json.Serialization;

namespace RawLlm.Comparisons;

/// <summary>Writes samples.</summary>
[JsonSerializable(typeof(List<Sample>))]
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
internal sealed partial class SampleContext : JsonSerializerContext;
