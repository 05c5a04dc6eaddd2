using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace RawLlm.Generators;

/// <summary>Determines the JSON shape of types.</summary>
/// <param name="isResult">Whether the types are written; otherwise they are read.</param>
/// <param name="isStrict">Whether the schema is strict, so that objects have only known members.</param>
/// <param name="compilation">The program, for the constants in the initializers of its properties.</param>
internal sealed class ShapeReader(bool isResult, bool isStrict, Compilation compilation)
{
    private const string Annotations = "System.ComponentModel.DataAnnotations.";
    private const string DefaultValue = "System.ComponentModel.DefaultValueAttribute";
    private const int MaxDepth = 16;
    private const int IgnoredAlways = 1;
    private const int IgnoredWhenWriting = 4;
    private const int IgnoredWhenReading = 5;

    private static readonly SymbolDisplayFormat FullName = SymbolDisplayFormat.FullyQualifiedFormat.WithMiscellaneousOptions(
        SymbolDisplayMiscellaneousOptions.EscapeKeywordIdentifiers
            | SymbolDisplayMiscellaneousOptions.UseSpecialTypes
            | SymbolDisplayMiscellaneousOptions.IncludeNullableReferenceTypeModifier
    );

    private readonly List<ITypeSymbol> _path = [];
    private readonly List<string> _members = [];
    private readonly List<(string Member, string Attribute)> _unenforced = [];

    /// <summary>Why the last type has no shape.</summary>
    public string Reason { get; private set; } = "";

    /// <summary>The member of the last type that has no shape, such as <c>.Items[].Next</c>; empty for the type itself.</summary>
    public string Place { get; private set; } = "";

    /// <summary>The members with attributes that have no effect, each with one such attribute.</summary>
    public IReadOnlyList<(string Member, string Attribute)> IgnoredAttribute => _unenforced;

    /// <summary>
    /// Returns the attributes of a member or parameter that set a limit or a default, but have no effect when JSON is read.
    /// </summary>
    /// <remarks>Strict schemas of Anthropic (2026) refuse the keywords for them, and those of OpenAI refuse some.</remarks>
    public static IEnumerable<string> IgnoredAttributesOf(ISymbol symbol)
    {
        foreach (var attribute in symbol.GetAttributes())
        {
            if (attribute.AttributeClass is { } type && ((type.ToDisplayString() == DefaultValue && !HasDefault(symbol)) || IsLimit(type)))
            {
                yield return type.Name.EndsWith("Attribute", StringComparison.Ordinal)
                    ? type.Name.Substring(0, type.Name.Length - "Attribute".Length)
                    : type.Name;
            }
        }
    }

    /// <summary>Returns what to do instead of using such an attribute.</summary>
    public static string AdviceFor(string attribute) =>
        attribute == "DefaultValue"
            ? "set the value as its C# default instead."
            : "describe it in [Description(\"…\")], and check it in the code that takes the value.";

    /// <summary>Returns the type's full name in C#, without its own nullable annotation.</summary>
    public static string NameOf(ITypeSymbol type) => type.WithNullableAnnotation(NullableAnnotation.NotAnnotated).ToDisplayString(FullName);

    /// <summary>Returns the type without its nullable annotation, and whether it may be null.</summary>
    public static (ITypeSymbol Type, bool IsNullable) Unwrap(ITypeSymbol type) =>
        type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable
            ? (nullable.TypeArguments[0], true)
            : (type, type.IsReferenceType && type.NullableAnnotation == NullableAnnotation.Annotated);

    /// <summary>Returns the text of a <c>[Description]</c> or <c>[JsonSchema]</c>; null if there is none or it is blank.</summary>
    public static string? DescriptionOf(ISymbol symbol) =>
        (Word(symbol, "System.ComponentModel.DescriptionAttribute") ?? Word(symbol, JsonSchemaGenerator.AttributeName)) is { } description
        && !string.IsNullOrWhiteSpace(description)
            ? description
            : null;

