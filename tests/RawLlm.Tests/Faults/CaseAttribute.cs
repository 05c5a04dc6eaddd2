namespace RawLlm.Tests.Faults;

/// <summary>Says which numbered cases of the fault catalogue a test proves; <c>docs/reliability.md</c> is made from these.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class CaseAttribute(params int[] numbers) : Attribute
{
    public IReadOnlyList<int> Numbers { get; } = numbers;
}
