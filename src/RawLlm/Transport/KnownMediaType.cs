namespace RawLlm.Transport;

/// <summary>A media type that nearly all answers have. A byte: a waiting stream keeps this instead of the header.</summary>
internal enum KnownMediaType : byte
{
    None,
    EventStream,
    Json,
}