    /// <summary>Returns the JSON shape of a type; null if it has none, with the <see cref="Reason"/>.</summary>
    public Shape? Read(ITypeSymbol type)
    {
        if (Hiding(type) is { } hiding)
            return Refuse(type, hiding);
        if (Scalar(type) is { } shape)
        {
            if (isStrict && shape.Kind is ShapeKind.Json or ShapeKind.Element)
                return Refuse(type, "is any JSON value, which strict schemas refuse: use a string with the JSON text, or turn off Strict");
            return isResult || shape.Kind != ShapeKind.Choice || FlawOf(shape.Choices) is not { } flaw ? shape : Refuse(type, flaw);
        }
        if (
            type is not (INamedTypeSymbol or IArrayTypeSymbol { Rank: 1 })
            || type.TypeKind is TypeKind.Error or TypeKind.Delegate or TypeKind.Pointer
        )
        {
            return Refuse(type, Unsupported(type));
        }

        if (_path.Contains(type, SymbolEqualityComparer.Default) || _path.Count >= MaxDepth)
            return Refuse(type, "contains itself or is nested too deeply");
        _path.Add(type);
        try
        {
            return ItemOf(type) is { } item ? List(type, item)
                : ValueOf(type) is { } value ? Map(type, value)
                : Object((INamedTypeSymbol)type);
        }
        finally
        {
            _path.RemoveAt(_path.Count - 1);
        }
    }

    /// <summary>Returns the C# literal of a parameter's default value.</summary>
    public static string Literal(ITypeSymbol type, object? value)
    {
        var (bare, _) = Unwrap(type);
        return value switch
        {
            null => "default!",
            float.NaN
            or double.NaN
            or float.PositiveInfinity
            or double.PositiveInfinity
            or float.NegativeInfinity
            or double.NegativeInfinity => $"({NameOf(bare)}){Infinite(value)}",
            float number => number.ToString("R", System.Globalization.CultureInfo.InvariantCulture) + "F",
            double number => number.ToString("R", System.Globalization.CultureInfo.InvariantCulture) + "D",
            decimal number => number.ToString(System.Globalization.CultureInfo.InvariantCulture) + "M",
            // In a conditional expression with a value of its type, a literal without a cast would make the result an int.
            sbyte or byte or short or ushort when bare.TypeKind != TypeKind.Enum =>
                $"({NameOf(bare)})({SymbolDisplay.FormatPrimitive(value, true, false)})",
            _ when bare.TypeKind == TypeKind.Enum => $"({NameOf(bare)})({SymbolDisplay.FormatPrimitive(value, true, false)})",
            _ => SymbolDisplay.FormatPrimitive(value, true, false),
        };

        static string Infinite(object value)
        {
            double number = Convert.ToDouble(value, System.Globalization.CultureInfo.InvariantCulture);
            return "double."
                + (
                    double.IsNaN(number) ? "NaN"
                    : number > 0 ? "PositiveInfinity"
                    : "NegativeInfinity"
                );
        }
    }

    /// <summary>Returns a parameter's default value for the model; null if there is none, or if JSON cannot express it.</summary>
    public static object? DefaultOf(IParameterSymbol parameter) =>
        parameter.HasExplicitDefaultValue ? ForModel(parameter.Type, parameter.ExplicitDefaultValue) : null;

    // The value of a property's initializer, if it is a constant.
    private object? DefaultOf(IPropertySymbol property)
    {
        foreach (var reference in property.DeclaringSyntaxReferences)
        {
            if (
                reference.GetSyntax() is PropertyDeclarationSyntax { Initializer.Value: { } value }
                && compilation.ContainsSyntaxTree(value.SyntaxTree)
                && compilation.GetSemanticModel(value.SyntaxTree).GetConstantValue(value) is { HasValue: true } constant
            )
            {
                return ForModel(property.Type, constant.Value);
            }
        }
        return null;
    }

