using System.Globalization;

/// <summary>
/// Makes a program that a test starts report its culture. The runtime finds the class by this name, without a namespace
/// (DOTNET_STARTUP_HOOKS).
/// </summary>
internal static class StartupHook
{
    public const string Prefix = "culture: ";

    public static void Initialize() => Console.Error.WriteLine(Prefix + CultureInfo.CurrentCulture.Name);
}
