using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>What the model thought before or between its answers, as far as the service shows it.</summary>
/// <param name="Text">The thoughts or their summary; empty where the service gives only an encrypted form (<see cref="Part.WireData"/>).</param>
[JsonConverter(typeof(PartConverter<ReasoningPart>))]
public sealed record ReasoningPart(string Text) : Part;
