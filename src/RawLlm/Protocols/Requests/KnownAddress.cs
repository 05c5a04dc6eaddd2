namespace RawLlm.Protocols;

/// <summary>The URL of a client's last conversation with a model, already built and validated.</summary>
internal sealed class KnownAddress(string model, Uri url)
{
    public string Model => model;

    public Uri Url => url;
}
