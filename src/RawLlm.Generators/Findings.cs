using Microsoft.CodeAnalysis;

namespace RawLlm.Generators;

/// <summary>What can be wrong with a method that is to be a tool, or a type that is to have a schema. Numbers are never used again.</summary>
internal static class Findings
{
    public static readonly DiagnosticDescriptor Parameter = New("RLLM101", "A parameter has a type that arguments cannot be read as",
        "'{0}' cannot be read from arguments: {1}. Take text, a bool, a number, an enum, a date or time, a Guid, a Uri, an array or list, or a class or record of these.");

    public static readonly DiagnosticDescriptor Description = New("RLLM102", "The model is told nothing of a parameter or function",
        "Tell the model what '{0}' is for: {1}", DiagnosticSeverity.Info);

    public static readonly DiagnosticDescriptor Container = New("RLLM103", "The type cannot be given the property Tools",
        "'{0}' cannot hold tools: {1}");

    public static readonly DiagnosticDescriptor Generic = New("RLLM104", "A tool is generic",
        "'{0}' is generic, and the model cannot say for which type: give it a method of its own for each");

    public static readonly DiagnosticDescriptor Reference = New("RLLM105", "A parameter is passed by reference",
        "'{0}' is passed by reference: take it by value and return what comes of it");

    public static readonly DiagnosticDescriptor Duplicate = New("RLLM106", "Two tools have one name",
        "There is another tool of the name \"{0}\" in '{1}': give one of them another with [Tool(..., Name = \"...\")]");

    public static readonly DiagnosticDescriptor Result = New("RLLM107", "A result has a type that the model cannot be given",
        "'{0}' cannot be given to the model: {1}. Return a string or a ToolOutput, such as ToolOutput.Of(JsonSerializer.Serialize(value, MyContext.Default.MyType)).");

    public static readonly DiagnosticDescriptor Name = New("RLLM108", "A tool's name is one that services refuse",
        "\"{0}\" is no name for a tool: take 1 to 64 letters of A to Z, digits, '_' and '-'");

    public static readonly DiagnosticDescriptor SchemaType = New("RLLM109", "A type cannot be given a schema",
        "'{0}' cannot be given a schema: {1}");

    public static readonly DiagnosticDescriptor SchemaMember = New("RLLM110", "A type has members that an answer cannot be read as",
        "'{0}' cannot be read from an answer: {1}. Take text, a bool, a number, an enum, a date or time, a Guid, a Uri, an array or list, or a class or record of these.");

    public static readonly DiagnosticDescriptor SchemaName = New("RLLM111", "A schema's name is one that services refuse",
        "\"{0}\" is no name for a schema: take 1 to 64 letters of A to Z, digits, '_' and '-', with [JsonSchema(..., Name = \"...\")]");

    public static readonly DiagnosticDescriptor Explicit = New("RLLM112", "A tool implements an interface explicitly",
        "'{0}' implements an interface explicitly and cannot be called by its name: mark a method that can");

    public static readonly DiagnosticDescriptor Unheld = New("RLLM113", "An attribute is neither told to the model nor checked",
        "[{1}] of '{0}' is neither told to the model nor checked: {2}", DiagnosticSeverity.Info);

    private static readonly DiagnosticDescriptor[] All = [Parameter, Description, Container, Generic, Reference, Duplicate, Result, Name, SchemaType, SchemaMember, SchemaName, Explicit, Unheld];

    public static DiagnosticDescriptor Of(string id) => Array.Find(All, descriptor => descriptor.Id == id);

    private static DiagnosticDescriptor New(string id, string title, string message, DiagnosticSeverity severity = DiagnosticSeverity.Error) =>
        new(id, title, message, "RawLlm", severity, isEnabledByDefault: true);
}
