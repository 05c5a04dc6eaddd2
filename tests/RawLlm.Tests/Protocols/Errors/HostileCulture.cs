using System.Globalization;

namespace RawLlm.Tests.Protocols.Errors;

/// <summary>
/// Runs code under a culture that formats numbers differently, whether or not the platform has the data of real cultures.
/// </summary>
internal static class HostileCulture
{
    public static readonly string[] Names = ["de-DE", "tr-TR", "fa-IR"];

    public static T Under<T>(string name, Func<T> read)
    {
        var before = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = Make(name);
        try
        {
            return read();
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    private static CultureInfo Make(string name)
    {
        CultureInfo culture;
        try
        {
            culture = (CultureInfo)CultureInfo.GetCultureInfo(name).Clone();
        }
        catch (CultureNotFoundException)
        {
            culture = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        }
        culture.NumberFormat.NumberDecimalSeparator = name == "fa-IR" ? "\u066B" : ",";
        culture.NumberFormat.NumberGroupSeparator = ".";
        culture.NumberFormat.NegativeSign = name == "fa-IR" ? "\u200E\u2212" : "−";
        culture.DateTimeFormat.DateSeparator = ".";
        culture.DateTimeFormat.TimeSeparator = ".";
        culture.DateTimeFormat.AbbreviatedDayNames = ["a", "b", "c", "d", "e", "f", "g"];
        culture.DateTimeFormat.AbbreviatedMonthNames = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "x", "y", "z", ""];
        return culture;
    }
}
