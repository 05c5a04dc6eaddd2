namespace RawLlm;

/// <summary>An option that lets a broken stream continue.</summary>
// A chain refers only to this interface, and a stream only to StreamSeams, so that the implementation can be trimmed if no option uses it.
internal interface IStreamSeamSource
{
    /// <summary>Begins to follow a stream.</summary>
    /// <param name="call">The chain's call.</param>
    /// <param name="showsSeams">Whether the reader can see a seam.</param>
    /// <param name="cancellationToken">The caller's token that the stream is opened with.</param>
    StreamSeams Begin(FallbackCall call, bool showsSeams, CancellationToken cancellationToken);
}
