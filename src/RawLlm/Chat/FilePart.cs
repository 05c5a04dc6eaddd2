namespace RawLlm;

/// <summary>A document or a recording, as bytes or as an address or id that the service knows.</summary>
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

    /// <summary>A file that was uploaded to the service before.</summary>
    /// <exception cref="ArgumentException">The id is empty.</exception>
    public FilePart(string fileId)
    {
        ArgumentException.ThrowIfNullOrEmpty(fileId);
        FileId = fileId;
    }

    /// <summary>The bytes, when the file was given so.</summary>
    public ReadOnlyMemory<byte> Data { get; }

    /// <summary>The media type of <see cref="Data"/>.</summary>
    public string? MediaType { get; }

    /// <summary>The file's name.</summary>
    public string? Name { get; }

    /// <summary>The address, when the file was given as one.</summary>
    public Uri? Url { get; }

    /// <summary>The service's own id of the file.</summary>
    public string? FileId { get; }
}
