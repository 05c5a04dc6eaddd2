using System.Buffers;

namespace RawLlm.Protocols;

/// <summary>The data of a tool call that has no name or no ID yet, or that may be one of the service's own.</summary>
internal sealed class EarlyCall
{
    private readonly ArrayBufferWriter<byte> _arguments = new();
    private char _pending;

    /// <summary>The ID, as raw JSON text; empty until it arrives.</summary>
    public byte[] Id = [];
    public bool IsIdEscaped;

    /// <summary>The name of the tool, as raw JSON text; empty until it arrives.</summary>
    public byte[] Name = [];
    public bool IsNameEscaped;

    /// <summary>The whole arguments, as raw JSON; empty while only pieces arrived.</summary>
    public byte[] Whole = [];
    public bool IsWholeEscaped;

    /// <summary>Whether the whole arguments are a JSON value instead of a text.</summary>
    public bool IsWholeValue;

    /// <summary>Whether the call has both an ID and a name. It then waits to see whether the service runs it.</summary>
    public bool IsNamed => Id.Length > 0 && Name.Length > 0;

    /// <summary>The pieces of the arguments, joined.</summary>
    public ReadOnlySpan<byte> Arguments => _arguments.WrittenSpan;

    /// <summary>The first half of a surrogate pair that the arguments end with; zero if there is none.</summary>
    public char Pending => _pending;

    /// <summary>Takes the ID and the name from an event.</summary>
    public void Identify(JsonText id, JsonText name)
    {
        if (Id.Length == 0 && !id.IsEmpty)
            (Id, IsIdEscaped) = (id.Raw.ToArray(), id.IsEscaped);
        if (Name.Length == 0 && !name.IsEmpty)
            (Name, IsNameEscaped) = (name.Raw.ToArray(), name.IsEscaped);
    }

    /// <summary>Adds a piece of the arguments.</summary>
    /// <returns>The quirk of a piece in which something had to be replaced; <see cref="QuirkKind.None"/> otherwise.</returns>
    public QuirkKind Add(JsonText piece)
    {
        _arguments.Advance(piece.CopyTo(_arguments.GetSpan(piece.MaxLength), ref _pending, out var flaw));
        return flaw;
    }
}
