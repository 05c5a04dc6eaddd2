using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>The words with which the model declined.</summary>
/// <param name="Text">The model's explanation.</param>
[JsonConverter(typeof(PartConverter<RefusalPart>))]
public sealed record RefusalPart(string Text) : Part;
