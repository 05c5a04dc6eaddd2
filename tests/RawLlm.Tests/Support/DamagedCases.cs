using System.Text;
using RawLlm.Protocols;
using RawLlm.Tests.Recorded;
using RawLlm.Tests.Wire;

namespace RawLlm.Tests.Support;

/// <summary>Wire cases with a few bytes changed: they give events or an <see cref="LlmException"/>, nothing else.</summary>
internal static class DamagedCases
{
    private const int Rounds = 60;

    private static readonly string[] Pieces =
    [
        "\"",
        "\\",
        "\\ud83d",
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "null",
        "0",
        "-1",
        "1e999",
        "99999999999",
        "\"\\ud83d\":1,",
        "\n\n",
        "\n",
        "data: ",
        "\u00ff",
    ];

    /// <summary>Decodes damaged bodies of all cases of a wire, whole and in pieces, and sends back what was decoded.</summary>
    /// <param name="protocol">The wire.</param>
    /// <param name="words">Words of the wire, to be inserted in the wrong places.</param>
    public static void Check(WireProtocol protocol, params string[] words)
    {
        string[] pieces = [.. Pieces, .. words];
        foreach (var wireCase in WireCase.All().Where(wireCase => wireCase.Protocol == protocol.Name && wireCase.ErrorStatus is null))
        {
            byte[] body = wireCase.ReadBody();
            for (int seed = 0; seed < Rounds; seed++)
            {
                byte[] damaged = Damage(body, pieces, new Random(seed));
                try
                {
                    var decoded = wireCase.IsStream
                        ? Decoded.Stream(protocol, damaged, pieces: 1 + (seed * 7))
                        : Decoded.Whole(protocol, damaged);
                    Assert.True(decoded.Error is not null || decoded.Reply.IsComplete);
                    SendBack(protocol, decoded.Reply.Message);
                }
                catch (Exception e)
                {
                    Assert.Fail($"{wireCase.Name}, seed {seed}: {e}\n{Encoding.UTF8.GetString(damaged)}");
                }
            }
        }
    }

    private static void SendBack(WireProtocol protocol, Message message)
    {
        using var wire = new WireRequest { BaseUrl = new("https://example.org/") };
        try
        {
            protocol.WriteRequest(new ChatRequest { Model = "m", Messages = [Message.User("x"), message] }, stream: false, wire);
        }
        // Arguments that are not an object cannot be sent back on a wire that requires objects; the writer says so before anything is sent.
        catch (ArgumentException)
            when (message.Parts.OfType<ToolCallPart>().Any(part => part.Call is { IsComplete: true, Arguments: not ['{', ..] }))
        {
            return;
        }
        System.Text.Json.JsonDocument.Parse(wire.Body, new() { MaxDepth = 256 }).Dispose();
    }

    private static byte[] Damage(byte[] body, string[] pieces, Random random)
    {
        var bytes = body.ToList();
        for (int i = random.Next(1, 4); i > 0; i--)
        {
            int at = random.Next(bytes.Count + 1);
            int length = Math.Min(random.Next(12), bytes.Count - at);
            if (random.Next(3) > 0)
                bytes.RemoveRange(at, length);
            if (random.Next(3) > 0)
                bytes.InsertRange(at, Encoding.UTF8.GetBytes(pieces[random.Next(pieces.Length)]));
            else if (length > 0 && at < bytes.Count)
                bytes[at] = (byte)random.Next(256);
        }
        return [.. bytes];
    }
}
