using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>A picture, as bytes or as an address that the service itself opens.</summary>
/// <remarks>RawLlm never fetches an address: it is passed on as it stands.</remarks>
[JsonConverter(typeof(PartConverter<ImagePart>))]
public sealed record ImagePart : Part
{
    /// <summary>A picture at an address (<c>https:</c> or <c>data:</c>).</summary>
    public ImagePart(Uri url) => Url = url ?? throw new ArgumentNullException(nameof(url));

    /// <summary>A picture at an address (<c>https:</c> or <c>data:</c>), of a type that is known: Vertex wants to be told it where the address does not end in it.</summary>
    /// <param name="url">The address.</param>
    /// <param name="mediaType">Its type, such as <c>image/png</c>; null where it is not known.</param>
    /// <exception cref="ArgumentException">The media type is not of the form <c>image/…</c>.</exception>
    public ImagePart(Uri url, string? mediaType)
        : this(url) => MediaType = mediaType is null ? null : RawLlm.MediaType.Check(mediaType, "image/");

    /// <summary>A picture given as bytes, which must not change afterwards.</summary>
    /// <param name="data">The encoded picture.</param>
    /// <param name="mediaType">Its type, such as <c>image/png</c>.</param>
    /// <exception cref="ArgumentException">The media type is not of the form <c>image/…</c>.</exception>
    public ImagePart(ReadOnlyMemory<byte> data, string mediaType)
    {
        Data = data;
        MediaType = RawLlm.MediaType.Check(mediaType, "image/");
    }

    /// <summary>A picture of this machine, which is read at once; its type is told by its first bytes, or else by the end of its name.</summary>
    /// <param name="path">Where it is.</param>
    /// <exception cref="ArgumentException">It is no picture of a kind that is known: give its bytes and its type.</exception>
    /// <exception cref="IOException">It cannot be read; also <see cref="UnauthorizedAccessException"/>.</exception>
    public static ImagePart FromFile(string path)
    {
        byte[] data = File.ReadAllBytes(path);
        return (RawLlm.MediaType.OfHead(data) ?? RawLlm.MediaType.OfName(path)) is { } type && type.StartsWith("image/", StringComparison.Ordinal) ? new(data, type)
            : throw new ArgumentException("The file is no picture of a kind that is known. Give its type: new ImagePart(bytes, mediaType).", nameof(path));
    }

    /// <summary>The address, when the picture was given as one.</summary>
    public Uri? Url { get; }

    /// <summary>The bytes, when the picture was given so.</summary>
    public ReadOnlyMemory<byte> Data { get; }

    /// <summary>The media type of <see cref="Data"/>, or that of the picture at <see cref="Url"/> where it was given.</summary>
    public string? MediaType { get; }

    /// <summary>How closely to look: <c>low</c>, <c>high</c> or <c>auto</c>, where the service knows the word.</summary>
    public string? Detail { get; init; }

    /// <summary>True for the same picture, given as the same bytes or by the same address, with the same data beside it.</summary>
    public bool Equals(ImagePart? other) => base.Equals(other) && Url == other.Url && MediaType == other.MediaType && Detail == other.Detail && Data.Span.SequenceEqual(other.Data.Span);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(base.GetHashCode(), Url, MediaType, Detail, Data.Length);
}
