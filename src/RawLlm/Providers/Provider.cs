using RawLlm.Protocols;

namespace RawLlm;

/// <summary>A service: its base URL, its wire and its credential. Data only; change a copy with <c>with { … }</c>.</summary>
public sealed record Provider
{
    private readonly string _catalogName;
    private readonly ModelTable? _known;
    private readonly CapabilityCheck? _check;
    private readonly string? _origin;

    /// <summary>Creates the provider of a service.</summary>
    /// <param name="Name">A short name, such as <c>openrouter</c>. It appears in errors.</param>
    /// <param name="BaseUrl">The URL in front of the wire's own paths, with or without a trailing slash.</param>
    /// <param name="Protocol">The wire and its dialect.</param>
    /// <param name="Credential">The credential of every request.</param>
    public Provider(string Name, Uri BaseUrl, WireProtocol Protocol, Credential Credential)
        : this(Name, BaseUrl, Protocol, Credential, KnownModels.Table) { }

    /// <summary>Creates the provider of a service. If the table is null, none of its models is known beforehand.</summary>
    internal Provider(string name, Uri baseUrl, WireProtocol protocol, Credential credential, ModelTable? known)
    {
        Name = Title = _catalogName = name;
        BaseUrl = baseUrl;
        Protocol = protocol;
        Credential = credential;
        _known = known;
        (_madeUrl, _madeCredential) = (baseUrl, credential);
    }

    /// <summary>A short name, such as <c>openrouter</c>. It appears in errors.</summary>
    public string Name { get; init; }

    /// <summary>The URL in front of the wire's own paths, with or without a trailing slash.</summary>
    public Uri BaseUrl { get; init; }

    /// <summary>The wire and its dialect.</summary>
    public WireProtocol Protocol { get; init; }

    /// <summary>The credential of every request.</summary>
    public Credential Credential { get; init; }

    /// <summary>The service's name for people to read.</summary>
    public string Title { get; init; }

    /// <summary>Headers that are sent with every request.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = NoMembers<string>.Instance;

    /// <summary>What the service can do with any model. An unknown capability prevents nothing from being sent.</summary>
    public Capabilities Capabilities
    {
        get;
        init
        {
            field = value;
            _check = CheckIfAnythingIsKnown();
        }
    } = Capabilities.Unknown;

    /// <summary>What individual models can do, by the name that requests use. Takes precedence over RawLlm's own table.</summary>
    /// <remarks><see cref="WithModels"/> fills it from the service's model list.</remarks>
    public IReadOnlyDictionary<string, Capabilities> Models
    {
        get;
        init
        {
            field = value;
            _check = CheckIfAnythingIsKnown();
        }
    } = NoMembers<Capabilities>.Instance;

    /// <summary>
    /// The service's name in tables of models and prices, if it differs from <see cref="Name"/>: <c>openai</c> for OpenAI's other wires.
    /// </summary>
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
    /// The URL of the model list, if it is not the wire's default: relative to <see cref="BaseUrl"/>, or a URL on the same host except for
    /// the host's first label. Any other URL is ignored, so that changing the base URL never sends the key elsewhere.
    /// </summary>
    public Uri? ModelsUrl { get; init; }

    /// <summary>
    /// Returns what is known about a model: first from <see cref="Models"/>, then from RawLlm's own table, then from the service.
    /// </summary>
    /// <param name="model">The model, by the name that requests use.</param>
    public Capabilities CapabilitiesOf(string model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var own = Models.GetValueOrDefault(model) ?? Capabilities.Unknown;
        return own.Or(_known?.Find(CatalogName, model) ?? Capabilities.Unknown).Or(Capabilities);
    }

    /// <summary>
    /// Checks requests against what is known about their models; null if nothing is known about any, so that a program without such a
    /// provider links no check.
    /// </summary>
    internal CapabilityCheck? Check => _check ?? _known?.Check;

    // Depends on nothing else, so that equal providers stay equal.
    private CapabilityCheck? CheckIfAnythingIsKnown() =>
        Capabilities == Capabilities.Unknown && ReferenceEquals(Models, NoMembers<Capabilities>.Instance) ? null : CapabilityCheck.Instance;

    /// <summary>Returns the same service with a key. It is sent the way the service expects: in <c>Authorization: Bearer</c>, or in a
    /// header such as <c>x-api-key</c>, <c>x-goog-api-key</c> or <c>api-key</c>.</summary>
    /// <param name="key">The key.</param>
    /// <exception cref="ArgumentException">The key is empty or contains a character that is not allowed in a header.</exception>
    /// <exception cref="InvalidOperationException">The service does not take a single key; an AWS signature, for example, needs
    /// more.</exception>
    public Provider WithKey(string key)
    {
        // The service's own header takes precedence over the header of another credential.
        var credential = KeyPlace?.WithKey(key) ?? Credential.WithKey(key);
        // A server that asks for no key itself may be behind one that does.
        if (credential is null && Credential is NoCredential)
            credential = _madeCredential.WithKey(key) ?? (_madeCredential is NoCredential ? Credential.Bearer(key) : null);
        return this with
        {
            Credential = credential ?? throw new InvalidOperationException($"{Title} does not take a single key: set Credential instead."),
        };
    }

