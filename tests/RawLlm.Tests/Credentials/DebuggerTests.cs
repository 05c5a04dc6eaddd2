using System.Collections;
using System.Diagnostics;
using System.Reflection;
using RawLlm.Protocols;
using RichardSzalay.MockHttp;

namespace RawLlm.Tests.Credentials;

/// <summary>Whoever shares a screen shows what the debugger shows: no key is among it.</summary>
public sealed class DebuggerTests
{
    private const string Key = "sk-canary-0123456789abcdef";
    private const string Variable = "RAWLLM_TEST_DEBUGGER_KEY";

    [Fact]
    public void Credential_AnyKindInDebugger_ShowsNoKey()
    {
        Environment.SetEnvironmentVariable(Variable, Key);
        try
        {
            Credential[] credentials =
            [
                Credential.Bearer(Key),
                Credential.Header("x-api-key", Key),
                Credential.BearerFrom(Variable),
                Credential.HeaderFrom("api-key", Variable),
                Credential.BearerFrom(Variable).Resolve(),
                new AwsSignature("AKIDEXAMPLE", Key, "eu-central-1", Key),
                Providers.AzureOpenAIAt(new Uri("https://mine.openai.azure.com")).WithKey(Key).Credential,
                CloudEnvironment.AnywhereInVertex(_ => null).WithKey(Key).Credential,
            ];
            foreach (var credential in credentials)
            {
                Assert.DoesNotContain(Shown(credential), IsOfTheKey);
                // Some keep what they have sent.
                using var wire = new WireRequest { BaseUrl = new Uri("https://example.org/"), Url = new Uri("https://example.org/") };
                credential.Sign(wire);
                Assert.DoesNotContain(Shown(credential), IsOfTheKey);
            }
        }
        finally
        {
            Environment.SetEnvironmentVariable(Variable, null);
        }
    }

    [Fact]
    public async Task Client_AfterSendingKey_ShowsNoKey()
    {
        using var http = new MockHttpMessageHandler();
        http.When("*").Respond("application/json", """{"choices":[{"index":0,"message":{"content":"Hi"},"finish_reason":"stop"}]}""");
        using var client = new LlmClient(Providers.OpenAI.WithKey(Key), "m", http: http.ToHttpClient());
        var reply = await client.SendAsync("Hi");

        var shown = Shown(client).Concat(Shown(reply)).Concat(Shown(client.Errors.Redaction(null))).ToList();

        Assert.Contains(shown, text => text.EndsWith("Provider.Title = OpenAI", StringComparison.Ordinal));
        Assert.DoesNotContain(shown, IsOfTheKey);
    }

    // Otherwise the tests above would pass whatever is shown.
    [Fact]
    public void Shown_FieldsAndProperties_MatchDebuggerView()
    {
        string[] shown = [.. Shown(new Sample())];

        Assert.Equal(
            ["Sample._field = 1", "Sample._list[0] = 2", "Sample.Automatic = 3", "Sample.Evaluated = 4"],
            shown.Order(StringComparer.Ordinal).OrderBy(text => text[^1])
        );
    }

    private static bool IsOfTheKey(string text) => text.Contains("canary", StringComparison.Ordinal);

    // Like a debugger's window with everything opened: private members too, properties evaluated; but objects of .NET itself only if they
    // are texts or lists.
    private static IEnumerable<string> Shown(object root)
    {
        var seen = new HashSet<object>(ReferenceEqualityComparer.Instance);
        var left = new Queue<(string Path, object Value)>();
        left.Enqueue((root.GetType().Name, root));
        while (left.TryDequeue(out var next))
        {
            if (next.Value is string text)
            {
                yield return $"{next.Path} = {text}";
                continue;
            }
            if (!next.Value.GetType().IsValueType && !seen.Add(next.Value))
                continue;
            if (next.Value is IEnumerable list and not IAsyncDisposable)
            {
                int i = 0;
                foreach (object? item in list)
                    Enqueue($"{next.Path}[{i++}]", item);
            }
            for (
                var type = next.Value.GetType();
                type?.Assembly.GetName().Name?.StartsWith("RawLlm", StringComparison.Ordinal) == true;
                type = type.BaseType
            )
            {
                const BindingFlags Own = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
                foreach (var field in type.GetFields(Own))
                {
                    // What a property keeps is shown as the property.
                    if (IsShown(field) && !field.Name.Contains("k__BackingField", StringComparison.Ordinal))
                        Enqueue($"{next.Path}.{field.Name}", field.GetValue(next.Value));
                }
                foreach (var property in type.GetProperties(Own))
                {
                    if (
                        !IsShown(property)
                        || !property.CanRead
                        || property.GetIndexParameters().Length > 0
                        || property.PropertyType.IsByRefLike
                    )
                        continue;
                    object? value;
                    try
                    {
                        value = property.GetValue(next.Value);
                    }
                    catch (TargetInvocationException)
                    {
                        continue;
                    }
                    Enqueue($"{next.Path}.{property.Name}", value);
                }
            }
        }

        void Enqueue(string path, object? value)
        {
            if (value is not (null or Delegate or Type or Exception) && !value.GetType().IsPrimitive)
                left.Enqueue((path, value));
        }
    }

    private static bool IsShown(MemberInfo member) =>
        member.GetCustomAttribute<DebuggerBrowsableAttribute>(inherit: false) is not { State: DebuggerBrowsableState.Never };

    private sealed class Sample
    {
        [DebuggerBrowsable(DebuggerBrowsableState.Never)]
        private readonly string _hidden = "0";
        private readonly string _field = "1";
        private readonly List<string> _list = ["2"];

        public string Automatic { get; } = "3";

        internal string Evaluated => _hidden + _field.Length + _list.Count == "011" ? "4" : "";

        [DebuggerBrowsable(DebuggerBrowsableState.Never)]
        internal string Hidden => "5";
    }
}
