using System.Net.Sockets;

namespace RawLlm.Tests.Faults;

/// <summary>One action of a scripted server. Data only, so that a script can be listed, cut and replayed.</summary>
internal abstract record Act
{
    /// <summary>Waits for a whole request.</summary>
    public sealed record Request : Act;

    /// <summary>Waits for the head of a request, and reads no further.</summary>
    public sealed record RequestHead : Act;

    public sealed record Send(byte[] Bytes) : Act;

    /// <summary>Sends the same bytes repeatedly.</summary>
    public sealed record SendForever(byte[] Bytes) : Act;

    /// <summary>Advances the clock while the client waits.</summary>
    public sealed record Pass(TimeSpan By) : Act;

    /// <summary>Advances the clock until the client closes the connection.</summary>
    public sealed record PassForever : Act;

    /// <summary>Runs an action of the test, such as a cancellation, while the client waits.</summary>
    public sealed record Do(Action Action) : Act;

    /// <summary>Waits for the test.</summary>
    public sealed record Wait(Task Until) : Act;

    /// <summary>Sends nothing more and keeps the connection open.</summary>
    public sealed record Stall : Act;

    public sealed record Fin : Act;

    public sealed record Rst : Act;

    /// <summary>Refuses the connection.</summary>
    public sealed record Refuse(SocketError Error) : Act;
}
