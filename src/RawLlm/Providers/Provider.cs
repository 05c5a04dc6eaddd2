using RawLlm.Protocols;

namespace RawLlm;

/// <summary>Where a service is, which wire it speaks, and how one proves who one is. Data only; change a copy with <c>with { … }</c>.</summary>
public sealed record Provider
{
    private readonly string _catalogName;
    private readonly ModelTable? _known;
    private readonly string? _origin;

    /// <summary>Makes the provider of a service.</summary>
    /// <param name="Name">A short name, as in <c>openrouter</c>; it stands in errors.</param>
    /// <param name="BaseUrl">The address up to where the wire's own paths begin, with or without a slash at the end.</param>
    /// <param name="Protocol">The wire and its dialect.</param>
    /// <param name="Credential">What every request carries as proof.</param>
    public Provider(string Name, Uri BaseUrl, WireProtocol Protocol, Credential Credential)
        : this(Name, BaseUrl, Protocol, Credential, KnownModels.Table)
    {
    }

    /// <summary>Makes the provider of a service of whose models nothing is known beforehand, where the table is null.</summary>
    internal Provider(string name, Uri baseUrl, WireProtocol protocol, Credential credential, ModelTable? known)
    {
        Name = Title = _catalogName = name;
        BaseUrl = baseUrl;
        Protocol = protocol;
        Credential = credential;
        _known = known;
        _made = (baseUrl, credential);
    }

    /// <summary>A short name, as in <c>openrouter</c>; it stands in errors.</summary>
    public string Name { get; init; }

    /// <summary>The address up to where the wire's own paths begin, with or without a slash at the end.</summary>
    public Uri BaseUrl { get; init; }

    /// <summary>The wire and its dialect.</summary>
    public WireProtocol Protocol { get; init; }

    /// <summary>What every request carries as proof.</summary>
    public Credential Credential { get; init; }

    /// <summary>What people call the service.</summary>
    public string Title { get; init; }

    /// <summary>Headers that go with every request.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = NoMembers<string>.Instance;

    /// <summary>What the service can do with any model; what is not known keeps nothing from being sent.</summary>
    public Capabilities Capabilities { get; init; } = Capabilities.Unknown;

    /// <summary>What single models can do, by the name that requests give; it goes before what RawLlm knows of them itself.</summary>
    /// <remarks><see cref="WithModels"/> fills it from the service's own list.</remarks>
    public IReadOnlyDictionary<string, Capabilities> Models { get; init; } = NoMembers<Capabilities>.Instance;

    /// <summary>The name under which tables of models and prices know the service, where that is not its own: <c>openai</c> for its other wires.</summary>
    public string CatalogName
    {
        get => _catalogName;
        init
        {
            _catalogName = value;
            _known = KnownModels.Table;
        }
    }

    /// <summary>
    /// Where the models are listed, when that is not where the wire says: relative to <see cref="BaseUrl"/>, or an address that differs
    /// from it in the host's first name alone. An address elsewhere is not used, so that a changed base URL takes the key along nowhere.
    /// </summary>
    public Uri? ModelsUrl { get; init; }

    /// <summary>What is known of a model: from <see cref="Models"/>, then from RawLlm's own table, then of the service.</summary>
    /// <param name="model">The model, by the name that requests give.</param>
    public Capabilities CapabilitiesOf(string model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var own = Models.GetValueOrDefault(model) ?? Capabilities.Unknown;
        return own.Or(_known?.Find(CatalogName, model) ?? Capabilities.Unknown).Or(Capabilities);
    }

    /// <summary>The same service with a key, which goes where this service takes it: behind <c>Authorization: Bearer</c>, or in a header such as <c>x-api-key</c>, <c>x-goog-api-key</c> or <c>api-key</c>.</summary>
    /// <param name="key">The key.</param>
    /// <exception cref="ArgumentException">The key is empty or holds a character that may not stand in a header.</exception>
    /// <exception cref="InvalidOperationException">The service does not take a single key, as with a signature of AWS.</exception>
    public Provider WithKey(string key)
    {
        // Where the service takes it is known better than where another credential put one.
        var credential = KeyPlace?.WithKey(key) ?? Credential.WithKey(key);
        // A server that asks for none by itself may stand behind one that does.
        if (credential is null && Credential is NoCredential)
            credential = _made.Credential.WithKey(key) ?? (_made.Credential is NoCredential ? Credential.Bearer(key) : null);
        return this with { Credential = credential ?? throw new InvalidOperationException($"{Title} does not take a single key: set Credential to what it takes.") };
    }

