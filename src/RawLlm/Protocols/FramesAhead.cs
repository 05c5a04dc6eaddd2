using System.Runtime.CompilerServices;

namespace RawLlm.Protocols;

/// <summary>Frames that were found to fit before they are asked for: about as many as a read of 4 KiB brings.</summary>
[InlineArray(Most)]
internal struct FramesAhead
{
    public const int Most = 16;

    /// <summary>Room for the texts that had escapes.</summary>
    public const int MostScratch = 1024;

    private FrameAhead _first;
}
