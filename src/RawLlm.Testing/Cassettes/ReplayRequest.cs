using System.Text;
using System.Text.Json;

namespace RawLlm.Testing;

/// <summary>A request for which a recording is sought.</summary>
/// <param name="Method">The method.</param>
/// <param name="Path">The path and query, as a recording contains them.</param>
/// <param name="Body">The body, as a recording contains it; null for none.</param>
internal sealed record ReplayRequest(string Method, string Path, byte[]? Body)
{
    // Higher than the count of any difference inside a body.
    private const int OtherAddress = 1_000_000;

    /// <summary>Returns how the request differs from a recorded one; the count is 0 if it does not.</summary>
    public JsonDifference Compare(RecordedCall call, IReadOnlyList<string> ignoredMembers)
    {
        if (call.Method != Method || call.Path != Path)
            return new(OtherAddress, $"the request line: recorded {call}, asked {this}");
        if (call.Body is null || Body is null)
        {
            return call.Body is null && Body is null
                ? default
                : new(1, $"the body: {(Body is null ? "recorded one, asked none" : "recorded none, asked one")}");
        }

        if (call.Body.AsSpan().SequenceEqual(Body))
            return default;
        using var recorded = TryParse(call.Body);
        using var asked = TryParse(Body);
        return recorded is not null && asked is not null
            ? JsonDifference.Of(recorded.RootElement, asked.RootElement, ignoredMembers)
            : new(1, $"the {(asked is null ? "" : "recorded ")}body, which is not JSON: recorded {Show(call.Body)}, asked {Show(Body)}");
    }

    public override string ToString() => $"{Method} {Path}";

    private static JsonDocument? TryParse(byte[] body)
    {
        try
        {
            return JsonDocument.Parse(body);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Show(byte[] body) =>
        $"{body.Length} bytes, \"{Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(body.Length, 60))).ReplaceLineEndings(" ")}\"";
}
