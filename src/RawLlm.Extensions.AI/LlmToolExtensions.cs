using System.Text.Json;
using Microsoft.Extensions.AI;
using RawLlm.Extensions.AI;

namespace RawLlm;

/// <summary>Tools as functions of Microsoft.Extensions.AI, and its functions as tools.</summary>
public static class LlmToolExtensions
{
    /// <summary>The tool as an <see cref="AIFunction"/>, for <see cref="ChatOptions.Tools"/> and whoever runs what stands there. As thread-safe as the tool; nothing is reflected on.</summary>
    /// <remarks>
    /// A result of text alone is given as a <see cref="string"/>, any other as a list of <see cref="AIContent"/>. A <see cref="ToolArgumentException"/> and a
    /// <see cref="ToolOutput.IsError"/> are given as what the model is to be told; any other exception of the function goes through. <c>GetService</c> gives the
    /// <see cref="Tool"/> and its <see cref="ToolDefinition"/>, which RawLlm's own adapter sends as it is. A tool that needs approval (<see cref="Tool.NeedsApproval"/>)
    /// is given as an <see cref="ApprovalRequiredAIFunction"/>, which those who run functions have to heed.
    /// </remarks>
    /// <param name="tool">The tool.</param>
    public static AIFunction AsAIFunction(this Tool tool)
    {
        ArgumentNullException.ThrowIfNull(tool);
        var function = new ToolFunction(tool);
        return tool.NeedsApproval ? new ApprovalRequiredAIFunction(function) : function;
    }

    /// <summary>The function as a tool, for a <see cref="ToolLoop"/> with its approvals and bounds; those of MCP servers are such functions. As thread-safe as the function.</summary>
    /// <remarks>
    /// What the model is told is read now and stays. The function gets the arguments as <see cref="JsonElement"/>s (null for a JSON null), and the <see cref="ToolCall"/>
    /// in <see cref="AIFunctionArguments.Context"/> under its type. Of what it gives back text goes as it is, contents as parts, JSON as its text, null as
    /// <c>Done.</c>, and everything else as JSON by <see cref="AIFunction.JsonSerializerOptions"/>, which must know the type in a NativeAOT program. Its exceptions are a tool's,
    /// and the failure of a call at an MCP server is a <see cref="ToolOutput.IsError"/>.
    /// An <see cref="ApprovalRequiredAIFunction"/>, also one inside others, becomes a tool that needs approval.
    /// </remarks>
    /// <param name="function">The function; one that <see cref="AsAIFunction"/> gave is the very tool it was made of, unless that needs approval.</param>
    /// <param name="services">What the function finds in <see cref="AIFunctionArguments.Services"/>; null for nothing.</param>
    /// <exception cref="ArgumentException">The function has no name, or a schema that is no JSON.</exception>
    public static Tool AsTool(this AIFunction function, IServiceProvider? services = null)
    {
        ArgumentNullException.ThrowIfNull(function);
        if (function is ToolFunction own)
            return own.Tool;
        var tool = new Tool(RequestReader.ReadTool(function, strict: null), (call, cancellationToken) => RunAsync(function, services, call, cancellationToken));
        return function.GetService<ApprovalRequiredAIFunction>() is null ? tool : tool.WithApproval();
    }

    private static async ValueTask<ToolOutput> RunAsync(AIFunction function, IServiceProvider? services, ToolCall call, CancellationToken cancellationToken)
    {
        var read = call.ReadArguments();
        if (read.Quirk is { Kind: QuirkKind.ToolArgumentsUnreadable })
            throw new ToolArgumentException("The arguments are not a JSON object.");
        var context = new Dictionary<object, object?> { [typeof(ToolCall)] = call };
        var arguments = new AIFunctionArguments { Services = services, Context = context };
        foreach (var (name, value) in read)
            arguments.Add(name, value.ValueKind == JsonValueKind.Null ? null : value);
        object? result = await function.InvokeAsync(arguments, cancellationToken).ConfigureAwait(false);
        // What a tool inside says of its own output.
        bool isFailed = context.TryGetValue(typeof(ToolOutput), out object? inner) && inner is ToolOutput { IsError: true };
        return new ToolOutput(MessageReader.ResultParts(result ?? "Done.", $"The result of the function '{function.Name}'", function.JsonSerializerOptions)) { IsError = isFailed || IsFailure(result) };
    }

    // The C# SDK of MCP gives a failed call as the JSON of its CallToolResult (2.3, 2026).
    private static bool IsFailure(object? result) =>
        result is JsonElement { ValueKind: JsonValueKind.Object } json && json.TryGetProperty("isError"u8, out var isError) && isError.ValueKind == JsonValueKind.True
        && json.TryGetProperty("content"u8, out var content) && content.ValueKind == JsonValueKind.Array;
}
