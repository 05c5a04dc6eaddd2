namespace RawLlm.Tests.Allocation;

/// <summary>Tests that measure the allocations of the whole process; they run alone.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AllocationCollection
{
    public const string Name = "Allocation";
}
