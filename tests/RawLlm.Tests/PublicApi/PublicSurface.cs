using System.Reflection;
using System.Text;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.PublicApi;

/// <summary>The public surface of an assembly as text.</summary>
internal static class PublicSurface
{
    // Attributes that callers and their compilers see, without those that the compiler emits and those that describe generated code.
    private static readonly string[] Told =
    [
        "ExperimentalAttribute",
        "ObsoleteAttribute",
        "FlagsAttribute",
        "JsonConverterAttribute",
        "JsonIgnoreAttribute",
        "JsonRequiredAttribute",
        "JsonNumberHandlingAttribute",
        "EditorBrowsableAttribute",
        "AttributeUsageAttribute",
        "EnumeratorCancellationAttribute",
    ];

    private static readonly NullabilityInfoContext Nullability = new();

    /// <summary>Compares an assembly's surface with the committed text.</summary>
    /// <param name="assembly">The assembly.</param>
    /// <param name="path">The folders and file name of the text below <c>tests</c>.</param>
    public static void Hold(Assembly assembly, params ReadOnlySpan<string> path)
    {
        string file = Path.Combine([Folders.Repository, "tests", .. path]);
        string actual = Of(assembly);
        // RAWLLM_WRITE_API=1 updates the text; review its diff.
        if (Environment.GetEnvironmentVariable("RAWLLM_WRITE_API") == "1")
            File.WriteAllText(file, actual);
        Assert.Equal(File.ReadAllText(file).ReplaceLineEndings("\n"), actual);
    }