    /// <summary>
    /// The header in which the service takes keys, if it is known and the base URL is still the service's own; otherwise null.
    /// </summary>
    internal HeaderCredential? KeyPlace => MadeFor is null ? _madeCredential as HeaderCredential : null;

    /// <summary>Whether <c>Authorization: Bearer</c> also takes tokens of another kind than the service's keys.</summary>
    internal bool AcceptsBearerToo { get; init; }

    /// <summary>Returns the same service with the capabilities from a list of its models.</summary>
    /// <param name="models">The models, as <see cref="LlmClient.ListModelsAsync"/> returns them.</param>
    public Provider WithModels(IEnumerable<ModelInfo> models)
    {
        ArgumentNullException.ThrowIfNull(models);
        var known = new Dictionary<string, Capabilities>(Models);
        foreach (var model in models)
            known[model.Id] = model.Capabilities;
        return this with { Models = known };
    }

    /// <summary>
    /// Identifies the service that can verify the signatures, encrypted reasoning and IDs of an answer. Data that must go back to its
    /// origin (<see cref="WireData.Origin"/>) is not sent to another one, which would refuse the request. By default the host of
    /// <see cref="BaseUrl"/>, with the port unless it is the default port. Set the same text for URLs that accept each other's data, such
    /// as a gateway and the service behind it.
    /// </summary>
    /// <remarks>It is stored with conversations. Anthropic, and the clouds that serve its models in its own format, share one origin:
    /// <c>anthropic</c>.</remarks>
    /// <exception cref="ArgumentException">The value is empty.</exception>
    public string Origin
    {
        get => _origin ?? (MadeFor is null ? MadeOrigin : null) ?? (BaseUrl.IsAbsoluteUri ? BaseUrl.Authority : "");
        init
        {
            ArgumentException.ThrowIfNullOrWhiteSpace(value);
            _origin = value;
        }
    }

    /// <summary>The origin as long as the base URL is the one that the provider was created with; null to use the host.</summary>
    internal string? MadeOrigin { get; init; }

    /// <summary>How the service counts a prompt, for estimates.</summary>
    internal TokenShape TokenShape { get; init; } = TokenShape.Usual;

    /// <summary>Returns the URL of the model list; null if the wire decides.</summary>
    internal Uri? ModelsAddress()
    {
        if (ModelsUrl is not { } url)
            return null;
        string folder = BaseUrl.GetLeftPart(UriPartial.Path).TrimEnd('/') + "/";
        if (!url.IsAbsoluteUri)
            return new Uri(new Uri(folder), url);
        return url.Scheme == BaseUrl.Scheme && url.Port == BaseUrl.Port && Domain(url.Host) == Domain(BaseUrl.Host) ? url : null;
    }

    // What the provider was created with: a copy with another base URL does not use a key from the environment.
    private readonly Uri _madeUrl;
    private readonly Credential _madeCredential;

    /// <summary>
    /// The host that the key from an environment variable is meant for, if the base URL has another scheme, host or port; null if the key
    /// may be used.
    /// </summary>
    internal string? KeyIsMeantFor =>
        !ReferenceEquals(_madeCredential, Credential) || Credential.Variable is null || !Credential.IsSecret ? null : MadeFor;

    /// <summary>
    /// The host that the provider was created with, if the base URL has another scheme, host or port; otherwise null, and also if the user
    /// has to supply the host anyway.
    /// </summary>
    internal string? MadeFor
    {
        get
        {
            var url = _madeUrl;
            bool isSame =
                !url.IsAbsoluteUri
                || !BaseUrl.IsAbsoluteUri
                || CloudEnvironment.IsHostOpen(url)
                || Uri.Compare(url, BaseUrl, UriComponents.SchemeAndServer, UriFormat.Unescaped, StringComparison.OrdinalIgnoreCase) == 0;
            return isSame ? null : url.Host;
        }
    }

    /// <summary>
    /// The environment variable for a key that is sent the way this credential sends it, even if the key was set in code; null if none is
    /// known.
    /// </summary>
    internal string? KeyVariable =>
        Credential.Variable
        ?? (
            MadeFor is null
            && _madeCredential is HeaderCredential made
            && Credential is HeaderCredential own
            && made.Name == own.Name
            && made.IsBearer == own.IsBearer
                ? made.Variable
                : null
        );

    private static string Domain(string host) => host[(host.IndexOf('.', StringComparison.Ordinal) + 1)..];

    /// <summary>A model to start with; null if there is no good guess, such as for a local server.</summary>
    public string? DefaultModel { get; init; }

    /// <summary>Whether the server usually runs on the user's own machine.</summary>
    public bool IsLocal { get; init; }

    /// <summary>Deconstructs the provider into its four main properties.</summary>
    public void Deconstruct(out string Name, out Uri BaseUrl, out WireProtocol Protocol, out Credential Credential) =>
        (Name, BaseUrl, Protocol, Credential) = (this.Name, this.BaseUrl, this.Protocol, this.Credential);

    /// <summary>Returns a hash code for hash tables, computed from a few properties.</summary>
    // Equality compares every property. A generated hash would compute them all, which is 1.2 KB of a native program.
    public override int GetHashCode() => HashCode.Combine(Name, IsLocal);

    /// <summary>Returns the name and the base URL; never a secret.</summary>
    public override string ToString() => $"{Name} ({AddressText.Of(BaseUrl)})";
}
