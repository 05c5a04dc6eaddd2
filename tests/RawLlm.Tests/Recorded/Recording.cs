using System.Text.Json;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Recorded;

/// <summary>A response body that a real service sent, as listed in the manifest of the recordings.</summary>
internal sealed record Recording(string File, string Kind, string Wire, string Server, int Status, string Authenticity)
{
    /// <summary>Reads the bytes of the body.</summary>
    public byte[] Read() => System.IO.File.ReadAllBytes(Path.Combine(Folders.Wire!, "streams", File));

    /// <summary>Reads an independent decoder's result for the body.</summary>
    public JsonElement ReadExpected()
    {
        using var document = JsonDocument.Parse(System.IO.File.ReadAllBytes(Path.Combine(Folders.Wire!, "expected", File + ".json")));
        return document.RootElement.Clone();
    }

    /// <summary>
    /// All recordings of a wire and a kind (<c>stream</c>, <c>unary</c>, <c>error</c>); empty if the folder is not present.
    /// </summary>
    public static IReadOnlyList<Recording> All(string wire, string kind) =>
        [.. All().Where(recording => recording.Wire == wire && recording.Kind == kind)];

    private static IEnumerable<Recording> All()
    {
        if (Folders.Wire is not { } folder)
            yield break;
        foreach (string line in System.IO.File.ReadLines(Path.Combine(folder, "MANIFEST.tsv")).Skip(1))
        {
            string[] columns = line.Split('\t');
            yield return new Recording(
                columns[0],
                columns[1],
                columns[2],
                columns[3],
                int.TryParse(columns[5], out int status) ? status : 0,
                columns[9]
            );
        }
    }
}
