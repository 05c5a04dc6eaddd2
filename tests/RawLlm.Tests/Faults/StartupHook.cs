using System.Globalization;

/// <summary>Has a program that a test starts say which culture it runs in. The runtime finds it by this name, without a namespace (DOTNET_STARTUP_HOOKS).</summary>
internal static class StartupHook
{
    public const string Prefix = "culture: ";

    public static void Initialize() => Console.Error.WriteLine(Prefix + CultureInfo.CurrentCulture.Name);
}
