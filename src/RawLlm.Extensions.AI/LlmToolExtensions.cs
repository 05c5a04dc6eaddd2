using System.Text.Json;
using Microsoft.Extensions.AI;
using RawLlm.Extensions.AI;

namespace RawLlm;

/// <summary>Conversions between tools and the functions of Microsoft.Extensions.AI.</summary>
public static class LlmToolExtensions
{
    /// <summary>Returns the tool as an <see cref="AIFunction"/>, for <see cref="ChatOptions.Tools"/> and code that runs these functions. As
    /// thread-safe as the tool; uses no reflection.</summary>
    /// <remarks>
    /// A result that consists only of text is returned as a <see cref="string"/>, any other as a list of <see cref="AIContent"/>. For a
    /// <see cref="ToolArgumentException"/> or a <see cref="ToolOutput.IsError"/>, the function returns the content for the model; other
    /// exceptions propagate. <c>GetService</c> returns the <see cref="Tool"/> and its <see cref="ToolDefinition"/>, which RawLlm's own
    /// adapter sends as it is. A tool that needs approval (<see cref="Tool.NeedsApproval"/>) becomes an
    /// <see cref="ApprovalRequiredAIFunction"/>, which the code that runs functions must respect.
    /// </remarks>
    /// <param name="tool">The tool.</param>
    public static AIFunction AsAIFunction(this Tool tool)
    {
        ArgumentNullException.ThrowIfNull(tool);
        var function = new ToolFunction(tool);
        return tool.NeedsApproval ? new ApprovalRequiredAIFunction(function) : function;
    }

    /// <summary>Returns the function as a tool, for a <see cref="ToolLoop"/> with its approvals and limits; the tools of MCP servers are
    /// such functions. As thread-safe as the function.</summary>
    /// <remarks>
    /// The definition is read now and does not change later. The function receives the arguments as <see cref="JsonElement"/>s (null for a
    /// JSON null), and the <see cref="ToolCall"/> in <see cref="AIFunctionArguments.Context"/> under its type. Of its results, text is sent
    /// as it is, contents as parts, JSON as its text, null as <c>Done.</c>, and everything else as JSON by
    /// <see cref="AIFunction.JsonSerializerOptions"/>, which must know the type in a NativeAOT program. Its exceptions count as the tool's,
    /// and a failed call of an MCP server is a <see cref="ToolOutput.IsError"/>. An <see cref="ApprovalRequiredAIFunction"/>, even inside
    /// other functions, becomes a tool that needs approval.
    /// </remarks>
    /// <param name="function">The function. For a function from <see cref="AsAIFunction"/> the result is the original tool, unless that
    /// tool needs approval.</param>
    /// <param name="services">The function's <see cref="AIFunctionArguments.Services"/>; null for none.</param>
    /// <exception cref="ArgumentException">The function has no name, or its schema is not JSON.</exception>
    public static Tool AsTool(this AIFunction function, IServiceProvider? services = null)
    {
        ArgumentNullException.ThrowIfNull(function);
        if (function is ToolFunction own)
            return own.Tool;
        var tool = new Tool(
            RequestReader.ReadTool(function, strict: null),
            (call, cancellationToken) => RunAsync(function, services, call, cancellationToken)
        );
        return function.GetService<ApprovalRequiredAIFunction>() is null ? tool : tool.WithApproval();
    }

    private static async ValueTask<ToolOutput> RunAsync(
        AIFunction function,
        IServiceProvider? services,
        ToolCall call,
        CancellationToken cancellationToken
    )
    {
        var read = call.ReadArguments();
        if (read.Quirk is { Kind: QuirkKind.ToolArgumentsUnreadable })
            throw new ToolArgumentException("The arguments are not a JSON object.");
        var context = new Dictionary<object, object?> { [typeof(ToolCall)] = call };
        var arguments = new AIFunctionArguments { Services = services, Context = context };
        foreach (var (name, value) in read)
            arguments.Add(name, value.ValueKind == JsonValueKind.Null ? null : value);
        object? result = await function.InvokeAsync(arguments, cancellationToken).ConfigureAwait(false);
        // A tool inside the function reports its own output here.
        bool isFailed = context.TryGetValue(typeof(ToolOutput), out object? inner) && inner is ToolOutput { IsError: true };
        return new ToolOutput(
            MessageReader.ResultParts(result ?? "Done.", $"The result of the function '{function.Name}'", function.JsonSerializerOptions)
        )
        {
            IsError = isFailed || IsFailure(result),
        };
    }

    // The C# SDK of MCP returns a failed call as the JSON of its CallToolResult (2.3, 2026).
    private static bool IsFailure(object? result) =>
        result is JsonElement { ValueKind: JsonValueKind.Object } json
        && json.TryGetProperty("isError"u8, out var isError)
        && isError.ValueKind == JsonValueKind.True
        && json.TryGetProperty("content"u8, out var content)
        && content.ValueKind == JsonValueKind.Array;
}
