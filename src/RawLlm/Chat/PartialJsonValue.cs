using System.Text;
using System.Text.Json;

namespace RawLlm;

/// <summary>A value in JSON that is still arriving, lent until the next call on its <see cref="PartialJson"/>.</summary>
public readonly ref struct PartialJsonValue
{
    internal PartialJsonValue(
        JsonValueKind kind,
        bool isClosed,
        int depth,
        ReadOnlySpan<byte> path,
        ReadOnlySpan<byte> utf8,
        ReadOnlySpan<byte> text
    )
    {
        Kind = kind;
        IsClosed = isClosed;
        Depth = depth;
        Path = path;
        Utf8 = utf8;
        Text = text;
    }

    /// <summary>The type of the value; <see cref="JsonValueKind.Undefined"/> for a member of which only the name has arrived.</summary>
    public JsonValueKind Kind { get; }

    /// <summary>Whether the value has arrived completely.</summary>
    public bool IsClosed { get; }

    /// <summary>
    /// How many objects and arrays contain the value: 1 for a member of the outermost value, 0 for an outermost string or number.
    /// </summary>
    public int Depth { get; }

    /// <summary>
    /// The path of the value, as in <c>ingredients[2].name</c>. A name that is empty
    /// or contains <c>. [ ] " \</c> or a control character is written as <c>["…"]</c>.
    /// </summary>
    public ReadOnlySpan<byte> Path { get; }

    /// <summary>The value's JSON as far as it has arrived, unchanged.</summary>
    public ReadOnlySpan<byte> Utf8 { get; }

    /// <summary>
    /// The content of a string, without quotes and escapes, as far as it has arrived in whole characters;
    /// empty for everything else. An escaped half of a surrogate pair that stands alone becomes U+FFFD.
    /// </summary>
    public ReadOnlySpan<byte> Text { get; }

    /// <summary>Whether the value has a path, in which <c>[]</c> stands for any element: <c>value.Is("ingredients[].name"u8)</c>.</summary>
    /// <param name="path">The path, in the format of <see cref="Path"/>.</param>
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
            // The second byte of an escape is not a quote that ends a name.
            int length = isQuoted && path is [(byte)'\\', _, ..] ? 2 : 1;
            if (!rest.StartsWith(path[..length]))
                return false;
            isQuoted ^= path[0] == '"';
            path = path[length..];
            rest = rest[length..];
        }
        return rest.IsEmpty;
    }

    /// <summary>Returns an owned copy, which can be kept.</summary>
    /// <exception cref="InvalidOperationException">The value is incomplete (<see cref="IsClosed"/>).</exception>
    public RawJson ToRawJson() =>
        IsClosed
            ? RawJson.FromChecked(Utf8.ToArray())
            : throw new InvalidOperationException("The value is not complete yet. Check IsClosed first.");

    /// <summary>Returns the content of a string, or otherwise the JSON, as far as it has arrived.</summary>
    public override string ToString() => Encoding.UTF8.GetString(Kind == JsonValueKind.String ? Text : Utf8);
}
