using System.Net.Sockets;

namespace RawLlm.Tests.Faults;

/// <summary>One thing that a scripted server does. Data only, so that a script can be listed, cut and replayed.</summary>
internal abstract record Act
{
    /// <summary>Waits for a whole request.</summary>
    public sealed record Request : Act;

    /// <summary>Waits for the head of a request, and does not read on.</summary>
    public sealed record RequestHead : Act;

    public sealed record Send(byte[] Bytes) : Act;

    /// <summary>Sends the same bytes again and again.</summary>
    public sealed record SendForever(byte[] Bytes) : Act;

    /// <summary>Moves the clock while the client waits.</summary>
    public sealed record Pass(TimeSpan By) : Act;

    /// <summary>Moves the clock on until the client ends the connection.</summary>
    public sealed record PassForever : Act;

    /// <summary>Does something of the test's own, such as to cancel, while the client waits.</summary>
    public sealed record Do(Action Action) : Act;

    /// <summary>Waits for the test.</summary>
    public sealed record Wait(Task Until) : Act;

    /// <summary>Says nothing more and keeps the connection.</summary>
    public sealed record Stall : Act;

    public sealed record Fin : Act;

    public sealed record Rst : Act;

    /// <summary>No connection comes about.</summary>
    public sealed record Refuse(SocketError Error) : Act;
}
