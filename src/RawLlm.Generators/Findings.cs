using Microsoft.CodeAnalysis;

namespace RawLlm.Generators;

/// <summary>The diagnostics for methods marked <c>[Tool]</c> and types marked <c>[JsonSchema]</c>. Numbers are never reused.</summary>
internal static class Findings
{
    public static readonly DiagnosticDescriptor Parameter = New(
        "RLLM101",
        "A parameter has a type that cannot be read from arguments",
        "'{0}' cannot be read from arguments: {1}. Use a string, bool, number, enum, date or time, Guid, Uri, RawJson or JsonElement (any JSON), an array or list, a dictionary with string keys, or a class or record of these."
    );

    public static readonly DiagnosticDescriptor Description = New(
        "RLLM102",
        "A parameter or tool has no description",
        "'{0}' has no description for the model: {1}",
        DiagnosticSeverity.Info
    );

    public static readonly DiagnosticDescriptor Container = New(
        "RLLM103",
        "The type cannot have the property Tools",
        "'{0}' cannot contain tools: {1}"
    );

    public static readonly DiagnosticDescriptor Generic = New(
        "RLLM104",
        "A tool is generic",
        "'{0}' is generic, but the model cannot choose the type: write a separate method for each type"
    );

    public static readonly DiagnosticDescriptor Reference = New(
        "RLLM105",
        "A parameter is passed by reference",
        "'{0}' is passed by reference: pass it by value, and return any result instead"
    );

    public static readonly DiagnosticDescriptor Duplicate = New(
        "RLLM106",
        "Two tools have the same name",
        "Another tool in '{1}' has the name \"{0}\": give one of them another name with [Tool(..., Name = \"...\")]"
    );

    public static readonly DiagnosticDescriptor Result = New(
        "RLLM107",
        "A result has a type that cannot be written for the model",
        "'{0}' cannot be written for the model: {1}. Return a string or a ToolOutput, such as ToolOutput.Json(JsonSerializer.Serialize(value, MyContext.Default.MyType))."
    );

    public static readonly DiagnosticDescriptor Name = New(
        "RLLM108",
        "Services would refuse a tool's name",
        "\"{0}\" is not a valid tool name: use 1 to 64 characters out of A to Z, a to z, 0 to 9, '_' and '-'"
    );

    public static readonly DiagnosticDescriptor SchemaType = New(
        "RLLM109",
        "A type cannot have a schema",
        "'{0}' cannot have a schema: {1}"
    );

    public static readonly DiagnosticDescriptor SchemaMember = New(
        "RLLM110",
        "A type or one of its members cannot be read from an answer",
        "'{0}' cannot be read from an answer: {1}. Use a string, bool, number, enum, date or time, Guid, Uri, an array or list, or a class or record of these; with Strict = false also RawJson or JsonElement (any JSON), or a dictionary with string keys."
    );

    public static readonly DiagnosticDescriptor SchemaName = New(
        "RLLM111",
        "Services would refuse a schema's name",
        "\"{0}\" is not a valid schema name: use 1 to 64 characters out of A to Z, a to z, 0 to 9, '_' and '-', with [JsonSchema(..., Name = \"...\")]"
    );

    public static readonly DiagnosticDescriptor Explicit = New(
        "RLLM112",
        "A tool implements an interface explicitly",
        "'{0}' implements an interface explicitly and cannot be called by its name: mark a method that can be"
    );

    public static readonly DiagnosticDescriptor IgnoredAttribute = New(
        "RLLM113",
        "An attribute is neither sent to the model nor checked",
        "[{1}] of '{0}' is neither sent to the model nor checked: {2}",
        DiagnosticSeverity.Info
    );

    public static readonly DiagnosticDescriptor Timeout = New(
        "RLLM114",
        "A tool's timeout is out of range",
        "The timeout of '{0}' is out of range: set TimeoutSeconds to 1 to 2147483, or leave it out"
    );

    private static readonly DiagnosticDescriptor[] All =
    [
        Parameter,
        Description,
        Container,
        Generic,
        Reference,
        Duplicate,
        Result,
        Name,
        SchemaType,
        SchemaMember,
        SchemaName,
        Explicit,
        IgnoredAttribute,
        Timeout,
    ];

    public static DiagnosticDescriptor Of(string id) => Array.Find(All, descriptor => descriptor.Id == id);

    private static DiagnosticDescriptor New(
        string id,
        string title,
        string message,
        DiagnosticSeverity severity = DiagnosticSeverity.Error
    ) => new(id, title, message, "RawLlm", severity, isEnabledByDefault: true);
}
