using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>Reasoning on the Converse wire that is kept whole, because it is not shown or only the service can read it.</summary>
internal static class ConverseReasoning
{
    /// <summary>Whether a block is such reasoning; fast for blocks that do not contain the member's name at all.</summary>
    public static bool Is(RawJson block)
    {
        if (block.Utf8.IndexOf("reasoningContent"u8) < 0)
            return false;
        var reader = WireJson.DeepReader(block.Utf8);
        reader.Read();
        return WireJson.TryFindMember(ref reader, "reasoningContent"u8);
    }
}
