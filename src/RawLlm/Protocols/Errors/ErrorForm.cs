namespace RawLlm.Protocols;

/// <summary>What kind of body an error came in.</summary>
internal enum ErrorForm
{
    /// <summary>There was none.</summary>
    Empty,

    /// <summary>JSON.</summary>
    Json,

    /// <summary>It begins like JSON and is not whole, or not JSON after all, or too large to look at.</summary>
    BrokenJson,

    /// <summary>A web page.</summary>
    WebPage,

    /// <summary>Plain text.</summary>
    Text,
}