    private static object? ForModel(ITypeSymbol type, object? value)
    {
        var (bare, _) = Unwrap(type);
        if (bare.TypeKind != TypeKind.Enum)
        {
            return
                value
                    is float.NaN
                        or double.NaN
                        or float.PositiveInfinity
                        or double.PositiveInfinity
                        or float.NegativeInfinity
                        or double.NegativeInfinity
                ? null
                : value;
        }
        foreach (var member in bare.GetMembers())
        {
            if (member is IFieldSymbol { HasConstantValue: true } field && !IsForbidden(field) && Equals(field.ConstantValue, value))
                return Word(field, "System.Text.Json.Serialization.JsonStringEnumMemberNameAttribute") ?? field.Name;
        }
        return null;
    }

    private static Shape? Scalar(ITypeSymbol type)
    {
        string name = NameOf(type);
        if (type.TypeKind == TypeKind.Enum)
            return Choice(type, name);
        ShapeKind? kind = type.SpecialType switch
        {
            SpecialType.System_String => ShapeKind.Text,
            SpecialType.System_Boolean => ShapeKind.Boolean,
            SpecialType.System_SByte
            or SpecialType.System_Byte
            or SpecialType.System_Int16
            or SpecialType.System_UInt16
            or SpecialType.System_Int32
            or SpecialType.System_UInt32
            or SpecialType.System_Int64
            or SpecialType.System_UInt64 => ShapeKind.Integer,
            SpecialType.System_Single or SpecialType.System_Double or SpecialType.System_Decimal => ShapeKind.Number,
            SpecialType.System_DateTime => ShapeKind.DateTime,
            _ => name switch
            {
                "global::System.DateTimeOffset" => ShapeKind.DateTimeOffset,
                "global::System.DateOnly" => ShapeKind.DateOnly,
                "global::System.TimeOnly" => ShapeKind.TimeOnly,
                "global::System.Guid" => ShapeKind.Guid,
                "global::System.Uri" => ShapeKind.Uri,
                "global::RawLlm.RawJson" => ShapeKind.Json,
                "global::System.Text.Json.JsonElement" => ShapeKind.Element,
                _ => null,
            },
        };
        return kind is { } known ? new(known, name) { IsValueType = type.IsValueType } : null;
    }

    private string Unsupported(ITypeSymbol type) =>
        !isStrict
        && (
            type.SpecialType == SpecialType.System_Object
            || type.TypeKind == TypeKind.Dynamic
            || (type.ContainingNamespace?.ToDisplayString() ?? "").StartsWith("System.Text.Json", StringComparison.Ordinal)
        )
            ? "is not supported: use RawJson or JsonElement for any JSON value"
            : "is not supported";

    private static Shape Choice(ITypeSymbol type, string name)
    {
        var choices = new List<(string, string)>();
        foreach (var member in type.GetMembers())
        {
            if (member is IFieldSymbol { HasConstantValue: true } field && !IsForbidden(field))
            {
                choices.Add(
                    (Word(field, "System.Text.Json.Serialization.JsonStringEnumMemberNameAttribute") ?? field.Name, $"{name}.@{field.Name}")
                );
            }
        }
        return new(ShapeKind.Choice, name)
        {
            IsValueType = true,
            Choices = choices,
            Description = DescriptionOf(type),
        };
    }

