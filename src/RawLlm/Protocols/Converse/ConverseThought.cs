using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>A thought of the Converse wire that is kept whole: it is not shown, or only the service can read it.</summary>
internal static class ConverseThought
{
    /// <summary>Whether a block is one; cheap for all that do not so much as name it.</summary>
    public static bool Is(RawJson block)
    {
        if (block.Utf8.IndexOf("reasoningContent"u8) < 0)
            return false;
        var reader = WireJson.DeepReader(block.Utf8);
        reader.Read();
        return WireJson.TryFindMember(ref reader, "reasoningContent"u8);
    }
}
