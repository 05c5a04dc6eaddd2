using System.Text;
using System.Text.Json;

namespace RawLlm;

/// <summary>A value in JSON that is still arriving, lent until the next call of the <see cref="PartialJson"/> that gave it.</summary>
public readonly ref struct PartialJsonValue
{
    internal PartialJsonValue(JsonValueKind kind, bool isClosed, int depth, ReadOnlySpan<byte> path, ReadOnlySpan<byte> utf8, ReadOnlySpan<byte> text)
    {
        Kind = kind;
        IsClosed = isClosed;
        Depth = depth;
        Path = path;
        Utf8 = utf8;
        Text = text;
    }

    /// <summary>What it is; <see cref="JsonValueKind.Undefined"/> for a member of which only the name has come.</summary>
    public JsonValueKind Kind { get; }

    /// <summary>True when all of it has come.</summary>
    public bool IsClosed { get; }

    /// <summary>How many objects and arrays it stands in: 1 for a member of the whole, 0 for a text or a number that is the whole.</summary>
    public int Depth { get; }

    /// <summary>Where it stands, as in <c>ingredients[2].name</c>; a name that holds <c>. [ ] " \</c> or a control character, and an empty one, stands as <c>["…"]</c>.</summary>
    public ReadOnlySpan<byte> Path { get; }

    /// <summary>Its JSON as it came, as far as it has come.</summary>
    public ReadOnlySpan<byte> Utf8 { get; }

    /// <summary>
    /// Of a string what it says, without quotes and escapes, as far as it has come in whole characters; empty for everything else. An escaped half of a
    /// surrogate pair that stands alone is U+FFFD.
    /// </summary>
    public ReadOnlySpan<byte> Text { get; }

    /// <summary>Whether it stands at a path, in which <c>[]</c> is any element: <c>value.Is("ingredients[].name"u8)</c>.</summary>
    /// <param name="path">The path, written as <see cref="Path"/> is.</param>
    public bool Is(ReadOnlySpan<byte> path)
    {
        var rest = Path;
        bool isQuoted = false;
        while (!path.IsEmpty)
        {
            if (!isQuoted && path is [(byte)'[', (byte)']', ..] && rest is [(byte)'[', >= (byte)'0' and <= (byte)'9', ..])
            {
                path = path[2..];
                rest = rest[(rest.IndexOf((byte)']') + 1)..];
                continue;
            }
            // Of an escape the second byte is no quote that ends a name.
            int length = isQuoted && path is [(byte)'\\', _, ..] ? 2 : 1;
            if (!rest.StartsWith(path[..length]))
                return false;
            isQuoted ^= path[0] == '"';
            path = path[length..];
            rest = rest[length..];
        }
        return rest.IsEmpty;
    }

    /// <summary>An owned copy that may be kept.</summary>
    /// <exception cref="InvalidOperationException">Not all of the value has come (<see cref="IsClosed"/>).</exception>
    public RawJson ToRawJson() => IsClosed ? RawJson.FromChecked(Utf8.ToArray()) : throw new InvalidOperationException("Not all of the value has come yet: ask IsClosed first.");

    /// <summary>Of a string what it says, else the JSON; as far as it has come.</summary>
    public override string ToString() => Encoding.UTF8.GetString(Kind == JsonValueKind.String ? Text : Utf8);
}
