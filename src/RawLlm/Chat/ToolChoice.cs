using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>Whether the model may, must or must not call functions.</summary>
[JsonConverter(typeof(ToolChoiceConverter))]
public sealed record ToolChoice
{
    private ToolChoice(ToolChoiceKind kind, string? name)
    {
        Kind = kind;
        Name = name;
    }

    /// <summary>What is chosen.</summary>
    public ToolChoiceKind Kind { get; }

    /// <summary>The function's name, for <see cref="ToolChoiceKind.Named"/>.</summary>
    public string? Name { get; }

    /// <summary>The model decides.</summary>
    public static ToolChoice Auto { get; } = new(ToolChoiceKind.Auto, null);

    /// <summary>The model answers in text.</summary>
    public static ToolChoice None { get; } = new(ToolChoiceKind.None, null);

    /// <summary>The model calls at least one function.</summary>
    public static ToolChoice Required { get; } = new(ToolChoiceKind.Required, null);

    /// <summary>The model calls the function of this name.</summary>
    /// <exception cref="ArgumentException">The name is empty.</exception>
    public static ToolChoice Named(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return new(ToolChoiceKind.Named, name);
    }
}
