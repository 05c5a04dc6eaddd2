namespace RawLlm.Generators;

/// <summary>How the value of a member is set.</summary>
internal enum MemberPlace
{
    /// <summary>As an argument of the constructor or method.</summary>
    Constructor,

    /// <summary>In the object initializer, because the member is required or init-only.</summary>
    Initializer,

    /// <summary>By assignment after the object is created, if there is a value.</summary>
    Assignment,
}
