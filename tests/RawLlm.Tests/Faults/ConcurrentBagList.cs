using System.Collections;

namespace RawLlm.Tests.Faults;

/// <summary>A list to which several connections can add.</summary>
internal sealed class ConcurrentBagList : IReadOnlyList<string>
{
    private readonly List<string> _items = [];

    public int Count
    {
        get
        {
            lock (_items)
                return _items.Count;
        }
    }

    public string this[int index]
    {
        get
        {
            lock (_items)
                return _items[index];
        }
    }

    public void Add(string item)
    {
        lock (_items)
            _items.Add(item);
    }

    public IEnumerator<string> GetEnumerator()
    {
        lock (_items)
            return _items.ToList().GetEnumerator();
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
