using System.Reflection;

namespace RawLlm.Tests.Support;

/// <summary>Counts the registrations for the cancellation of a token, by reading private fields of the platform's token source.</summary>
internal static class TokenRegistrations
{
    private static readonly FieldInfo Source = Field(typeof(CancellationToken), "_source");
    private static readonly FieldInfo Registrations = Field(typeof(CancellationTokenSource), "_registrations");
    private static readonly FieldInfo Callbacks = Field(Registrations.FieldType, "Callbacks");
    private static readonly FieldInfo Next = Field(Callbacks.FieldType, "Next");

    public static int Count(CancellationToken token)
    {
        if (Source.GetValue(token) is not { } source || Registrations.GetValue(source) is not { } registrations)
            return 0;
        int count = 0;
        for (object? node = Callbacks.GetValue(registrations); node is not null; node = Next.GetValue(node))
            count++;
        return count;
    }

    /// <summary>What waits for a client to be disposed: its calls, and the waits between their attempts.</summary>
    public static int OfClient(LlmClient client) => client.Exchange.Calls.Count + Count(client.Exchange.Closed);

    private static FieldInfo Field(Type type, string name) =>
        type.GetField(name, BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
        ?? throw new InvalidOperationException(
            $"{type.Name} has no field {name} any more: what is left of registrations has to be counted in another way."
        );
}
