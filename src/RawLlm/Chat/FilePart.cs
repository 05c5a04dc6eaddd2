using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>A document or a recording, as bytes or as an address or id that the service knows.</summary>
[JsonConverter(typeof(PartConverter<FilePart>))]
public sealed record FilePart : Part
{
    /// <summary>A file given as bytes, which must not change afterwards.</summary>
    /// <param name="data">The file.</param>
    /// <param name="mediaType">Its type, such as <c>application/pdf</c> or <c>audio/wav</c>.</param>
    /// <param name="name">The name shown to the model; some services require one.</param>
    /// <exception cref="ArgumentException">The media type is not of the form <c>type/subtype</c>.</exception>
    public FilePart(ReadOnlyMemory<byte> data, string mediaType, string? name = null)
    {
        Data = data;
        MediaType = RawLlm.MediaType.Check(mediaType, "");
        Name = name;
    }

    /// <summary>A file at an address that the service itself opens.</summary>
    public FilePart(Uri url) => Url = url ?? throw new ArgumentNullException(nameof(url));

    /// <summary>A file at an address that the service itself opens, of a type that is known: Vertex wants to be told it where the address does not end in it.</summary>
    /// <param name="url">The address.</param>
    /// <param name="mediaType">Its type, such as <c>application/pdf</c>; null where it is not known.</param>
    /// <exception cref="ArgumentException">The media type is not of the form <c>type/subtype</c>.</exception>
    public FilePart(Uri url, string? mediaType)
        : this(url) => MediaType = mediaType is null ? null : RawLlm.MediaType.Check(mediaType, "");

    /// <summary>A file that was uploaded to the service before.</summary>
    /// <exception cref="ArgumentException">The id is empty.</exception>
    public FilePart(string fileId)
    {
        ArgumentException.ThrowIfNullOrEmpty(fileId);
        FileId = fileId;
    }

    /// <summary>A file that was uploaded to the service before, of a type that is known: services name a picture by its id otherwise than a document.</summary>
    /// <param name="fileId">The service's own id of the file.</param>
    /// <param name="mediaType">Its type, such as <c>image/png</c>; null where it is not known.</param>
    /// <exception cref="ArgumentException">The id is empty, or the media type is not of the form <c>type/subtype</c>.</exception>
    public FilePart(string fileId, string? mediaType)
        : this(fileId) => MediaType = mediaType is null ? null : RawLlm.MediaType.Check(mediaType, "");

    /// <summary>A file of this machine, which is read at once and keeps its name; its type is told by its first bytes, or else by the end of its name.</summary>
    /// <param name="path">Where it is.</param>
    /// <exception cref="ArgumentException">It is of no kind that is known: give its bytes and its type.</exception>
    /// <exception cref="IOException">It cannot be read; also <see cref="UnauthorizedAccessException"/>.</exception>
    public static FilePart FromFile(string path)
    {
        byte[] data = File.ReadAllBytes(path);
        string type = RawLlm.MediaType.OfHead(data) ?? RawLlm.MediaType.OfName(path)
            ?? throw new ArgumentException("The file is of no kind that is known. Give its type: new FilePart(bytes, mediaType, name).", nameof(path));
        return new(data, type, Path.GetFileName(path));
    }

    /// <summary>The bytes, when the file was given so.</summary>
    public ReadOnlyMemory<byte> Data { get; }

    /// <summary>The media type of <see cref="Data"/>, or that of the file at <see cref="Url"/> or of <see cref="FileId"/> where it was given.</summary>
    public string? MediaType { get; }

    /// <summary>What is said in sound that a model made; no part of <see cref="Message.Text"/>, but sent as text in its place to services that take the sound of no model.</summary>
    public string? Transcript { get; init; }

    /// <summary>The file's name.</summary>
    public string? Name { get; }

    /// <summary>The address, when the file was given as one.</summary>
    public Uri? Url { get; }

    /// <summary>The service's own id of the file.</summary>
    public string? FileId { get; }

    /// <summary>True for the same file, given as the same bytes or by the same name, with the same words and the same data beside it.</summary>
    public bool Equals(FilePart? other) => base.Equals(other) && Url == other.Url && FileId == other.FileId && Name == other.Name && MediaType == other.MediaType
        && Transcript == other.Transcript && Data.Span.SequenceEqual(other.Data.Span);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(base.GetHashCode(), Url, FileId, Name, MediaType, Data.Length);
}
