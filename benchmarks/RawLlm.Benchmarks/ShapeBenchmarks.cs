using BenchmarkDotNet.Attributes;
using RawLlm.Traffic;

namespace RawLlm.Benchmarks;

/// <summary>
/// One stream of each shape per operation. Every method returns a number that is known in advance; a method that measures nonsense does not
/// start.
/// </summary>
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

    /// <summary>Creates the stream and checks the methods.</summary>
    [GlobalSetup]
    public void Setup()
    {
        if (Warm.Add(Written()))
            WarmUp();
        Begin(Shape);
    }

    // All cases run in one process, so that the compiler profiles all shapes and finishes before the first measurement.
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

    private protected virtual void Prepare() { }

    private protected abstract void Check();

    /// <summary>Runs a method twice: for its result, and for its allocations, which are the same each time and need no average.</summary>
    private protected void Expect(long expected, Func<long> method, string name)
    {
        long actual = method();
        if (actual != expected)
        {
            throw new InvalidOperationException(
                $"{Written().Name}.{name} returns {actual} for '{Shape}' instead of {expected}, so it does not measure what it should."
            );
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        method();
        AllocatedBytes[(Written().Name, name, Shape)] = GC.GetAllocatedBytesForCurrentThread() - before;
    }

    /// <summary>The bytes that one run of a method allocates; null if it ran in another process.</summary>
    internal static long? Allocated(string type, string method, string shape) =>
        AllocatedBytes.TryGetValue((type, method, shape), out long bytes) ? bytes : null;

    // At run time, this is a type that BenchmarkDotNet emitted for the case.
    private Type Written()
    {
        var type = GetType();
        while (type.Assembly != typeof(ShapeBenchmarks).Assembly)
            type = type.BaseType!;
        return type;
    }
}
