using System.Globalization;
using System.Text;

namespace RawLlm.Cli.Output;

/// <summary>Prints embeddings: as lines of JSON as they arrive, or at last as a table of their first numbers.</summary>
internal sealed class EmbeddingPrinter(Shell shell, bool isJson)
{
    private const int ShownNumbers = 4;
    private const int ShownCharacters = 40;

    private readonly List<string[]> _rows = [];
    private readonly List<Quirk> _quirks = [];
    private string? _model;
    private long? _tokens = 0;
    private decimal? _cost = 0;

    /// <summary>How many embeddings have arrived.</summary>
    public int Count { get; private set; }

    /// <summary>Prints the embeddings of one request.</summary>
    public void Print(string[] texts, Embeddings embeddings)
    {
        _model = embeddings.Model ?? _model;
        _tokens += embeddings.Usage?.InputTokens ?? embeddings.Usage?.TotalTokens;
        _cost += embeddings.Cost?.Amount;
        _quirks.AddRange(embeddings.Quirks.Except(_quirks));
        for (int i = 0; i < texts.Length; i++)
        {
            if (isJson)
                WriteLine(texts[i], embeddings.Vectors[i], embeddings.Model ?? embeddings.RequestedModel);
            else
                _rows.Add(Row(texts[i], embeddings.Vectors[i]));
            Count++;
        }
    }

    /// <summary>Prints the table, and a summary of all requests.</summary>
    /// <param name="asked">The number of texts.</param>
    /// <param name="model">The model that was asked, for a service that does not name its model.</param>
    public void End(int asked, string? model)
    {
        if (Count == 0)
            return;
        if (!isJson)
            Listing.Write(shell, ["Numbers", "Norm", "Begins with", "Text"], _rows, dispensable: [1], lastResort: [3]);
        var summary = new StringBuilder(_model ?? model).Append(", ").Append(Count);
        if (Count < asked)
            summary.Append(" of ").Append(asked);
        summary.Append(asked == 1 ? " text, tokens: " : " texts, tokens: ");
        summary.Append(_tokens?.ToString(CultureInfo.InvariantCulture) ?? "?").Append(" in");
        if (_cost is { } cost)
            summary.Append(", $").Append(cost.ToString("0.############", CultureInfo.InvariantCulture));
        Note(summary.ToString());
        if (_quirks.Count > 0)
            Note("tolerated: " + string.Join("; ", _quirks));
    }

    private void WriteLine(string text, float[] embedding, string? model) =>
        ReplyJson.WriteLine(
            shell.Out,
            json =>
            {
                json.WriteNumber("index", Count);
                json.WriteString("text", text);
                json.WriteString("model", model);
                json.WriteStartArray("embedding");
                foreach (float number in embedding)
                {
                    // Some servers send NaN in Base64, for which JSON has no number.
                    if (float.IsFinite(number))
                        json.WriteNumberValue(number);
                    else
                        json.WriteNullValue();
                }
                json.WriteEndArray();
            }
        );

    private static string[] Row(string text, float[] embedding)
    {
        string line = text.ReplaceLineEndings(" ").Trim();
        var shown = embedding.Take(ShownNumbers).Select(static number => number.ToString("0.0000", CultureInfo.InvariantCulture));
        return
        [
            embedding.Length.ToString(CultureInfo.InvariantCulture),
            Math.Sqrt(embedding.Sum(static number => (double)number * number)).ToString("0.0000", CultureInfo.InvariantCulture),
            string.Join(", ", embedding.Length > ShownNumbers ? shown.Append("\u2026") : shown),
            line.Length <= ShownCharacters ? line : TextCut.Of(line, ShownCharacters) + "\u2026",
        ];
    }

    private void Note(string text) => shell.Error.WriteLine(TerminalColor.Dim(shell, "rawllm: " + SafeText.Line(text)));
}
