using System.Text;
using RawLlm.Protocols;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Wire;

/// <summary>
/// A folder under <c>Wire/&lt;protocol&gt;</c> that holds one body (<c>stream.*</c>, <c>reply.json</c> or <c>error-&lt;status&gt;.*</c>)
/// and the events that it must give (<c>events.txt</c>). A new case is a new folder and needs no C#.
/// </summary>
internal sealed record WireCase(string Protocol, string Name, string Folder)
{
    private static IReadOnlyList<WireCase>? _all;

    private string? _bodyFile;
    private byte[]? _body;

    public string BodyFile =>
        _bodyFile ??= Directory.EnumerateFiles(Folder).Single(file => !file.EndsWith("events.txt", StringComparison.Ordinal));

    public bool IsStream => Path.GetFileName(BodyFile).StartsWith("stream", StringComparison.Ordinal);

    /// <summary>The status of a case that holds an error body; null for an answer.</summary>
    public int? ErrorStatus =>
        Path.GetFileName(BodyFile) is ['e', 'r', 'r', 'o', 'r', '-', .. var rest]
            ? int.Parse(rest[..3], System.Globalization.CultureInfo.InvariantCulture)
            : null;

    // Read only once, because a case is decoded as many times as it has bytes.
    private byte[] Body => _body ??= WireCaseBody.Read(BodyFile);

    /// <summary>All cases of all protocols.</summary>
    public static IReadOnlyList<WireCase> All() => _all ??= [.. Find()];

    public byte[] ReadBody() => [.. Body];

    public string ReadEvents() =>
        File.Exists(Path.Combine(Folder, "events.txt")) ? Normal(File.ReadAllText(Path.Combine(Folder, "events.txt"))) : "";

    /// <summary>Decodes the body to lines of text: events, then quirks, then the error that ended it.</summary>
    public string Decode(WireProtocol protocol, int pieces = int.MaxValue, int split = -1, bool strict = false)
    {
        var text = new StringBuilder();
        var options = new DecoderOptions { Strict = strict, LogProbs = Name.Contains("probabilities", StringComparison.Ordinal) };
        byte[] body = Body;
        if (ErrorStatus is { } status)
        {
            WriteError(text, protocol.ReadError(status, [], body));
            return Normal(text.ToString());
        }
        if (!IsStream)
        {
            using var events = new EventBuffer(options);
            LlmException? error = null;
            try
            {
                protocol.ReadReply(body, events);
            }
            catch (LlmException e)
            {
                error = e;
            }
            while (events.MoveNext())
                text.AppendLine(EventText.Line(events.Current));
            WriteEnd(text, events.Quirks, error);
            return Normal(text.ToString());
        }
        using var decoder = protocol.CreateDecoder(options);
        try
        {
            int position = 0;
            while (true)
            {
                while (decoder.TryRead())
                    text.AppendLine(EventText.Line(decoder.Current));
                if (decoder.IsEnded)
                    break;
                if (position == body.Length)
                {
                    decoder.Complete();
                    continue;
                }
                int length = Math.Min(pieces, body.Length - position);
                if (split > position)
                    length = Math.Min(length, split - position);
                // The bytes next to the piece are poison: reading one of them would break the JSON or the framing.
                var room = decoder.GetSpan(length + 64);
                room.Fill(0xFE);
                body.AsSpan(position, length).CopyTo(room);
                decoder.Advance(length);
                position += length;
            }
            WriteEnd(text, decoder.Quirks, null);
        }
        catch (LlmException e)
        {
            WriteEnd(text, decoder.Quirks, e);
        }
        return Normal(text.ToString());
    }

    private static IEnumerable<WireCase> Find()
    {
        string root = Path.Combine(Folders.Repository, "tests", "RawLlm.Tests", "Wire");
        foreach (string protocol in Directory.EnumerateDirectories(root).Order(StringComparer.Ordinal))
        {
            foreach (string folder in Directory.EnumerateDirectories(protocol).Order(StringComparer.Ordinal))
                yield return new WireCase(Path.GetFileName(protocol), Path.GetFileName(folder), folder);
        }
    }

    private static void WriteEnd(StringBuilder text, IReadOnlyList<Quirk> quirks, LlmException? error)
    {
        foreach (var quirk in quirks.OrderBy(quirk => quirk.Kind).ThenBy(quirk => quirk.Place, StringComparer.Ordinal))
            text.AppendLine($"Quirk {quirk}");
        if (error is not null)
            WriteError(text, error);
    }

    private static void WriteError(StringBuilder text, LlmException error)
    {
        text.AppendLine(
            $"Error {error.Kind}{(error.CauseKind is { } cause ? $" {cause}" : "")}{(error.ProviderCode is { } code ? $" code={code}" : "")}"
        );
        if (error.Usage is { } usage)
            text.AppendLine($"Usage of the error: {EventText.Numbers(usage)}");
    }

    private static string Normal(string text) => text.ReplaceLineEndings("\n").Trim();
}
