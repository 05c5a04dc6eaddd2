using BenchmarkDotNet.Attributes;
using RawLlm.Traffic;

namespace RawLlm.Benchmarks;

/// <summary>One stream per operation, of each shape. Every method answers with a number that is known beforehand: one that measures nonsense does not start.</summary>
public abstract class ShapeBenchmarks
{
    private static readonly HashSet<Type> Warm = [];
    private static readonly Dictionary<(string Type, string Method, string Shape), long> AllocatedBytes = [];

    /// <summary>The names of the shapes.</summary>
    public static IEnumerable<string> Shapes => TrafficShapes.All.Select(shape => shape.Name);

    /// <summary>The shape's name.</summary>
    [ParamsSource(nameof(Shapes))]
    public string Shape { get; set; } = "tokens";

    internal TrafficShape Traffic { get; private set; } = null!;

    /// <summary>Makes the stream and checks the methods.</summary>
    [GlobalSetup]
    public void Setup()
    {
        if (Warm.Add(Written()))
            WarmUp();
        Begin(Shape);
    }

    // All cases run in one process: the compiler learns from all shapes and is done before the first one is measured.
    private void WarmUp()
    {
        string shape = Shape;
        for (int round = 0; round < 5; round++)
        {
            foreach (string name in Shapes)
            {
                for (int i = 0; i < 6; i++)
                    Begin(name);
            }
            Thread.Sleep(200);
        }
        Shape = shape;
    }

    private void Begin(string shape)
    {
        Shape = shape;
        Traffic = TrafficShapes.Get(shape);
        Prepare();
        Check();
    }

    private protected virtual void Prepare()
    {
    }

    private protected abstract void Check();

    /// <summary>Runs a method twice: for what it answers, and for what it allocates, which is the same each time and needs no average.</summary>
    private protected void Expect(long expected, Func<long> method, string name)
    {
        long actual = method();
        if (actual != expected)
            throw new InvalidOperationException($"{Written().Name}.{name} gives {actual} for '{Shape}', not {expected}: it does not measure what it says.");
        long before = GC.GetAllocatedBytesForCurrentThread();
        method();
        AllocatedBytes[(Written().Name, name, Shape)] = GC.GetAllocatedBytesForCurrentThread() - before;
    }

    /// <summary>The bytes that one run of a method allocates; null when it ran in another process.</summary>
    internal static long? Allocated(string type, string method, string shape) =>
        AllocatedBytes.TryGetValue((type, method, shape), out long bytes) ? bytes : null;

    // The type in hand is one that was emitted for the case.
    private Type Written()
    {
        var type = GetType();
        while (type.Assembly != typeof(ShapeBenchmarks).Assembly)
            type = type.BaseType!;
        return type;
    }
}
