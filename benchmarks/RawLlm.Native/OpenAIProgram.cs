using System.ClientModel;
using System.Text;
using OpenAI;
using OpenAI.Chat;

namespace RawLlm.Native;

/// <summary>Streams a chat with the OpenAI package.</summary>
internal static class OpenAIProgram
{
    private static async Task Main(string[] arguments)
    {
        using var output = Console.OpenStandardOutput();
        var client = new ChatClient("m", new ApiKeyCredential("k"), new OpenAIClientOptions { Endpoint = new Uri(arguments[0]) });
        await foreach (var update in client.CompleteChatStreamingAsync([new UserChatMessage("Why is the sky blue?")]))
        {
            foreach (var part in update.ContentUpdate)
                output.Write(Encoding.UTF8.GetBytes(part.Text));
        }
    }
}
