using System.Runtime.CompilerServices;

namespace RawLlm.Protocols;

/// <summary>
/// Matches frames of several texts whose pieces take turns, such as choices, or reasoning next to text. Each frame may fit another
/// template.
/// </summary>
/// <remarks>
/// If the frames follow each other as before, the end of one frame and the beginning of the next are compared in one step, as for a single
/// template.
/// </remarks>
internal ref struct FrameTurns
{
    /// <summary>Whether a template can take turns: its piece must be a text, and the only thing that differs.</summary>
    public static bool Admits(FrameTemplate template) =>
        template is { IsPlain: true, IsStale: false, Text: { Counted: null, Pending: '\0' } };

    private const int None = -1;
    private const int StartAt = 16;

    private readonly ReadOnlySpan<FrameTemplate> _templates;
    private readonly Span<byte> _room;
    private readonly Span<int> _joints;
    private int _end;

    /// <param name="templates">All templates, indexed by their numbers.</param>
    /// <param name="room">Room for the bytes between the pieces of two frames.</param>
    /// <param name="joints">Room for one number per template.</param>
    public FrameTurns(ReadOnlySpan<FrameTemplate> templates, Span<byte> room, Span<int> joints)
    {
        _templates = templates;
        _room = room;
        _joints = joints;
        _joints.Clear();
    }

    /// <summary>Matches consecutive frames as long as their pieces are short and valid.</summary>
    /// <param name="current">The template that the first frame probably fits.</param>
    /// <param name="unread">The bytes.</param>
    /// <param name="frames">Receives the frames found.</param>
    /// <param name="texts">Receives the unescaped text of pieces with escapes.</param>
    /// <param name="written">How many bytes of <paramref name="texts"/> are in use.</param>
    /// <returns>The number of frames found.</returns>
    // Not inlined: together with everything inlined here, a caller would exceed what the compiler optimizes.
    [MethodImpl(MethodImplOptions.NoInlining)]
    public int Match(FrameTemplate current, ReadOnlySpan<byte> unread, Span<FrameAhead> frames, Span<byte> texts, ref int written)
    {
        if (!current.Begins(unread))
            return 0;
        var rest = unread[current.PieceStart..];
        for (int i = 0; i < frames.Length; i++)
        {
            int length = JsonLexer.PlainText(rest);
            int text = length;
            if (length < 0)
                length = current.Unescape(rest, texts[written..], out text);
            if (length is <= 0 or > FrameAhead.Longest)
                return i;
            int joint = _joints[current.Number];
            if (joint == 0)
                joint = Join(current);
            var between = joint > 0 ? _room.Slice(joint >> StartAt, (ushort)joint) : default;
            FrameTemplate? next;
            if (!between.IsEmpty && rest.Length - length > between.Length && rest.Slice(length, between.Length).SequenceEqual(between))
                next = current.Successor;
            else if (current.EndsWith(rest, length))
                next = Other(current, rest[(length + current.SuffixLength)..]);
            else
                return i;
            frames[i] = current.Ahead(current.PieceStart, length, text, current.FixedLength + length, ref written);
            if (next is null)
                return i + 1;
            rest = rest[(length + current.SuffixLength + next.PieceStart)..];
            current = next;
        }
        return frames.Length;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private FrameTemplate? Other(FrameTemplate current, ReadOnlySpan<byte> rest)
    {
        if (rest.IsEmpty)
            return null;
        foreach (var template in _templates)
        {
            if (!Admits(template) || template.Excess != current.Excess || !template.Begins(rest))
                continue;
            if (current.Successor != template)
            {
                current.Successor = template;
                _joints[current.Number] = None;
            }
            return template;
        }
        return null;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private int Join(FrameTemplate template)
    {
        var next = template.Successor;
        int length = template.SuffixLength + next.PieceStart;
        int joint = None;
        if (Admits(next) && next.Excess == template.Excess && _room.Length - _end >= length)
        {
            template.Suffix.CopyTo(_room[_end..]);
            next.Prefix.CopyTo(_room[(_end + template.SuffixLength)..]);
            joint = (_end << StartAt) | length;
            _end += length;
        }
        return _joints[template.Number] = joint;
    }
}
