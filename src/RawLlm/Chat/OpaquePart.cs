using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>
/// A block that only the wire it came from understands, kept whole in <see cref="Part.WireData"/> so that it can be sent back.
/// </summary>
[JsonConverter(typeof(PartConverter<OpaquePart>))]
public sealed record OpaquePart : Part
{
    /// <summary>Creates a part for a block.</summary>
    public OpaquePart(WireData data) => WireData = data ?? throw new ArgumentNullException(nameof(data));
}
