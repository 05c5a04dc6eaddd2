using System.Collections.Immutable;
using System.Net.Sockets;
using System.Text;

namespace RawLlm.Tests.Faults;

/// <summary>What a server does on one connection, in order.</summary>
internal sealed record Script(ImmutableArray<Act> Acts)
{
    public static Script Accept { get; } = new([]);

    /// <summary>Begins with a whole request.</summary>
    public static Script OnRequest { get; } = Accept.Then(new Act.Request());

    public static Script Refuse(SocketError error) => Accept.Then(new Act.Refuse(error));

    public Script Then(Act act) => new(Acts.Add(act));

    public Script Send(string text) => Send(Encoding.UTF8.GetBytes(text));

    public Script Send(byte[] bytes) => Then(new Act.Send(bytes));

    /// <summary>Adds the status line and headers.</summary>
    public Script Head(int status, params string[] headers) =>
        Send($"HTTP/1.1 {status} X\r\n{string.Concat(headers.Select(header => header + "\r\n"))}\r\n");

    /// <summary>Adds a whole response of known length.</summary>
    public Script Answer(int status, string type, string body, params string[] headers) =>
        Answer(status, type, Encoding.UTF8.GetBytes(body), headers);

    public Script Answer(int status, string type, byte[] body, params string[] headers) =>
        Head(status, [$"Content-Type: {type}", $"Content-Length: {body.Length}", .. headers]).Send(body);

    /// <summary>Adds the head of a chunked stream.</summary>
    public Script Sse(params string[] headers) => Head(200, ["Content-Type: text/event-stream", "Transfer-Encoding: chunked", .. headers]);

    public Script Chunk(string text) => Chunk(Encoding.UTF8.GetBytes(text));

    public Script Chunk(byte[] bytes) => Send([.. Encoding.ASCII.GetBytes($"{bytes.Length:x}\r\n"), .. bytes, .. "\r\n"u8]);

    public Script LastChunk() => Send("0\r\n\r\n");

    public Script Pass(double seconds) => Then(new Act.Pass(TimeSpan.FromSeconds(seconds)));

    public Script PassForever() => Then(new Act.PassForever());

    public Script Do(Action action) => Then(new Act.Do(action));

    public Script Stall() => Then(new Act.Stall());

    public Script Fin() => Then(new Act.Fin());

    public Script Rst() => Then(new Act.Rst());

    /// <summary>Adds the next request on the same connection.</summary>
    public Script Again() => Then(new Act.Request());
}
