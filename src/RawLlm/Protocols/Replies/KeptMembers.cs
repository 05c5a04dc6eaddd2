namespace RawLlm.Protocols;

/// <summary>The members of an object in the order in which they first arrived, each name once as it is on the wire.</summary>
internal sealed class KeptMembers
{
    // Above this, a hash table is used: otherwise a frame with a million names would take hours.
    private const int MaxSearched = 16;

    private readonly List<KeptMember> _members = [];
    private Dictionary<byte[], KeptMember>? _byName;

    public int Count => _members.Count;

    public KeptMember this[int index] => _members[index];

    /// <summary>Returns the member with a name; null if there is none.</summary>
    public KeptMember? Find(ReadOnlySpan<byte> name)
    {
        if (_byName is not null)
            return _byName.GetValueOrDefault(name.ToArray());
        foreach (var member in _members)
        {
            if (name.SequenceEqual(member.Name))
                return member;
        }
        return null;
    }

    /// <summary>Adds a member whose name is new.</summary>
    public void Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        var member = new KeptMember(name.ToArray(), value);
        _members.Add(member);
        if (_members.Count == MaxSearched + 1)
        {
            _byName = new(ByteArrayComparer.Instance);
            foreach (var known in _members)
                _byName.TryAdd(known.Name, known);
        }
        else
        {
            _byName?.TryAdd(member.Name, member);
        }
    }
}
