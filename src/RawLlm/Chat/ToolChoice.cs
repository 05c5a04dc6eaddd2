using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>Whether the model may, must or must not call tools.</summary>
[JsonConverter(typeof(ToolChoiceConverter))]
public sealed record ToolChoice
{
    private ToolChoice(ToolChoiceKind kind, string? name)
    {
        Kind = kind;
        Name = name;
    }

    /// <summary>The kind of choice.</summary>
    public ToolChoiceKind Kind { get; }

    /// <summary>The name of the tool, for <see cref="ToolChoiceKind.Named"/>.</summary>
    public string? Name { get; }

    /// <summary>The model decides.</summary>
    public static ToolChoice Auto { get; } = new(ToolChoiceKind.Auto, null);

    /// <summary>The model answers without tool calls.</summary>
    public static ToolChoice None { get; } = new(ToolChoiceKind.None, null);

    /// <summary>The model calls at least one tool.</summary>
    public static ToolChoice Required { get; } = new(ToolChoiceKind.Required, null);

    /// <summary>The model calls the tool with this name.</summary>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public static ToolChoice Named(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return new(ToolChoiceKind.Named, name);
    }
}
