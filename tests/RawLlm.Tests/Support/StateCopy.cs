using System.Collections.Concurrent;
using System.Reflection;

namespace RawLlm.Tests.Support;

/// <summary>Copies an object with all the state that it owns, so that a test can end a decoder at one byte and go on at the next with the original.</summary>
/// <remarks>
/// What does not change is shared: strings, delegates, types, and what <c>isShared</c> names. An object that is reached twice is copied once.
/// The copy must not be disposed where its buffers came from a pool that counts them.
/// </remarks>
internal sealed class StateCopy(Func<Type, bool> isShared)
{
    private const BindingFlags Own = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    private static readonly Func<object, object> Memberwise =
        typeof(object).GetMethod("MemberwiseClone", BindingFlags.Instance | BindingFlags.NonPublic)!.CreateDelegate<Func<object, object>>();

    private readonly ConcurrentDictionary<Type, FieldInfo[]> _fields = new();

    /// <summary>Copies what is reachable from an object.</summary>
    public T Of<T>(T original) where T : class => (T)Copy(original, new Dictionary<object, object>(ReferenceEqualityComparer.Instance));

    private object Copy(object original, Dictionary<object, object> copies)
    {
        var type = original.GetType();
        if (!type.IsValueType)
        {
            if (IsShared(type))
                return original;
            if (copies.TryGetValue(original, out object? known))
                return known;
        }
        object copy = original is Array array ? array.Clone() : Memberwise(original);
        if (!type.IsValueType)
            copies.Add(original, copy);
        if (copy is Array items)
        {
            if (Changes(type.GetElementType()!))
            {
                for (int i = 0; i < items.Length; i++)
                {
                    if (items.GetValue(i) is { } item)
                        items.SetValue(Copy(item, copies), i);
                }
            }
            return copy;
        }
        foreach (var field in FieldsOf(type))
        {
            if (field.GetValue(original) is { } value)
                field.SetValue(copy, Copy(value, copies));
        }
        return copy;
    }

    // The fields that a copy of the memory alone would leave in common.
    private FieldInfo[] FieldsOf(Type type) => _fields.GetOrAdd(type, static (type, self) =>
    {
        var fields = new List<FieldInfo>();
        for (Type? level = type; level is not null; level = level.BaseType)
            fields.AddRange(level.GetFields(Own).Where(field => self.Changes(field.FieldType)));
        return [.. fields];
    }, this);

    private bool Changes(Type type) =>
        type.IsValueType ? !type.IsPrimitive && !type.IsEnum && FieldsOf(type).Length > 0 : !IsShared(type);

    private bool IsShared(Type type) => type == typeof(string) || typeof(Delegate).IsAssignableFrom(type) || typeof(Type).IsAssignableFrom(type)
        || typeof(Exception).IsAssignableFrom(type) || isShared(type);
}
