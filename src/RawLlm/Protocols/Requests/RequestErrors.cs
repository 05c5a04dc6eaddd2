using System.Diagnostics.CodeAnalysis;

namespace RawLlm.Protocols;

/// <summary>What is wrong with a request, on whatever wire: the errors of its caller.</summary>
internal static class RequestErrors
{
    [DoesNotReturn]
    public static void Throw(string message) => throw new ArgumentException(message, "request");

    /// <summary>Checks that no list of a request is null.</summary>
    public static void CheckLists(ChatRequest request)
    {
        if (request.Messages is null || request.Tools is null || request.Stop is null || request.Extra is null)
            Throw("A list of the request is null; leave it empty instead.");
    }

    /// <summary>Checks that a request has a message, for a wire that takes instructions beside a conversation and none alone.</summary>
    public static void CheckMessages(ChatRequest request)
    {
        if (request.Messages.Count == 0)
            ThrowNoMessages();
    }

    /// <summary>The error for a request that says nothing beside its instructions.</summary>
    [DoesNotReturn]
    public static void ThrowNoMessages() => Throw("The request holds no message. Add one, as in Message.User(\"…\"): this wire takes no instructions alone.");

    /// <summary>Checks the tool choice of a request that offers no function.</summary>
    public static void CheckChoiceOfNone(ToolChoice? choice)
    {
        if (choice is { Kind: ToolChoiceKind.Required or ToolChoiceKind.Named })
            Throw("The tool choice asks for a function, but the request offers none. Add it to ChatRequest.Tools.");
    }

    /// <summary>The error for a message that is null, or whose list of parts is.</summary>
    [DoesNotReturn]
    public static void ThrowNoMessage() => Throw("A message of the request, or its list of parts, is null.");

    /// <summary>The error for a part without its call.</summary>
    [DoesNotReturn]
    public static void ThrowNoCall() => Throw("A function call of the request is null.");

    /// <summary>The error for a result without its content.</summary>
    [DoesNotReturn]
    public static void ThrowNoContent() => Throw("The content of a function's result is null.");

    /// <summary>The error for a part that has no place in a message.</summary>
    /// <param name="part">The part; may be null, which is an error of its own.</param>
    /// <param name="role">Whose message it is.</param>
    [DoesNotReturn]
    public static void ThrowPart(Part? part, Role role) => ThrowPart(part, role switch
    {
        Role.System => "a system message",
        Role.Assistant => "a message of the model",
        Role.Tool => "a message of the role Tool, which holds results of functions",
        _ => "a message of the user",
    });

    /// <summary>The error for a part that has no place in the result of a function.</summary>
    /// <param name="part">The part; may be null, which is an error of its own.</param>
    [DoesNotReturn]
    public static void ThrowPartOfResult(Part? part) => ThrowPart(part, "the result of a function");

    /// <summary>The error for an extra member that says what a property of the request says.</summary>
    [DoesNotReturn]
    public static void ThrowSaid(string name) =>
        Throw($"The extra member '{name}' names what the request says already. Set it through the request's own property, or leave that unset.");

    /// <summary>The error for an extra member that names one of its own members twice.</summary>
    [DoesNotReturn]
    public static void ThrowTwice(string name, string member) => Throw($"The extra member '{name}' names '{member}' twice. Which of the two is meant the service would decide.");

    /// <summary>The error for an extra member without a value.</summary>
    [DoesNotReturn]
    public static void ThrowNoValue(string name) => Throw($"The extra member '{name}' has no value.");

    [DoesNotReturn]
    private static void ThrowPart(Part? part, string where) =>
        Throw(part is null ? "A part of a message is null." : $"A {part.GetType().Name} cannot stand in {where}.");
}
