namespace RawLlm.Generators;

/// <summary>Where an object takes the value of a member.</summary>
internal enum MemberPlace
{
    /// <summary>In its constructor, or a method as a parameter.</summary>
    Constructor,

    /// <summary>In the initializer behind it: required, or set once.</summary>
    Initializer,

    /// <summary>Afterwards, where there is a value.</summary>
    Assignment,
}
