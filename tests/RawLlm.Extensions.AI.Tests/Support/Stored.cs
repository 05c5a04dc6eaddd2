using System.Text.Json;
using Microsoft.Extensions.AI;

namespace RawLlm.Extensions.AI.Tests.Support;

/// <summary>Messages that a program stored as JSON and read again, without the objects they were created from.</summary>
internal static class Stored
{
    public static ChatMessage AsJson(ChatMessage message)
    {
        string json = JsonSerializer.Serialize(message, AIJsonUtilities.DefaultOptions);
        var read = JsonSerializer.Deserialize<ChatMessage>(json, AIJsonUtilities.DefaultOptions)!;
        Assert.Null(read.RawRepresentation);
        Assert.All(read.Contents, content => Assert.Null(content.RawRepresentation));
        return read;
    }
}
