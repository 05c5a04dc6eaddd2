using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>The container in which the service runs code for a conversation, kept as a part of the message that named it.</summary>
/// <remarks>
/// Source: platform.claude.com/docs/en/agents-and-tools/tool-use/code-execution-tool. An answer contains <c>"container": {"id": …,
/// "expires_at": …}</c> beside its stop reason; a request contains the ID as a top-level member. No content block looks like this part,
/// because a block has a type.
/// </remarks>
internal static class AnthropicContainer
{
    private static ReadOnlySpan<byte> Start => "{\"container\":"u8;

    /// <summary>Returns the form in which a container is kept.</summary>
    public static byte[] Wrap(ReadOnlySpan<byte> container) => [.. Start, .. container, (byte)'}'];

    /// <summary>Whether a part is a kept container.</summary>
    public static bool Is(Part part) =>
        part is OpaquePart { WireData: { Protocol: AnthropicProtocol.ProtocolName } data }
        && data.Json.Utf8.StartsWith(Start)
        && !IdOf(data).IsEmpty;

    /// <summary>Returns the container ID in the model's latest message with a container of this service; empty if there is none.</summary>
    public static JsonText LatestIn(IReadOnlyList<Message> messages, WireRequest wire)
    {
        for (int i = messages.Count - 1; i >= 0; i--)
        {
            if (messages[i] is not { Role: Role.Assistant, Parts: { } parts })
                continue;
            for (int j = parts.Count - 1; j >= 0; j--)
            {
                if (parts[j] is not { } part || !Is(part))
                    continue;
                if (wire.Owns(part.WireData, AnthropicProtocol.ProtocolName))
                    return IdOf(part.WireData);
                wire.Note(QuirkKind.LeftOut, "container");
            }
        }
        return default;
    }

    /// <summary>Returns the ID in the service's container object; empty if there is none.</summary>
    public static JsonText IdOf(ReadOnlySpan<byte> container)
    {
        JsonText id = default;
        var reader = WireJson.DeepReader(container);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = WireJson.Name(ref reader);
            if (name.SequenceEqual("id"u8))
                WireJson.ReadTextIfAny(ref reader, ref id);
            else
                WireJson.SkipValue(ref reader);
        }
        return id;
    }

    private static JsonText IdOf(WireData data) =>
        data.Json.Utf8[Start.Length..^1] is [(byte)'{', ..] container ? IdOf(container) : default;
}