    /// <summary>The header in which the service takes keys while its address is its own, as far as that is known; null where it is not.</summary>
    internal HeaderCredential? KeyPlace => MadeFor is null ? _made.Credential as HeaderCredential : null;

    /// <summary>True for a service that takes tokens of another kind than its keys behind <c>Authorization: Bearer</c>.</summary>
    internal bool TakesBearerToo { get; init; }

    /// <summary>The same service with what a list of its models says of them.</summary>
    /// <param name="models">The models, as <see cref="LlmClient.ListModelsAsync"/> gives them.</param>
    public Provider WithModels(IEnumerable<ModelInfo> models)
    {
        ArgumentNullException.ThrowIfNull(models);
        var known = new Dictionary<string, Capabilities>(Models);
        foreach (var model in models)
            known[model.Id] = model.Capabilities;
        return this with { Models = known };
    }

    /// <summary>
    /// Whose signatures, encrypted thoughts and ids the service can verify: what an answer of one origin wants back (<see cref="WireData.Origin"/>) goes to no other,
    /// which would refuse the request. The host of <see cref="BaseUrl"/>, with its port where that is not the usual one, unless it is set: to one text for addresses
    /// that take each other's, such as a gateway's and that of the service behind it.
    /// </summary>
    /// <remarks>It is stored with conversations. Anthropic, and the clouds that serve its models in its own format, are one origin: <c>anthropic</c>.</remarks>
    /// <exception cref="ArgumentException">It is empty.</exception>
    public string Origin
    {
        get => _origin ?? (MadeFor is null ? MadeOrigin : null) ?? (BaseUrl.IsAbsoluteUri ? BaseUrl.Authority : "");
        init
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(value);
            _origin = value;
        }
    }

    /// <summary>The same while the address is the one that the provider was made for; null where that is told by the host.</summary>
    internal string? MadeOrigin { get; init; }

    /// <summary>How the service counts a prompt, for estimates.</summary>
    internal TokenShape TokenShape { get; init; } = TokenShape.Usual;

    /// <summary>The address of the list of models; null when the wire has to say.</summary>
    internal Uri? ModelsAddress()
    {
        if (ModelsUrl is not { } url)
            return null;
        string folder = BaseUrl.GetLeftPart(UriPartial.Path).TrimEnd('/') + "/";
        if (!url.IsAbsoluteUri)
            return new Uri(new Uri(folder), url);
        return url.Scheme == BaseUrl.Scheme && url.Port == BaseUrl.Port && Domain(url.Host) == Domain(BaseUrl.Host) ? url : null;
    }

    // What the provider was made for: a copy with another address does not take a key of the environment along.
    private readonly (Uri Url, Credential Credential) _made;

    /// <summary>The host that the key of an environment variable is meant for, when the address is another; null when there is nothing to say against it.</summary>
    internal string? KeyIsMeantFor => !ReferenceEquals(_made.Credential, Credential) || Credential.Variable is null || !Credential.IsSecret ? null : MadeFor;

    /// <summary>The host that the provider was made for, where that is another one.</summary>
    internal string? MadeFor
    {
        get
        {
            var url = _made.Url;
            bool isSame = !url.IsAbsoluteUri || !BaseUrl.IsAbsoluteUri || CloudPlaces.PlaceholderIn(url) is not null
                || Uri.Compare(url, BaseUrl, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0;
            return isSame ? null : url.Host;
        }
    }

    /// <summary>The environment variable that holds a key as the credential sends it, also where the key was given; null where none is known.</summary>
    internal string? KeyVariable => Credential.Variable
        ?? (MadeFor is null && _made.Credential is HeaderCredential made && Credential is HeaderCredential own && made.Name == own.Name && made.IsBearer == own.IsBearer ? made.Variable : null);

    private static string Domain(string host) => host[(host.IndexOf('.', StringComparison.Ordinal) + 1)..];

    /// <summary>A model to begin with; null where there is no good guess, such as for a local server.</summary>
    public string? DefaultModel { get; init; }

    /// <summary>True for a server that usually runs on the user's own machine.</summary>
    public bool IsLocal { get; init; }

    /// <summary>The four parts.</summary>
    public void Deconstruct(out string Name, out Uri BaseUrl, out WireProtocol Protocol, out Credential Credential) =>
        (Name, BaseUrl, Protocol, Credential) = (this.Name, this.BaseUrl, this.Protocol, this.Credential);

    /// <summary>Name and address; never a secret.</summary>
    public override string ToString() => $"{Name} ({AddressText.Of(BaseUrl)})";
}
