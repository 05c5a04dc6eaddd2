using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace RawLlm.Protocols;

/// <summary>Errors in a request that do not depend on the wire.</summary>
internal static class RequestErrors
{
    [DoesNotReturn]
    public static void Throw(string message) => throw new ArgumentException(message, "request");

    /// <summary>Checks that no list of a request is null, and that <see cref="ChatRequest.MaxTokens"/> is not negative.</summary>
    public static void Check(ChatRequest request)
    {
        if (request.Messages is null || request.Tools is null || request.Stop is null || request.Extra is null)
            Throw("A list of the request is null; leave it empty instead.");
        if (request.MaxTokens < 0)
            ThrowMaxTokens(request.MaxTokens.Value);
    }

    /// <summary>Checks that a request has a message, for a wire that does not accept instructions alone.</summary>
    public static void CheckMessages(ChatRequest request)
    {
        if (request.Messages.Count == 0)
            ThrowNoMessages();
    }

    /// <summary>Throws the error for a request that contains nothing but instructions.</summary>
    [DoesNotReturn]
    public static void ThrowNoMessages() =>
        Throw("The request contains no message. Add one, such as Message.User(\"…\"): this wire does not accept instructions alone.");

    /// <summary>Checks the tool choice of a request without tools.</summary>
    public static void CheckChoiceOfNone(ToolChoice? choice)
    {
        if (choice is { Kind: ToolChoiceKind.Required or ToolChoiceKind.Named })
            Throw("The tool choice requires a tool call, but the request offers no tools. Add the tool to ChatRequest.Tools.");
    }

    /// <summary>Throws the error for a message that is null, or whose list of parts is null.</summary>
    [DoesNotReturn]
    public static void ThrowNoMessage() => Throw("A message of the request, or its list of parts, is null.");

    /// <summary>Throws the error for a part without its call.</summary>
    [DoesNotReturn]
    public static void ThrowNoCall() => Throw("A tool call of the request is null.");

    /// <summary>Throws the error for a tool result without its content.</summary>
    [DoesNotReturn]
    public static void ThrowNoContent() => Throw("The content of a tool result is null.");

    /// <summary>Throws the error for a part that is not allowed in a message.</summary>
    /// <param name="part">The part; null leads to a different message.</param>
    /// <param name="role">The role of the message.</param>
    [DoesNotReturn]
    public static void ThrowPart(Part? part, Role role) =>
        ThrowPart(
            part,
            role switch
            {
                Role.System => "a system message",
                Role.Assistant => "a message of the model",
                Role.Tool => "a message with the role Tool, which contains tool results",
                _ => "a message of the user",
            }
        );

    /// <summary>Throws the error for a part that is not allowed in a tool result.</summary>
    /// <param name="part">The part; null leads to a different message.</param>
    [DoesNotReturn]
    public static void ThrowPartOfResult(Part? part) => ThrowPart(part, "a tool result");

    /// <summary>Throws the error for two tools of one name.</summary>
    [DoesNotReturn]
    public static void ThrowSameName(string name) =>
        Throw($"Two tools of the request have the name \"{name}\": give each tool its own name.");

    /// <summary>Throws the error for an extra member that repeats a property of the request.</summary>
    [DoesNotReturn]
    public static void ThrowRepeatsProperty(string name) =>
        Throw(
            $"The extra member '{name}' repeats what the request itself sets. Use the request's own property, or leave that property unset."
        );

    /// <summary>Throws the error for an extra member that contains a member twice.</summary>
    [DoesNotReturn]
    public static void ThrowTwice(string name, string member) =>
        Throw($"The extra member '{name}' contains '{member}' twice, and which of the two counts depends on the service. Remove one.");

    /// <summary>Throws the error for an extra member without a value.</summary>
    [DoesNotReturn]
    public static void ThrowNoValue(string name) => Throw($"The extra member '{name}' has no value.");

    // A budget does not read limits in Extra, so a server's own value for "no limit" is allowed there.
    [DoesNotReturn]
    private static void ThrowMaxTokens(int tokens) =>
        Throw(
            string.Create(
                CultureInfo.InvariantCulture,
                $"ChatRequest.MaxTokens is {tokens}, but it must not be negative. Leave it null for the service's own limit; a server's own value for \"no limit\" goes into ChatRequest.Extra."
            )
        );

    [DoesNotReturn]
    private static void ThrowPart(Part? part, string where) =>
        Throw(part is null ? "A part of a message is null." : $"A {part.GetType().Name} is not allowed in {where}.");
}
