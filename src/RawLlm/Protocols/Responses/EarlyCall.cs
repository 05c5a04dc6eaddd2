using System.Buffers;

namespace RawLlm.Protocols;

/// <summary>What is known of a call that has no name yet, or no id, or that may be one of the service's own.</summary>
internal sealed class EarlyCall
{
    private readonly ArrayBufferWriter<byte> _arguments = new();
    private char _pending;

    /// <summary>The id, as it stands in JSON; empty as long as there is none.</summary>
    public byte[] Id = [];
    public bool IsIdEscaped;

    /// <summary>The name of the function, as it stands in JSON; empty as long as there is none.</summary>
    public byte[] Name = [];
    public bool IsNameEscaped;

    /// <summary>The whole arguments, as they stand in JSON; empty as long as only pieces came.</summary>
    public byte[] Whole = [];
    public bool IsWholeEscaped;

    /// <summary>True for arguments that are no text, but a JSON value.</summary>
    public bool IsWholeValue;

    /// <summary>True for a call that has both, and waits for what comes of it.</summary>
    public bool IsNamed => Id.Length > 0 && Name.Length > 0;

    /// <summary>The pieces of the arguments.</summary>
    public ReadOnlySpan<byte> Arguments => _arguments.WrittenSpan;

    /// <summary>The first half of a surrogate pair that the arguments end with; zero when there is none.</summary>
    public char Pending => _pending;

    /// <summary>Takes what an event says of the call beside its arguments.</summary>
    public void Identify(JsonText id, JsonText name)
    {
        if (Id.Length == 0 && !id.IsEmpty)
            (Id, IsIdEscaped) = (id.Raw.ToArray(), id.IsEscaped);
        if (Name.Length == 0 && !name.IsEmpty)
            (Name, IsNameEscaped) = (name.Raw.ToArray(), name.IsEscaped);
    }

    /// <summary>Adds a piece of the arguments.</summary>
    /// <returns>What had to be replaced, or <see cref="QuirkKind.None"/>.</returns>
    public QuirkKind Add(JsonText piece)
    {
        _arguments.Advance(piece.CopyTo(_arguments.GetSpan(piece.MaxLength), ref _pending, out var flaw));
        return flaw;
    }
}
