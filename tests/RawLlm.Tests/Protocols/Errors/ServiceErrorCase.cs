using System.Globalization;
using System.Text;
using RawLlm.Protocols;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Protocols.Errors;

/// <summary>
/// An error as a service words it, and what it means. The cases stand in the files of <c>Services</c>, three lines each: its name; the
/// status, the kind, <c>retryable</c> if it is, and <c>requested/maximum</c> tokens if the body states them (<c>?</c> for one that it does
/// not state); the body. With status 200 it stands in place of an answer.
/// </summary>
internal sealed record ServiceErrorCase(
    string Service,
    string Name,
    int Status,
    LlmErrorKind Kind,
    bool IsRetryable,
    long? RequestedTokens,
    long? MaximumTokens,
    string Body
)
{
    private static IReadOnlyList<ServiceErrorCase>? _all;

    /// <summary>All cases of all services.</summary>
    public static IReadOnlyList<ServiceErrorCase> All() => _all ??= [.. Find()];

    public LlmException Read()
    {
        byte[] body = Encoding.UTF8.GetBytes(Body);
        return Status == 200 ? ErrorReader.ReadInBody(body, inStream: false) : ErrorReader.Read(Status, [], body);
    }

    private static IEnumerable<ServiceErrorCase> Find()
    {
        string folder = Path.Combine(Folders.Repository, "tests", "RawLlm.Tests", "Protocols", "Errors", "Services");
        foreach (string file in Directory.EnumerateFiles(folder, "*.txt").Order(StringComparer.Ordinal))
        {
            string[] lines = [.. File.ReadLines(file).Where(line => line.Length > 0 && line[0] != '#')];
            foreach (string[] lineGroup in lines.Chunk(3))
                yield return Parse(Path.GetFileNameWithoutExtension(file), lineGroup);
        }
    }

    private static ServiceErrorCase Parse(string service, string[] lines)
    {
        if (lines is not [var name, var meaning, var body] || meaning.Split(' ') is not [var status, var kind, .. var rest])
            throw new FormatException($"{service}: \"{lines[0]}\" is not followed by a meaning and a body.");
        bool isRetryable = rest is ["retryable", ..];
        return rest[(isRetryable ? 1 : 0)..] switch
        {
            [] => Create(null, null),
            [var tokens] when tokens.Split('/') is [var requested, var maximum] => Create(Count(requested), Count(maximum)),
            _ => throw new FormatException($"{service}: \"{meaning}\" is no meaning of an error."),
        };

        ServiceErrorCase Create(long? requested, long? maximum) =>
            new(
                service,
                name,
                int.Parse(status, CultureInfo.InvariantCulture),
                Enum.Parse<LlmErrorKind>(kind),
                isRetryable,
                requested,
                maximum,
                body
            );
    }

    private static long? Count(string text) => text == "?" ? null : long.Parse(text, CultureInfo.InvariantCulture);
}
