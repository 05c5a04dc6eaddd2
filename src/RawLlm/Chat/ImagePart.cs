using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>An image, as bytes or as a URL that the service itself opens.</summary>
/// <remarks>RawLlm never fetches a URL; it passes it on unchanged.</remarks>
[JsonConverter(typeof(PartConverter<ImagePart>))]
public sealed record ImagePart : Part
{
    /// <summary>Creates an image from a URL (<c>https:</c> or <c>data:</c>).</summary>
    public ImagePart(Uri url) => Url = url ?? throw new ArgumentNullException(nameof(url));

    /// <summary>
    /// Creates an image from a URL (<c>https:</c> or <c>data:</c>), with a media type; Vertex requires one if the URL has no file extension
    /// that shows it.
    /// </summary>
    /// <param name="url">The URL.</param>
    /// <param name="mediaType">The media type, such as <c>image/png</c>; null if it is unknown.</param>
    /// <exception cref="ArgumentException">The media type does not have the form <c>image/…</c>.</exception>
    public ImagePart(Uri url, string? mediaType)
        : this(url) => MediaType = mediaType is null ? null : RawLlm.MediaType.Check(mediaType, "image/");

    /// <summary>Creates an image from bytes, which must not change afterwards.</summary>
    /// <param name="data">The encoded image.</param>
    /// <param name="mediaType">Its media type, such as <c>image/png</c>.</param>
    /// <exception cref="ArgumentException">The media type does not have the form <c>image/…</c>.</exception>
    public ImagePart(ReadOnlyMemory<byte> data, string mediaType)
    {
        Data = data;
        MediaType = RawLlm.MediaType.Check(mediaType, "image/");
    }

    /// <summary>Reads a local image file at once. Its first bytes determine the media type, or otherwise its file extension.</summary>
    /// <param name="path">The path of the file.</param>
    /// <exception cref="ArgumentException">The file is not an image of a known type; specify its bytes and media type.</exception>
    /// <exception cref="IOException">The file cannot be read; also <see cref="UnauthorizedAccessException"/>.</exception>
    public static ImagePart FromFile(string path)
    {
        byte[] data = File.ReadAllBytes(path);
        return
            (RawLlm.MediaType.OfHead(data) ?? RawLlm.MediaType.OfName(path)) is { } type
            && type.StartsWith("image/", StringComparison.Ordinal)
            ? new(data, type)
            : throw new ArgumentException(
                "The file is not an image of a known type. Specify its media type: new ImagePart(bytes, mediaType).",
                nameof(path)
            );
    }

    /// <summary>The URL, if the image was created from one.</summary>
    public Uri? Url { get; }

    /// <summary>The bytes, if the image was created from bytes.</summary>
    public ReadOnlyMemory<byte> Data { get; }

    /// <summary>The media type of <see cref="Data"/>, or that of the image at <see cref="Url"/> if it was specified.</summary>
    public string? MediaType { get; }

    /// <summary>How closely the model should look: <c>low</c>, <c>high</c> or <c>auto</c>, if the service has this option.</summary>
    public string? Detail { get; init; }

    /// <summary>Returns true for the same image: the same bytes or URL, and the same other properties.</summary>
    public bool Equals(ImagePart? other) =>
        base.Equals(other)
        && Url == other.Url
        && MediaType == other.MediaType
        && Detail == other.Detail
        && Data.Span.SequenceEqual(other.Data.Span);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(base.GetHashCode(), Url, MediaType, Detail, Data.Length);
}
