namespace RawLlm.Tests.Faults;

/// <summary>Names the numbered cases of the fault catalog that a test proves; <c>docs/reliability.md</c> is generated from them.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class CaseAttribute(params int[] numbers) : Attribute
{
    public IReadOnlyList<int> Numbers { get; } = numbers;
}
