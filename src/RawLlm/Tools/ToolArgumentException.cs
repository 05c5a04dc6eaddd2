namespace RawLlm;

/// <summary>A function says that the arguments of a call do not fit; the model is told the message, which must hold nothing that it may not see.</summary>
/// <param name="message">What is wrong, for the model to mend it.</param>
/// <param name="argument">The argument's name, as in <c>order.items[2].count</c>.</param>
public sealed class ToolArgumentException(string message, string? argument = null) : ArgumentException(message)
{
    /// <summary>The argument's name; null where all of them are meant.</summary>
    public string? Argument => argument;
}