    private static string? FlawOf(IReadOnlyList<(string Name, string Value)> choices)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, _) in choices)
        {
            if (!names.Add(name))
                return $"has the name \"{name}\" for several of its values";
        }
        return choices.Count == 0 ? "has no values" : null;
    }

    private static ITypeSymbol? ItemOf(ITypeSymbol type) =>
        type switch
        {
            IArrayTypeSymbol array => array.ElementType,
            INamedTypeSymbol { IsGenericType: true } named
                when named.OriginalDefinition.SpecialType
                    is SpecialType.System_Collections_Generic_IEnumerable_T
                        or SpecialType.System_Collections_Generic_IList_T
                        or SpecialType.System_Collections_Generic_ICollection_T
                        or SpecialType.System_Collections_Generic_IReadOnlyList_T
                        or SpecialType.System_Collections_Generic_IReadOnlyCollection_T => named.TypeArguments[0],
            INamedTypeSymbol { IsGenericType: true } named when IsList(named) => named.TypeArguments[0],
            _ => null,
        };

    // The type of a dictionary's values. A result may be of any class that can be read as one.
    private ITypeSymbol? ValueOf(ITypeSymbol type)
    {
        if (type is not INamedTypeSymbol named)
            return null;
        if (IsDictionary(named) || named.OriginalDefinition.ToDisplayString() == "System.Collections.Generic.Dictionary<TKey, TValue>")
            return named.TypeArguments[0].SpecialType == SpecialType.System_String ? named.TypeArguments[1] : null;
        return isResult
            ? named
                .AllInterfaces.FirstOrDefault(face => IsDictionary(face) && face.TypeArguments[0].SpecialType == SpecialType.System_String)
                ?.TypeArguments[1]
            : null;
    }

    private static bool IsDictionary(INamedTypeSymbol type) =>
        type.OriginalDefinition.ToDisplayString()
            is "System.Collections.Generic.IReadOnlyDictionary<TKey, TValue>"
                or "System.Collections.Generic.IDictionary<TKey, TValue>";

    private static bool IsList(ITypeSymbol type) => type.OriginalDefinition.ToDisplayString() == "System.Collections.Generic.List<T>";

    // A program's values may be null despite their annotations.
    private bool MayBeNull(ITypeSymbol bare) => isResult && bare.IsReferenceType;

    private Shape? List(ITypeSymbol type, ITypeSymbol item)
    {
        var (bare, isNullable) = Unwrap(item);
        return ReadAt("[]", bare) is not { } shape
            ? null
            : new(ShapeKind.List, NameOf(type))
            {
                Item = shape,
                IsItemNullable = isNullable || MayBeNull(bare),
                IsListType = IsList(type),
                IsValueType = type.IsValueType,
            };
    }

    private Shape? Map(ITypeSymbol type, ITypeSymbol value)
    {
        if (isStrict)
            return Refuse(
                type,
                "is a dictionary, which strict schemas refuse: use a list of records with a name and a value, or turn off Strict"
            );
        var (bare, isNullable) = Unwrap(value);
        return ReadAt("[]", bare) is not { } shape
            ? null
            : new(ShapeKind.Map, NameOf(type))
            {
                Item = shape,
                IsItemNullable = isNullable || MayBeNull(bare),
                IsValueType = type.IsValueType,
            };
    }

    private Shape? Object(INamedTypeSymbol type)
    {
        if (
            type.SpecialType != SpecialType.None
            || type.ContainingNamespace?.ToDisplayString() is { } space
                && (space == "System" || space.StartsWith("System.", StringComparison.Ordinal))
        )
        {
            return Refuse(type, Unsupported(type));
        }

        if (type.IsAbstract || type.TypeKind is not (TypeKind.Class or TypeKind.Struct) || type.IsUnboundGenericType)
            return Refuse(type, isResult ? "is abstract" : "cannot be created");
        if (type.IsRefLikeType)
            return Refuse(type, "is a ref struct");
        if (type.AllInterfaces.Any(face => face.SpecialType == SpecialType.System_Collections_IEnumerable))
            return Refuse(type, "is a collection class: use an array or a List<T>");
        if (!isResult && (Find(type, "JsonDerivedTypeAttribute") ?? Find(type, "JsonPolymorphicAttribute")) is not null)
            return Refuse(type, "is polymorphic ([JsonDerivedType] or [JsonPolymorphic])");
        var members = new List<Member>();
        return (
                isResult
                    ? AddRead(type, members)
                    : Constructor(type) is { } constructor
                        && AddConstructed(type, constructor, members)
                        && AddSet(type, members)
                        && SetsRequired(type, constructor, members)
            )
                is false
                ? null
            : members.Count == 0 ? Refuse(type, isResult ? "has no public property" : "has no public property that can be set")
            : new(ShapeKind.Object, NameOf(type))
            {
                Members = members,
                IsValueType = type.IsValueType,
                Description = DescriptionOf(type),
            };
    }

    private bool AddRead(INamedTypeSymbol type, List<Member> members)
    {
        foreach (var property in Properties(type))
        {
            if (
                property.GetMethod is { DeclaredAccessibility: Accessibility.Public }
                && !Add(property, property.Type, new("", property.Name, null!), members)
            )
            {
                return false;
            }
        }
        return true;
    }

    // The marked constructor, otherwise the only public one, otherwise the public one without parameters.
    private IMethodSymbol? Constructor(INamedTypeSymbol type)
    {
        var constructors = type
            .InstanceConstructors.Where(constructor =>
                constructor.DeclaredAccessibility == Accessibility.Public && !IsCopy(constructor, type)
            )
            .ToList();
        var made = constructors.Where(constructor => !constructor.IsImplicitlyDeclared || constructors.Count == 1).ToList();
        var chosen = constructors.Find(constructor => Find(constructor, "JsonConstructorAttribute") is not null);
        chosen ??= made.Count == 1 ? made[0] : constructors.Find(constructor => constructor.Parameters.Length == 0);
        if (chosen is null)
            Refuse(type, "has several constructors, or no public one");
        return chosen;
    }

    private bool AddConstructed(INamedTypeSymbol type, IMethodSymbol constructor, List<Member> members)
    {
        foreach (var parameter in constructor.Parameters)
        {
            if (Ignored(type).Any(known => string.Equals(known, parameter.Name, StringComparison.OrdinalIgnoreCase)))
            {
                // The arguments are named, so this one can be omitted.
                if (parameter.HasExplicitDefaultValue)
                    continue;
                Refuse(type, $"has a constructor that needs {parameter.Name}, which is ignored");
                return false;
            }
            var property = Properties(type)
                .FirstOrDefault(known => string.Equals(known.Name, parameter.Name, StringComparison.OrdinalIgnoreCase));
            bool hasDefault = parameter.HasExplicitDefaultValue;
            var member = new Member("", parameter.Name, null!)
            {
                IsOptional = hasDefault || Unwrap(parameter.Type).IsNullable,
                Fallback = hasDefault ? Literal(parameter.Type, parameter.ExplicitDefaultValue) : "default!",
                Default = DefaultOf(parameter),
                Description = DescriptionOf(parameter),
            };
            if (parameter.RefKind != RefKind.None)
            {
                Refuse(type, "has a constructor with a parameter that is passed by reference");
                return false;
            }
            if (!Add((ISymbol?)property ?? parameter, parameter.Type, member, members))
                return false;
            if (property is not null)
                AddUnenforced(parameter);
        }
        return true;
    }

    private bool AddSet(INamedTypeSymbol type, List<Member> members)
    {
        var constructed = members.ToList();
        foreach (var property in Properties(type))
        {
            if (
                property.SetMethod is not { DeclaredAccessibility: Accessibility.Public } set
                || constructed.Exists(known => string.Equals(known.Source, property.Name, StringComparison.OrdinalIgnoreCase))
            )
            {
                continue;
            }

            bool isRequired = property.IsRequired || Find(property, "JsonRequiredAttribute") is not null;
            bool isNullable = Unwrap(property.Type).IsNullable;
            if (!isRequired && set.IsInitOnly && isNullable && !property.DeclaringSyntaxReferences.IsEmpty && HasInitializer(property))
            {
                Refuse(
                    type,
                    $"has {property.Name}, whose default would be lost: use set instead of init, or make it a parameter of the constructor"
                );
                return false;
            }
            var member = new Member("", property.Name, null!)
            {
                Place = isRequired || set.IsInitOnly ? MemberPlace.Initializer : MemberPlace.Assignment,
                IsOptional = !isRequired && (isNullable || (!set.IsInitOnly && HasInitializer(property))),
            };
            if (member.IsOptional)
                member = member with { Default = DefaultOf(property) };
            if (!Add(property, property.Type, member, members))
                return false;
        }
        foreach (var field in Required(type).OfType<IFieldSymbol>())
        {
            if (
                field.DeclaredAccessibility == Accessibility.Public
                && !IsIgnored(field)
                && !Add(field, field.Type, new("", field.Name, null!) { Place = MemberPlace.Initializer }, members)
            )
            {
                return false;
            }
        }
        return true;
    }

    // The compiler requires all required members in the object initializer, regardless of the schema.
    private bool SetsRequired(INamedTypeSymbol type, IMethodSymbol constructor, List<Member> members)
    {
        if (
            constructor
                .GetAttributes()
                .Any(attribute =>
                    attribute.AttributeClass?.ToDisplayString() == "System.Diagnostics.CodeAnalysis.SetsRequiredMembersAttribute"
                )
        )
        {
            return true;
        }

        foreach (var required in Required(type))
        {
            if (members.Exists(known => known.Source == required.Name && known.Place == MemberPlace.Initializer))
                continue;
            bool isTaken = members.Exists(known =>
                known.Place == MemberPlace.Constructor && string.Equals(known.Source, required.Name, StringComparison.OrdinalIgnoreCase)
            );
            Refuse(
                type,
                isTaken
                    ? $"takes {required.Name} in its constructor and also requires it: mark the constructor [SetsRequiredMembers]"
                    : $"has {required.Name}, which is required but cannot be set: make it public, with a setter and without [JsonIgnore], or mark a constructor that sets it [SetsRequiredMembers]"
            );
            return false;
        }
        return true;
    }

    private bool Add(ISymbol named, ITypeSymbol type, Member member, List<Member> members)
    {
        var (bare, isNullable) = Unwrap(type);
        if (ReadAt("." + member.Source, bare) is not { } shape)
            return false;
        string name = Word(named, "System.Text.Json.Serialization.JsonPropertyNameAttribute") ?? Names.Camel(member.Source);
        if (members.Find(known => known.Name == name) is { } other)
        {
            Refuse(named.ContainingType, $"has the name \"{name}\" for both {other.Source} and {member.Source}");
            return false;
        }
        AddUnenforced(named);
        members.Add(
            member with
            {
                Name = name,
                Shape = shape,
                IsNullable = isNullable || MayBeNull(bare),
                // Another type's constant is converted by code that the generator does not run.
                Default = shape.Kind is ShapeKind.Text or ShapeKind.Boolean or ShapeKind.Integer or ShapeKind.Number or ShapeKind.Choice
                    ? member.Default
                    : null,
                Description = member.Description ?? DescriptionOf(named),
            }
        );
        return true;
    }

    // A type may occur in several places.
    private void AddUnenforced(ISymbol symbol)
    {
        if (isResult)
            return;
        foreach (string attribute in IgnoredAttributesOf(symbol))
        {
            string type = (symbol is IParameterSymbol ? symbol.ContainingSymbol.ContainingType : symbol.ContainingType).Name;
            if (!_unenforced.Contains(($"{type}.{symbol.Name}", attribute)))
                _unenforced.Add(($"{type}.{symbol.Name}", attribute));
        }
    }

    private static bool HasDefault(ISymbol symbol) =>
        symbol is IParameterSymbol { HasExplicitDefaultValue: true } || (symbol is IPropertySymbol property && HasInitializer(property));

    // The type of a member shows whether it is required, and a DataType is only for display.
    private static bool IsLimit(INamedTypeSymbol type)
    {
        if (type.ToDisplayString() is Annotations + "RequiredAttribute" or Annotations + "DataTypeAttribute")
            return false;
        for (var at = type.BaseType; at is not null; at = at.BaseType)
        {
            if (at.ToDisplayString() == Annotations + "ValidationAttribute")
                return true;
        }
        return false;
    }

    private Shape? ReadAt(string place, ITypeSymbol type)
    {
        _members.Add(place);
        var shape = Read(type);
        _members.RemoveAt(_members.Count - 1);
        return shape;
    }

    private Shape? Refuse(ITypeSymbol type, string reason)
    {
        Reason = $"{type.ToDisplayString()} {reason}";
        Place = string.Concat(_members);
        return null;
    }

    // The reading and writing code is in another type.
    private static string? Hiding(ITypeSymbol type)
    {
        if (type is IArrayTypeSymbol array)
            return Hiding(array.ElementType);
        for (ITypeSymbol? at = type; at is INamedTypeSymbol named; at = at.ContainingType)
        {
            if (at.DeclaredAccessibility is Accessibility.Private or Accessibility.Protected or Accessibility.ProtectedAndInternal)
                return "is private: make it internal or public";
            if (PartialType.IsFileLocal(named))
                return "is local to its file";
            foreach (var argument in named.TypeArguments)
            {
                if (Hiding(argument) is { } hiding)
                    return $"contains {argument.Name}, which {hiding}";
            }
        }
        return null;
    }

    private static bool IsCopy(IMethodSymbol constructor, INamedTypeSymbol type) =>
        constructor.Parameters.Length == 1 && SymbolEqualityComparer.Default.Equals(constructor.Parameters[0].Type, type);

    // Properties of base types first. Of each name only the most derived one, even if it is ignored.
    private List<IPropertySymbol> Properties(INamedTypeSymbol type)
    {
        var all = new List<IPropertySymbol>();
        for (var at = type; at is not null && at.SpecialType == SpecialType.None; at = at.BaseType)
        {
            var own = at.GetMembers()
                .OfType<IPropertySymbol>()
                .Where(property =>
                    property is { DeclaredAccessibility: Accessibility.Public, IsStatic: false, IsIndexer: false }
                    && !all.Exists(known => known.Name == property.Name)
                );
            all.InsertRange(0, own.ToList());
        }
        all.RemoveAll(property => IsIgnored(property) || IsForbidden(property));
        return all;
    }

    // Properties and fields, including those of base types, whatever their accessibility.
    private static IEnumerable<ISymbol> Required(INamedTypeSymbol type)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var at = type; at is not null && at.SpecialType == SpecialType.None; at = at.BaseType)
        {
            foreach (var member in at.GetMembers())
            {
                if (member is IPropertySymbol { IsRequired: true } or IFieldSymbol { IsRequired: true } && names.Add(member.Name))
                    yield return member;
            }
        }
    }

    private IEnumerable<string> Ignored(INamedTypeSymbol type)
    {
        for (var at = type; at is not null && at.SpecialType == SpecialType.None; at = at.BaseType)
        {
            foreach (var property in at.GetMembers().OfType<IPropertySymbol>().Where(IsIgnored))
                yield return property.Name;
        }
    }

    // Without a condition, or with a condition (JsonIgnoreCondition) that applies to every value that is read, or written.
    private bool IsIgnored(ISymbol member) =>
        Find(member, "JsonIgnoreAttribute") is { } ignored
        && (ignored.NamedArguments.FirstOrDefault(argument => argument.Key == "Condition").Value.Value as int? ?? IgnoredAlways)
            is var condition
        && (condition == IgnoredAlways || condition == (isResult ? IgnoredWhenWriting : IgnoredWhenReading));

    // The compiler refuses code that uses it.
    private static bool IsForbidden(ISymbol member) =>
        member
            .GetAttributes()
            .Any(attribute =>
                attribute.AttributeClass?.ToDisplayString() == "System.ObsoleteAttribute"
                && attribute.ConstructorArguments.Length > 1
                && attribute.ConstructorArguments[1].Value is true
            );

    private static AttributeData? Find(ISymbol symbol, string name)
    {
        foreach (var attribute in symbol.GetAttributes())
        {
            if (
                attribute.AttributeClass?.Name == name
                && attribute.AttributeClass.ContainingNamespace.ToDisplayString() == "System.Text.Json.Serialization"
            )
            {
                return attribute;
            }
        }
        return null;
    }

    // Unknown for a type from another assembly: a missing value then leaves the property unchanged.
    private static bool HasInitializer(IPropertySymbol property) =>
        property.DeclaringSyntaxReferences.IsEmpty
        || property.DeclaringSyntaxReferences.Any(reference =>
            reference.GetSyntax() is PropertyDeclarationSyntax { Initializer: not null }
        );

    private static string? Word(ISymbol symbol, string attributeName)
    {
        foreach (var attribute in symbol.GetAttributes())
        {
            if (
                attribute.AttributeClass?.ToDisplayString() == attributeName
                && attribute.ConstructorArguments.Length == 1
                && attribute.ConstructorArguments[0].Value is string word
            )
            {
                return word;
            }
        }
        return null;
    }
}
