namespace RawLlm.Protocols;

/// <summary>Where a client's last conversation with a model went: built and checked already.</summary>
internal sealed class KnownAddress(string model, Uri url)
{
    public string Model => model;

    public Uri Url => url;
}
