using System.Text.Json.Serialization;

namespace RawLlm.Comparisons.Requests;

/// <summary>Writes strings as JSON.</summary>
[JsonSerializable(typeof(string))]
internal sealed partial class TextContext : JsonSerializerContext;
