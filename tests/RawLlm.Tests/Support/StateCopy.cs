using System.Buffers;
using System.Collections.Concurrent;
using System.Reflection;
using System.Reflection.Emit;

namespace RawLlm.Tests.Support;

/// <summary>
/// Copies an object with all state that it owns, so that a test can end a decoder at one byte and continue at the next with the original.
/// </summary>
/// <remarks>
/// Immutable objects are shared: strings, delegates, types, and the types that <c>isShared</c> selects. An object that is reached twice is
/// copied once. Do not dispose a copy whose buffers came from a pool that counts them; dispose other copies, because their byte arrays are
/// rented. Tests make millions of copies, one at every byte of many streams, so code is emitted once per type instead of reading its fields
/// through reflection.
/// </remarks>
internal sealed class StateCopy(Func<Type, bool> isShared)
{
    private const BindingFlags Own = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly Func<object, object> Memberwise = typeof(object)
        .GetMethod("MemberwiseClone", BindingFlags.Instance | BindingFlags.NonPublic)!
        .CreateDelegate<Func<object, object>>();

    private static readonly MethodInfo CopyOfField = typeof(Copies).GetMethod(nameof(Copies.Of))!;

    [ThreadStatic]
    private static Dictionary<object, object>? _spare;

    private readonly ConcurrentDictionary<Type, Way> _ways = new();
    private readonly ConcurrentDictionary<Type, FieldInfo[]> _fields = new();

    // Replaces the parts that a memberwise copy shares with the original.
    private delegate void Separate<T>(ref T copy, Copies copies);

    /// <summary>Copies everything that is reachable from an object.</summary>
    public T Of<T>(T original)
        where T : class
    {
        var known = _spare ?? new Dictionary<object, object>(ReferenceEqualityComparer.Instance);
        _spare = null;
        var copy = (T)new Copies(this, known).Of(original)!;
        known.Clear();
        _spare = known;
        return copy;
    }

    private static byte[] CopyOf(byte[] bytes)
    {
        byte[] copy = ArrayPool<byte>.Shared.Rent(bytes.Length);
        if (copy.Length != bytes.Length)
        {
            ArrayPool<byte>.Shared.Return(copy);
            copy = new byte[bytes.Length];
        }
        bytes.CopyTo(copy, 0);
        return copy;
    }

    private static Separate<object> SeparateItems<T>(Separate<T> separate) =>
        (ref object copy, Copies copies) =>
        {
            foreach (ref var item in ((T[])copy).AsSpan())
                separate(ref item, copies);
        };

    private static void SeparateObjects(ref object copy, Copies copies)
    {
        object?[] items = (object?[])copy;
        for (int i = 0; i < items.Length; i++)
            items[i] = copies.Of(items[i]);
    }

    private Way WayOf(Type type) =>
        _ways.GetOrAdd(
            type,
            static (type, self) =>
            {
                if (!type.IsValueType && self.IsShared(type))
                    return new(IsShared: true, null);
                if (!type.IsArray)
                    return new(IsShared: false, self.FieldsOf(type).Length == 0 ? null : self.Emit<object>(type));
                var item = type.GetElementType()!;
                if (!self.Changes(item))
                    return new(IsShared: false, null);
                if (!item.IsValueType)
                    return new(IsShared: false, SeparateObjects);
                object separate = Method(nameof(Emit)).MakeGenericMethod(item).Invoke(self, [item])!;
                return new(
                    IsShared: false,
                    (Separate<object>)Method(nameof(SeparateItems)).MakeGenericMethod(item).Invoke(null, [separate])!
                );

                static MethodInfo Method(string name) =>
                    typeof(StateCopy).GetMethod(name, BindingFlags.Instance | BindingFlags.Static | BindingFlags.NonPublic)!;
            },
            this
        );

    private Separate<T> Emit<T>(Type type)
    {
        var method = new DynamicMethod(
            "Separate",
            null,
            [typeof(T).MakeByRefType(), typeof(Copies)],
            typeof(StateCopy).Module,
            skipVisibility: true
        );
        var code = method.GetILGenerator();
        EmitFields(
            type,
            () =>
            {
                code.Emit(OpCodes.Ldarg_0);
                if (typeof(T) == type)
                    return;
                code.Emit(OpCodes.Ldind_Ref);
                if (type.IsValueType)
                    code.Emit(OpCodes.Unbox, type);
            },
            code
        );
        code.Emit(OpCodes.Ret);
        return method.CreateDelegate<Separate<T>>();
    }

    private void EmitFields(Type type, Action load, ILGenerator code)
    {
        foreach (var field in FieldsOf(type))
        {
            if (field.FieldType.IsValueType)
            {
                EmitFields(
                    field.FieldType,
                    () =>
                    {
                        load();
                        code.Emit(OpCodes.Ldflda, field);
                    },
                    code
                );
                continue;
            }
            load();
            code.Emit(OpCodes.Ldarg_1);
            load();
            code.Emit(OpCodes.Ldfld, field);
            code.Emit(OpCodes.Call, CopyOfField);
            code.Emit(OpCodes.Castclass, field.FieldType);
            code.Emit(OpCodes.Stfld, field);
        }
    }

    // The fields that a memberwise copy would share with the original.
    private FieldInfo[] FieldsOf(Type type) =>
        _fields.GetOrAdd(
            type,
            static (type, self) =>
            {
                var fields = new List<FieldInfo>();
                for (Type? level = type; level is not null; level = level.BaseType)
                    fields.AddRange(level.GetFields(Own).Where(field => self.Changes(field.FieldType)));
                return [.. fields];
            },
            this
        );

    private bool Changes(Type type) => type.IsValueType ? !type.IsPrimitive && !type.IsEnum && FieldsOf(type).Length > 0 : !IsShared(type);

    private bool IsShared(Type type) =>
        type == typeof(string)
        || typeof(Delegate).IsAssignableFrom(type)
        || typeof(Type).IsAssignableFrom(type)
        || typeof(Exception).IsAssignableFrom(type)
        || isShared(type);

    private readonly record struct Way(bool IsShared, Separate<object>? Separate);

    private sealed class Copies(StateCopy owner, Dictionary<object, object> copies)
    {
        public object? Of(object? original)
        {
            if (original is null)
                return null;
            var way = owner.WayOf(original.GetType());
            if (way.IsShared)
                return original;
            if (copies.TryGetValue(original, out object? known))
                return known;
            object copy = original switch
            {
                byte[] bytes => CopyOf(bytes),
                Array array => array.Clone(),
                _ => Memberwise(original),
            };
            copies.Add(original, copy);
            way.Separate?.Invoke(ref copy, this);
            return copy;
        }
    }
}
