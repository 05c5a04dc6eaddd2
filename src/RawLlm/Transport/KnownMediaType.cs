namespace RawLlm.Transport;

/// <summary>A media type that nearly all answers have. A byte: a waiting stream keeps it, and not the header.</summary>
internal enum KnownMediaType : byte
{
    None,
    EventStream,
    Json,
}
