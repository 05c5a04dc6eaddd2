namespace RawLlm;

/// <summary>What is known beforehand of some services' models. A provider of none of them holds no table, so that a program which names no other links none.</summary>
internal abstract class ModelTable
{
    /// <summary>What a model can do, found under any of its names; null when it is not known.</summary>
    public abstract Capabilities? Find(string provider, string model);
}