    /// <summary>Returns all visible types and their members, in alphabetical order.</summary>
    public static string Of(Assembly assembly)
    {
        var text = new StringBuilder();
        foreach (var type in assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal))
        {
            text.Append(Attributes(type)).Append(Kind(type)).Append(' ').Append(Name(type)).Append(Parents(type)).Append('\n');
            foreach (
                string member in type.GetMembers(
                        BindingFlags.Public
                            | BindingFlags.NonPublic
                            | BindingFlags.Instance
                            | BindingFlags.Static
                            | BindingFlags.DeclaredOnly
                    )
                    .Select(Describe)
                    .OfType<string>()
                    .Order(StringComparer.Ordinal)
            )
            {
                text.Append("    ").Append(member).Append('\n');
            }
        }
        return text.ToString();
    }

    private static string? Describe(MemberInfo member) =>
        member switch
        {
            FieldInfo { IsPublic: true } field when field.DeclaringType!.IsEnum => field.IsLiteral
                ? $"{field.Name} = {Convert.ToInt32(field.GetRawConstantValue(), System.Globalization.CultureInfo.InvariantCulture)}"
                : null,
            FieldInfo { IsPublic: true } field => $"{Attributes(field)}{Name(field.FieldType, Nullability.Create(field))} {field.Name}",
            PropertyInfo property when IsVisible(property.GetMethod) =>
                $"{Attributes(property)}{Static(property.GetMethod!)}{Name(property.PropertyType, Nullability.Create(property))} {property.Name}{Index(property)} {{ get;{Setter(property)} }}",
            ConstructorInfo constructor when IsVisible(constructor) =>
                $"{Attributes(constructor)}{(constructor.IsPublic ? "" : "protected ")}{Simple(constructor.DeclaringType!)}({Parameters(constructor)})",
            MethodInfo method when IsVisible(method) && !IsGenerated(method) =>
                $"{Attributes(method)}{Static(method)}{Name(method.ReturnType, Nullability.Create(method.ReturnParameter))} {method.Name}{Generic(method)}({Parameters(method)})",
            _ => null,
        };

    private static bool IsVisible(MethodBase? method) =>
        method is not null
        && (method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly)
        && (method is ConstructorInfo { IsStatic: false } || !method.Name.Contains('.', StringComparison.Ordinal));

    // The members that the compiler generates for records follow from the record itself.
    private static bool IsGenerated(MethodInfo method) =>
        (method.IsSpecialName && !method.Name.StartsWith("op_Implicit", StringComparison.Ordinal))
        || method.Name
            is "<Clone>$"
                or "PrintMembers"
                or "GetHashCode"
                or "Equals"
                or "Deconstruct"
                or "ToString"
                or "get_EqualityContract";

    private static string Setter(PropertyInfo property) =>
        !IsVisible(property.SetMethod) ? ""
        : property.SetMethod!.ReturnParameter.GetRequiredCustomModifiers().Any(modifier => modifier.Name == "IsExternalInit") ? " init;"
        : " set;";

    private static string Index(PropertyInfo property) =>
        property.GetIndexParameters() is { Length: > 0 } index
            ? $"[{string.Join(", ", index.Select(parameter => Name(parameter.ParameterType)))}]"
            : "";

    private static string Static(MethodBase method) =>
        method.IsStatic ? "static "
        : method.IsAbstract ? "abstract "
        : method is { IsVirtual: true, IsFinal: false } && !method.DeclaringType!.IsSealed ? "virtual "
        : "";

    private static string Generic(MethodInfo method) =>
        method.IsGenericMethodDefinition ? $"<{string.Join(", ", method.GetGenericArguments().Select(argument => argument.Name))}>" : "";

    private static string Parameters(MethodBase method) =>
        string.Join(
            ", ",
            method
                .GetParameters()
                .Select(parameter =>
                    $"{(IsExtended(parameter) ? "this " : "")}{(parameter.IsOut ? "out " : parameter.IsIn ? "in " : parameter.ParameterType.IsByRef ? "ref " : "")}{Name(parameter.ParameterType, Nullability.Create(parameter))} {parameter.Name}{(parameter.HasDefaultValue ? $" = {parameter.RawDefaultValue ?? "default"}" : "")}"
                )
        );

    private static bool IsExtended(ParameterInfo parameter) =>
        parameter.Position == 0 && parameter.Member.IsDefined(typeof(System.Runtime.CompilerServices.ExtensionAttribute));

    private static string Kind(Type type) =>
        type.IsEnum ? "enum"
        : type.IsInterface ? "interface"
        : type.IsValueType ? (type.IsByRefLike ? "ref struct" : "struct")
        : type is { IsAbstract: true, IsSealed: true } ? "static class"
        : type.IsAbstract ? "abstract class"
        : type.IsSealed ? "sealed class"
        : "class";

    private static string Parents(Type type)
    {
        var parents = type.GetInterfaces().Where(face => face.IsPublic).Select(Name).Order(StringComparer.Ordinal).ToList();
        if (type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType) && parent != typeof(Enum))
            parents.Insert(0, Name(parent));
        return type.IsEnum || parents.Count == 0 ? "" : " : " + string.Join(", ", parents);
    }

    private static string Attributes(MemberInfo member) =>
        string.Concat(
            member
                .GetCustomAttributesData()
                .Where(attribute => Told.Contains(attribute.AttributeType.Name))
                .Select(Attribute)
                .Order(StringComparer.Ordinal)
        );

    private static string Attribute(CustomAttributeData attribute)
    {
        var values = attribute
            .ConstructorArguments.Select(argument => Value(argument))
            .Concat(attribute.NamedArguments.Select(named => $"{named.MemberName} = {Value(named.TypedValue)}"));
        string name = attribute.AttributeType.Name[..^"Attribute".Length];
        return $"[{name}{(string.Join(", ", values) is { Length: > 0 } all ? $"({all})" : "")}] ";
    }

    private static string Value(CustomAttributeTypedArgument argument) =>
        argument.Value is Type type
            ? Name(type)
            : Convert.ToString(argument.Value, System.Globalization.CultureInfo.InvariantCulture) ?? "null";

    private static string Name(Type type, NullabilityInfo info)
    {
        if (type.IsByRef)
            return Name(type.GetElementType()!, info.ElementType ?? info);
        if (type.IsArray && info.ElementType is { } element)
            return Name(type.GetElementType()!, element) + "[]" + Mark(type, info);
        var arguments = type.GetGenericArguments();
        if (!type.IsGenericType || Nullable.GetUnderlyingType(type) is not null || arguments.Length != info.GenericTypeArguments.Length)
            return Name(type) + Mark(type, info);
        string plain = Name(type);
        return $"{plain[..plain.IndexOf('<', StringComparison.Ordinal)]}<{string.Join(", ", arguments.Zip(info.GenericTypeArguments, Name))}>{Mark(type, info)}";
    }

    private static string Mark(Type type, NullabilityInfo info) =>
        !type.IsValueType && info.ReadState == NullabilityState.Nullable ? "?" : "";

    private static string Simple(Type type) =>
        type.Name.Contains('`', StringComparison.Ordinal) ? type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)] : type.Name;

    private static string Name(Type type)
    {
        if (type.IsByRef)
            return Name(type.GetElementType()!);
        if (type.IsArray)
            return Name(type.GetElementType()!) + "[]";
        if (Nullable.GetUnderlyingType(type) is { } inner)
            return Name(inner) + "?";
        string name = type is { IsNested: true, IsGenericParameter: false }
            ? $"{Simple(type.DeclaringType!)}.{Simple(type)}"
            : Simple(type);
        if (type.IsGenericType)
            name += $"<{string.Join(", ", type.GetGenericArguments().Select(Name))}>";
        return type.Namespace?.StartsWith("RawLlm.", StringComparison.Ordinal) == true
            ? $"{type.Namespace["RawLlm.".Length..]}.{name}"
            : name;
    }
}
