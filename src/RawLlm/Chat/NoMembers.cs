using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace RawLlm;

/// <summary>
/// An empty dictionary, shared by all requests; native programs without extra members or headers then link no other dictionary.
/// </summary>
internal sealed class NoMembers<T> : IReadOnlyDictionary<string, T>, IEnumerator<KeyValuePair<string, T>>
{
    private NoMembers() { }

    public static NoMembers<T> Instance { get; } = new();

    public int Count => 0;

    public IEnumerable<string> Keys => [];

    public IEnumerable<T> Values => [];

    public KeyValuePair<string, T> Current => default;

    object IEnumerator.Current => Current;

    public T this[string key] => throw new KeyNotFoundException("There are no members.");

    public bool ContainsKey(string key) => false;

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out T value)
    {
        value = default;
        return false;
    }

    public IEnumerator<KeyValuePair<string, T>> GetEnumerator() => this;

    IEnumerator IEnumerable.GetEnumerator() => this;

    public bool MoveNext() => false;

    public void Reset() { }

    public void Dispose() { }
}
