namespace RawLlm.Protocols;

/// <summary>The form of an error's body.</summary>
internal enum ErrorForm
{
    /// <summary>There was no body.</summary>
    Empty,

    /// <summary>JSON.</summary>
    Json,

    /// <summary>It begins like JSON but is incomplete, not valid JSON, or too large to read.</summary>
    BrokenJson,

    /// <summary>A web page.</summary>
    WebPage,

    /// <summary>Plain text.</summary>
    Text,
}
