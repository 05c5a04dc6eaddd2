namespace RawLlm.Tests.Allocation;

/// <summary>Tests that count the allocations of the whole process run alone.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class AllocationCollection
{
    public const string Name = "Allocation";
}
