using RawLlm.Protocols;

namespace RawLlm;

/// <summary>Remembers for each model how a service accepts requests that it has refused. Thread-safe.</summary>
internal sealed class RefusalLearning(WireProtocol configured) : IRefusalLearning
{
    // Models come from requests, so their number is limited; the one that was learned first is forgotten first.
    private const int MaxModels = 64;

    private readonly Lock _gate = new();

    // Replaced, never changed: reading takes no lock.
    private LearnedDialect[] _learned = [];

    /// <summary>The option that is set.</summary>
    public static IRefusalLearningSource Source { get; } = new Option();

    /// <summary>The dialect that the client was created with.</summary>
    public WireProtocol Configured => configured;

    public IReadOnlyList<LearnedDialect> Learned => Volatile.Read(ref _learned);

    public WireProtocol DialectOf(string model) => Find(Volatile.Read(ref _learned), model)?.Protocol ?? configured;

    public IRefusedCall Begin(string model) => new RefusedCall(this, model);

    /// <summary>Adds changes to what is known of a model, also by other calls.</summary>
    public void Learn(string model, List<DialectChange> changes)
    {
        lock (_gate)
        {
            var known = Find(_learned, model);
            var dialect = known?.Protocol ?? configured;
            var expressions = new List<string>(known?.Changes ?? []);
            foreach (var change in changes)
            {
                var changed = change.Apply(dialect);
                if (changed == dialect)
                    continue;
                dialect = changed;
                expressions.RemoveAll(other => other.StartsWith(change.Setting + " =", StringComparison.Ordinal));
                if (change.Expression is { } expression)
                    expressions.Add(expression);
            }
            if (dialect == (known?.Protocol ?? configured))
                return;
            var learned = new List<LearnedDialect>(_learned);
            learned.RemoveAll(other => other.Model == model);
            if (learned.Count >= MaxModels)
                learned.RemoveAt(0);
            learned.Add(new LearnedDialect(model, dialect, expressions));
            Volatile.Write(ref _learned, [.. learned]);
        }
    }

    private static LearnedDialect? Find(LearnedDialect[] learned, string model)
    {
        foreach (var dialect in learned)
        {
            if (dialect.Model == model)
                return dialect;
        }
        return null;
    }

    private sealed class Option : IRefusalLearningSource
    {
        public IRefusalLearning Begin(WireProtocol configured) => new RefusalLearning(configured);
    }
}
