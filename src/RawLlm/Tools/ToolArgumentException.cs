namespace RawLlm;

/// <summary>The exception that a tool throws if the arguments of a call do not fit. The model receives the message, so it must not contain
/// anything that the model may not see.</summary>
/// <param name="message">What is wrong, so that the model can correct it.</param>
/// <param name="argument">The argument's name, such as <c>order.items[2].count</c>.</param>
public sealed class ToolArgumentException(string message, string? argument = null) : ArgumentException(message)
{
    /// <summary>The argument's name; null if the message is about all arguments.</summary>
    public string? Argument => argument;
}
