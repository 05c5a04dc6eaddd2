namespace RawLlm;

/// <summary>What is known beforehand about the models of some services. A provider of another service has no table, so that a program that
/// uses only such providers links none.</summary>
internal abstract class ModelTable
{
    /// <summary>Checks requests against the table.</summary>
    public CapabilityCheck Check { get; } = CapabilityCheck.Instance;

    /// <summary>Returns the capabilities of a model, found under any of its names; null if they are unknown.</summary>
    public abstract Capabilities? Find(string provider, string model);
}
