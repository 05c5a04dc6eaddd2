namespace RawLlm;

/// <summary>Something that lets a broken stream go on.</summary>
// A chain knows it by this, and a stream by StreamSeams alone: what nobody asks for is linked nowhere.
internal interface IStreamSeamSource
{
    /// <summary>Begins to follow a stream.</summary>
    /// <param name="call">Whom the chain asks.</param>
    /// <param name="showsSeams">Whether whoever reads can see a seam.</param>
    /// <param name="cancellationToken">The caller's own token that the stream is opened with.</param>
    StreamSeams Begin(FallbackCall call, bool showsSeams, CancellationToken cancellationToken);
}
