namespace RawLlm;

/// <summary>The prices of models, by service and model. Immutable; <see cref="With"/> and <see cref="Or"/> create new tables.</summary>
/// <remarks>
/// A model is found under its own name, and under that name without the date, version or region that services add. Prices change:
/// <see cref="AsOf"/> gives the day of these prices. Load newer ones with <see cref="FromLiteLLM"/> or <see cref="FromOpenRouter"/>.
/// </remarks>
public sealed class PriceTable
{
    private static PriceTable? _builtIn;

    private readonly Dictionary<string, Entry> _entries;

    private PriceTable(Dictionary<string, Entry> entries, string name, DateOnly? asOf)
    {
        _entries = entries;
        Name = name;
        AsOf = asOf;
    }

    /// <summary>The built-in prices; docs/prices.md lists their sources.</summary>
    public static PriceTable BuiltIn => Volatile.Read(ref _builtIn) ?? MakeBuiltIn();

    /// <summary>A table without prices: any cost that the service does not report is unknown.</summary>
    public static PriceTable Empty => field ??= new(new(), "no prices", null);

    /// <summary>The table's name in a <see cref="Cost"/>.</summary>
    public string Name { get; }

    /// <summary>The day of the prices, or of the oldest price if they differ (<see cref="Cost.PricesAsOf"/> is that of the price itself);
    /// null if it is unknown.</summary>
    public DateOnly? AsOf { get; }

    /// <summary>The number of models.</summary>
    public int Count => _entries.Count;

    /// <summary>The models, as <c>provider:model</c>, in no particular order.</summary>
    public IEnumerable<string> Models => _entries.Keys;

    /// <summary>Returns the price of a model; null if it is unknown.</summary>
    /// <param name="provider">The service's name, such as <c>anthropic</c> (<see cref="Provider.CatalogName"/>).</param>
    /// <param name="model">The model, by the service's name for it.</param>
    public Price? Find(string provider, string model) => FindEntry(provider, model)?.Price;

    /// <summary>Returns a table with another price for one model; a <see cref="Cost"/> names it "own prices".</summary>
    /// <param name="provider">The service's name.</param>
    /// <param name="model">The model.</param>
    /// <param name="price">Its price.</param>
    /// <param name="asOf">The day of the price; null if it is unknown.</param>
    public PriceTable With(string provider, string model, Price price, DateOnly? asOf = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(provider);
        ArgumentException.ThrowIfNullOrWhiteSpace(model);
        ArgumentNullException.ThrowIfNull(price);
        var entries = new Dictionary<string, Entry>(_entries, StringComparer.OrdinalIgnoreCase)
        {
            [$"{provider}:{model}"] = new(price, "own prices", asOf),
        };
        return new(entries, Name, AsOf);
    }

    /// <summary>Returns a table with the prices of both; this table's prices take precedence.</summary>
    public PriceTable Or(PriceTable other)
    {
        ArgumentNullException.ThrowIfNull(other);
        var entries = new Dictionary<string, Entry>(other._entries, StringComparer.OrdinalIgnoreCase);
        foreach (var (name, entry) in _entries)
            entries[name] = entry;
        return new(entries, Name, AsOf);
    }

    /// <summary>
    /// Returns the cost of an answer: the cost that the service reported, otherwise the cost calculated from the table, otherwise null.
    /// </summary>
    /// <param name="provider">The service.</param>
    /// <param name="model">The model that answered.</param>
    /// <param name="usage">The usage of the answer; null returns null.</param>
    public Cost? CostOf(Provider provider, string model, Usage? usage)
    {
        ArgumentNullException.ThrowIfNull(provider);
        ArgumentNullException.ThrowIfNull(model);
        if (usage?.ReportedCost is { } reported)
            return new Cost(reported, CostSource.Reported);
        if (usage is null || FindEntry(provider, model) is not { } entry)
            return null;
        return CostSum.Of(usage, entry.Price, provider.Protocol.UsageConvention) is { } amount
            ? new Cost(amount, CostSource.Table) { PricesAsOf = entry.AsOf, Prices = entry.Table }
            : null;
    }

    /// <summary>Reads the prices of OpenRouter's model list (<c>GET /api/v1/models</c>), as provider <c>openrouter</c>.</summary>
    /// <param name="utf8">The JSON.</param>
    /// <param name="asOf">The day on which the list was fetched.</param>
    /// <exception cref="ArgumentException">The text is not such a list; the message names the place.</exception>
    public static PriceTable FromOpenRouter(ReadOnlySpan<byte> utf8, DateOnly? asOf = null) =>
        Of(PriceFile.ReadOpenRouter(utf8), "OpenRouter's prices", asOf);

    /// <summary>Reads LiteLLM's <c>model_prices_and_context_window.json</c>.</summary>
    /// <remarks>Services that RawLlm knows get RawLlm's names; all others keep LiteLLM's. Models without a price per token are
    /// skipped.</remarks>
    /// <param name="utf8">The JSON.</param>
    /// <param name="asOf">The day of the file.</param>
    /// <exception cref="ArgumentException">The text is not such a file; the message names the place.</exception>
    public static PriceTable FromLiteLLM(ReadOnlySpan<byte> utf8, DateOnly? asOf = null) =>
        Of(PriceFile.ReadLiteLLM(utf8), "LiteLLM's prices", asOf);

    /// <summary>
    /// Whether this is <see cref="BuiltIn"/>. Asking does not link the built-in prices into a program that does not use them.
    /// </summary>
    internal bool IsBuiltIn => ReferenceEquals(this, _builtIn);

    // Only one instance, even with concurrent callers: options recognize it by reference.
    private static PriceTable MakeBuiltIn()
    {
        const string Name = "built-in prices";
        var entries = new Dictionary<string, Entry>(StringComparer.OrdinalIgnoreCase);
        var oldest = DateOnly.MaxValue;
        foreach (var (model, price, asOf) in KnownModels.Prices())
        {
            entries[model] = new Entry(price, Name, asOf);
            oldest = asOf < oldest ? asOf : oldest;
        }
        var made = new PriceTable(entries, Name, oldest);
        return Interlocked.CompareExchange(ref _builtIn, made, null) ?? made;
    }

    private static PriceTable Of(IEnumerable<KeyValuePair<string, Price>> prices, string name, DateOnly? asOf)
    {
        var entries = new Dictionary<string, Entry>(StringComparer.OrdinalIgnoreCase);
        foreach (var (model, price) in prices)
            entries[model] = new Entry(price, name, asOf);
        return new(entries, name, asOf);
    }

    /// <summary>Returns the price of a service's model, by the service's name or its catalog name; null if it is unknown.</summary>
    internal Price? Find(Provider provider, string model) => FindEntry(provider, model)?.Price;

    private Entry? FindEntry(Provider provider, string model) => FindEntry(provider.Name, model) ?? FindEntry(provider.CatalogName, model);

    private Entry? FindEntry(string provider, string model)
    {
        ArgumentNullException.ThrowIfNull(provider);
        ArgumentNullException.ThrowIfNull(model);
        foreach (string name in ModelName.Candidates(model))
        {
            if (_entries.TryGetValue($"{provider}:{name}", out var entry))
                return entry;
        }
        return null;
    }

    private sealed record Entry(Price Price, string Table, DateOnly? AsOf);
}
