using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>A file, such as a document or a recording: as bytes, as a URL, or as an ID that the service knows.</summary>
[JsonConverter(typeof(PartConverter<FilePart>))]
public sealed record FilePart : Part
{
    /// <summary>Creates a file from bytes, which must not change afterwards.</summary>
    /// <param name="data">The content of the file.</param>
    /// <param name="mediaType">Its media type, such as <c>application/pdf</c> or <c>audio/wav</c>.</param>
    /// <param name="name">The name that the model sees; some services require one.</param>
    /// <exception cref="ArgumentException">The media type does not have the form <c>type/subtype</c>.</exception>
    public FilePart(ReadOnlyMemory<byte> data, string mediaType, string? name = null)
    {
        Data = data;
        MediaType = RawLlm.MediaType.Check(mediaType, "");
        Name = name;
    }

    /// <summary>Creates a file from a URL that the service itself opens.</summary>
    public FilePart(Uri url) => Url = url ?? throw new ArgumentNullException(nameof(url));

    /// <summary>
    /// Creates a file from a URL that the service itself opens, with a media type; Vertex requires one if the URL has no file extension
    /// that shows it.
    /// </summary>
    /// <param name="url">The URL.</param>
    /// <param name="mediaType">The media type, such as <c>application/pdf</c>; null if it is unknown.</param>
    /// <exception cref="ArgumentException">The media type does not have the form <c>type/subtype</c>.</exception>
    public FilePart(Uri url, string? mediaType)
        : this(url) => MediaType = mediaType is null ? null : RawLlm.MediaType.Check(mediaType, "");

    /// <summary>Creates a file from the ID of one that was uploaded to the service.</summary>
    /// <exception cref="ArgumentException">The ID is empty.</exception>
    public FilePart(string fileId)
    {
        ArgumentException.ThrowIfNullOrEmpty(fileId);
        FileId = fileId;
    }

    /// <summary>
    /// Creates a file from the ID of one that was uploaded to the service, with a media
    /// type: services do not refer to images and documents by ID in the same way.
    /// </summary>
    /// <param name="fileId">The service's own ID of the file.</param>
    /// <param name="mediaType">The media type, such as <c>image/png</c>; null if it is unknown.</param>
    /// <exception cref="ArgumentException">The ID is empty, or the media type does not have the form <c>type/subtype</c>.</exception>
    public FilePart(string fileId, string? mediaType)
        : this(fileId) => MediaType = mediaType is null ? null : RawLlm.MediaType.Check(mediaType, "");

    /// <summary>
    /// Reads a local file at once and keeps its name. Its first bytes determine the media type, or otherwise its file extension.
    /// </summary>
    /// <param name="path">The path of the file.</param>
    /// <exception cref="ArgumentException">The type of the file is unknown; specify its bytes and media type.</exception>
    /// <exception cref="IOException">The file cannot be read; also <see cref="UnauthorizedAccessException"/>.</exception>
    public static FilePart FromFile(string path)
    {
        byte[] data = File.ReadAllBytes(path);
        string type =
            RawLlm.MediaType.OfHead(data)
            ?? RawLlm.MediaType.OfName(path)
            ?? throw new ArgumentException(
                "The type of the file is unknown. Specify its media type: new FilePart(bytes, mediaType, name).",
                nameof(path)
            );
        return new(data, type, Path.GetFileName(path));
    }

    /// <summary>The bytes, if the file was created from bytes.</summary>
    public ReadOnlyMemory<byte> Data { get; }

    /// <summary>
    /// The media type of <see cref="Data"/>, or that of the file at <see cref="Url"/> or of <see cref="FileId"/> if it was specified.
    /// </summary>
    public string? MediaType { get; }

    /// <summary>
    /// The transcript of audio that a model made. It is not part of <see cref="Message.Text"/>,
    /// but services that do not accept a model's audio receive it as text instead.
    /// </summary>
    public string? Transcript { get; init; }

    /// <summary>The file's name.</summary>
    public string? Name { get; }

    /// <summary>The URL, if the file was created from one.</summary>
    public Uri? Url { get; }

    /// <summary>The service's own ID of the file, if it was created from one.</summary>
    public string? FileId { get; }

    /// <summary>
    /// Returns a file in a data URL as its bytes, and any other file unchanged; null if the URL has no media type or no base64.
    /// </summary>
    // An instance method, so that a native program that has no files omits it, and then all that writes them.
    internal FilePart? Opened()
    {
        const string Scheme = "data:";
        const string Base64 = ";base64";
        if (Url?.OriginalString is not { } text || !text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
            return this;
        int comma = text.IndexOf(',', StringComparison.Ordinal);
        string head = comma < 0 ? "" : text[Scheme.Length..comma];
        byte[] data = new byte[text.Length - comma];
        return
            head.EndsWith(Base64, StringComparison.OrdinalIgnoreCase)
            && !head.StartsWith(';')
            && Convert.TryFromBase64Chars(text.AsSpan(comma + 1), data, out int length)
            ? new FilePart(data.AsMemory(0, length), head[..^Base64.Length].Split(';')[0], Name)
            : null;
    }

    /// <summary>Returns true for the same file: the same bytes, URL or ID, and the same other properties.</summary>
    public bool Equals(FilePart? other) =>
        base.Equals(other)
        && Url == other.Url
        && FileId == other.FileId
        && Name == other.Name
        && MediaType == other.MediaType
        && Transcript == other.Transcript
        && Data.Span.SequenceEqual(other.Data.Span);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(base.GetHashCode(), Url, FileId, Name, MediaType, Data.Length);
}
