using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>The model's reasoning before or between its answers, as far as the service shows it.</summary>
/// <param name="Text">The reasoning or a summary of it; empty if the service sends only an encrypted form
/// (<see cref="Part.WireData"/>).</param>
[JsonConverter(typeof(PartConverter<ReasoningPart>))]
public sealed record ReasoningPart(string Text) : Part;
