using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>Reads citations. The services' names for the same things do not conflict, so one reader serves all wires.</summary>
internal static class CitationReader
{
    /// <summary>Reads one citation.</summary>
    /// <param name="json">A complete JSON value, of which a copy is kept.</param>
    /// <param name="unit">The unit in which the wire gives positions in the answer.</param>
    public static Citation Read(ReadOnlySpan<byte> json, CitedUnit unit) => Read(RawJson.FromChecked(json.ToArray()), unit);

    /// <inheritdoc cref="Read(ReadOnlySpan{byte}, CitedUnit)"/>
    public static Citation Read(RawJson json, CitedUnit unit)
    {
        var fields = new Fields
        {
            Unit = unit,
            Start = -1,
            End = -1,
        };
        var reader = WireJson.DeepReader(json.Utf8);
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
            fields.Url = TextOrNull(JsonText.Read(ref reader));
        else if (reader.TokenType == JsonTokenType.StartObject)
            ReadObject(ref reader, ref fields, isSegment: false);
        return Of(json, fields);
    }

    /// <summary>Reads the citations of one passage, one for each source that it names.</summary>
    /// <param name="json">A complete JSON value.</param>
    /// <param name="unit">See <see cref="Read(RawJson, CitedUnit)"/>.</param>
    /// <param name="citations">Receives the citations.</param>
    /// <param name="events">Provides the limits.</param>
    /// <remarks>
    /// Cohere (v2): <c>{"start":0,"end":4,"text":"Spot","sources":[{"type":"document","id":"doc:0","document":{"title":"…"}}]}</c>, v1 with
    /// <c>document_ids</c>. Mistral: <c>{"type":"reference","reference_ids":[0,2]}</c>. All others name one source.
    /// </remarks>
    public static void ReadAll(RawJson json, CitedUnit unit, List<Citation> citations, EventBuffer events)
    {
        var reader = WireJson.DeepReader(json.Utf8);
        reader.Read();
        // A URL has no members.
        bool isObject = reader.TokenType == JsonTokenType.StartObject;
        while (isObject && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = WireJson.Name(ref reader);
            bool isSources = name.SequenceEqual("sources"u8) || name.SequenceEqual("document_ids"u8);
            bool isReferences = name.SequenceEqual("reference_ids"u8);
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartArray || !(isSources || isReferences))
            {
                reader.Skip();
                continue;
            }
            int before = citations.Count;
            ReadSources(ref reader, json, unit, isReferences, citations, events);
            if (citations.Count > before)
                return;
        }
        events.CountCitation();
        citations.Add(Read(json, unit));
    }

    /// <summary>
    /// Whether the JSON is a nonempty object, as every citation is that is not a URL. Records a quirk for anything else that is not empty
    /// or null.
    /// </summary>
    public static bool IsObject(ReadOnlySpan<byte> json, string place, EventBuffer events)
    {
        if (IsNonEmptyObject(json))
            return true;
        if (json is not [(byte)'{', ..] && !json.SequenceEqual("null"u8))
            events.Note(QuirkKind.UnexpectedType, place);
        return false;
    }

    /// <summary>
    /// Emits the citations of a block that were not emitted yet. Elements that are not citations are only kept to be sent back.
    /// </summary>
    /// <param name="items">Elements of an array, separated only by commas.</param>
    /// <param name="emitted">How many bytes of them were emitted.</param>
    /// <param name="part">The number of the block's part.</param>
    /// <param name="events">Receives the events.</param>
    public static void EmitBlock(ReadOnlySpan<byte> items, ref int emitted, int part, EventBuffer events)
    {
        while (emitted < items.Length)
        {
            int start = items[emitted] == (byte)',' ? emitted + 1 : emitted;
            emitted = JsonValidity.SkipValue(items, start, JsonValidity.MaxLevels);
            var json = items[start..emitted];
            if (IsNonEmptyObject(json))
                events.Cite(0, part, Read(json, CitedUnit.Part));
        }
    }

    private static void ReadSources(
        scoped ref Utf8JsonReader reader,
        RawJson json,
        CitedUnit unit,
        bool isReferences,
        List<Citation> citations,
        EventBuffer events
    )
    {
        // The text next to the numbers is the passage of the answer, not the text of the source.
        var passage = isReferences ? new Citation(json) : Read(json, unit) with { CitedText = null };
        if (!isReferences && PassageOf(json) is { } words)
            passage = passage with { Place = passage.Place with { Passage = words } };
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            events.CountCitation();
            if (reader.TokenType == JsonTokenType.StartObject)
                citations.Add(ReadSource(ref reader, passage));
            else if (isReferences && TryReadNumber(ref reader, out int number))
                citations.Add(passage with { DocumentIndex = number });
            else if (reader.TokenType == JsonTokenType.String)
                citations.Add(passage with { FileId = TextOrNull(JsonText.Read(ref reader)) });
            else
                reader.Skip();
        }
    }

    // {"type":"document","id":"…","document":{…}}, or the output of a tool: {"type":"tool","id":"…","tool_output":{…}}.
    private static Citation ReadSource(scoped ref Utf8JsonReader reader, Citation passage)
    {
        string? id = null;
        var fields = new Fields();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = WireJson.Name(ref reader);
            bool isId = name.SequenceEqual("id"u8);
            bool isDocument = name.SequenceEqual("document"u8) || name.SequenceEqual("tool_output"u8);
            reader.Read();
            if (isId && reader.TokenType == JsonTokenType.String)
                id = TextOrNull(JsonText.Read(ref reader));
            else if (isDocument && reader.TokenType == JsonTokenType.StartObject)
                ReadObject(ref reader, ref fields, isSegment: false);
            else
                reader.Skip();
        }
        return passage with { Url = fields.Url, Title = fields.Title ?? fields.FileName, CitedText = fields.CitedText, FileId = id };
    }

    private static string? PassageOf(RawJson json)
    {
        var reader = WireJson.DeepReader(json.Utf8);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            bool isText = WireJson.Name(ref reader).SequenceEqual("text"u8);
            reader.Read();
            if (isText && reader.TokenType == JsonTokenType.String)
                return TextOrNull(JsonText.Read(ref reader));
            reader.Skip();
        }
        return null;
    }

    // Mistral's numbers are the keys of the documents in the tool result: numbers, or strings of them.
    private static bool TryReadNumber(scoped ref Utf8JsonReader reader, out int number)
    {
        number = 0;
        return reader.TokenType == JsonTokenType.String
            ? Utf8Parser.TryParse(reader.ValueSpan, out number, out int length) && length == reader.ValueSpan.Length && number >= 0
            : WireJson.TryReadIndex(ref reader, out number);
    }

    private static Citation Of(RawJson json, in Fields fields) =>
        new(json)
        {
            Url = fields.Url ?? fields.Source,
            Title = fields.Title ?? fields.FileName,
            CitedText = fields.CitedText,
            FileId = fields.FileId,
            DocumentIndex = fields.DocumentIndex,
            Place = PlaceOf(fields),
        };

    private static bool IsNonEmptyObject(ReadOnlySpan<byte> json) => json is [(byte)'{', not (byte)'}', ..];

    private static void ReadObject(scoped ref Utf8JsonReader reader, scoped ref Fields fields, bool isSegment)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = WireJson.Name(ref reader);
            reader.Read();
            if (reader.TokenType == JsonTokenType.String)
                ReadText(name, JsonText.Read(ref reader), ref fields, isSegment);
            else if (reader.TokenType == JsonTokenType.Number && WireJson.TryReadIndex(ref reader, out int number))
                ReadNumber(name, number, ref fields);
            else if (reader.TokenType == JsonTokenType.StartObject && IsKnown(name))
                ReadObject(ref reader, ref fields, name.SequenceEqual("segment"u8));
            else if (reader.TokenType == JsonTokenType.StartArray && name.SequenceEqual("sourceContent"u8))
                ReadPieces(ref reader, ref fields);
            else
                reader.Skip();
        }
    }

    // The inner objects that describe the source or the place.
    private static bool IsKnown(ReadOnlySpan<byte> name) =>
        name.SequenceEqual("url_citation"u8)
        || name.SequenceEqual("file_citation"u8)
        || name.SequenceEqual("container_file_citation"u8)
        || name.SequenceEqual("groundingChunk"u8)
        || name.SequenceEqual("groundingSupport"u8)
        || name.SequenceEqual("segment"u8)
        || name.SequenceEqual("web"u8)
        || name.SequenceEqual("image"u8)
        || name.SequenceEqual("retrievedContext"u8)
        || name.SequenceEqual("maps"u8)
        || name.SequenceEqual("location"u8)
        || name.SequenceEqual("documentChar"u8)
        || name.SequenceEqual("documentPage"u8)
        || name.SequenceEqual("documentChunk"u8)
        || name.SequenceEqual("searchResultLocation"u8);

    private static void ReadText(ReadOnlySpan<byte> name, JsonText text, scoped ref Fields fields, bool isSegment)
    {
        if (isSegment)
        {
            if (name.SequenceEqual("text"u8))
                fields.Passage = TextOrNull(text);
        }
        // GLM uses "link", Gemini "sourceUri" for an image.
        else if (
            name.SequenceEqual("url"u8)
            || name.SequenceEqual("uri"u8)
            || name.SequenceEqual("link"u8)
            || name.SequenceEqual("sourceUri"u8)
        )
        {
            fields.Url ??= TextOrNull(text);
        }
        else if (name.SequenceEqual("title"u8) || name.SequenceEqual("document_title"u8))
        {
            fields.Title ??= TextOrNull(text);
        }
        // Azure uses "filepath".
        else if (name.SequenceEqual("filename"u8) || name.SequenceEqual("filepath"u8))
        {
            fields.FileName ??= TextOrNull(text);
        }
        // OpenRouter uses "content", Perplexity "snippet", Gemini "text".
        else if (
            name.SequenceEqual("cited_text"u8)
            || name.SequenceEqual("content"u8)
            || name.SequenceEqual("snippet"u8)
            || name.SequenceEqual("text"u8)
        )
        {
            fields.CitedText ??= TextOrNull(text);
        }
        else if (name.SequenceEqual("file_id"u8))
        {
            fields.FileId ??= TextOrNull(text);
        }
        // The source of a search result, as given in the request. On other wires this is the type of the source.
        else if (name.SequenceEqual("source"u8) && fields.Unit == CitedUnit.Part)
        {
            fields.Source ??= TextOrNull(text);
        }
    }

    private static void ReadNumber(ReadOnlySpan<byte> name, int number, scoped ref Fields fields)
    {
        // Cohere uses "start" and "end".
        if (name.SequenceEqual("start_index"u8) || name.SequenceEqual("startIndex"u8) || name.SequenceEqual("start"u8))
            fields.Start = number;
        else if (name.SequenceEqual("end_index"u8) || name.SequenceEqual("endIndex"u8) || name.SequenceEqual("end"u8))
            fields.End = number;
        else if (name.SequenceEqual("partIndex"u8))
            fields.IsInLaterPart = number > 0;
        else if (
            name.SequenceEqual("document_index"u8)
            || name.SequenceEqual("documentIndex"u8)
            || name.SequenceEqual("search_result_index"u8)
            || name.SequenceEqual("searchResultIndex"u8)
        )
        {
            fields.DocumentIndex = number;
        }
    }

    // Converse: [{"text":"…"}].
    private static void ReadPieces(scoped ref Utf8JsonReader reader, scoped ref Fields fields)
    {
        StringBuilder? all = null;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                reader.Skip();
                continue;
            }
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                bool isText = WireJson.Name(ref reader).SequenceEqual("text"u8);
                reader.Read();
                if (isText && reader.TokenType == JsonTokenType.String)
                    (all ??= new()).Append(JsonText.Read(ref reader).ToString());
                else
                    reader.Skip();
            }
        }
        if (all is { Length: > 0 })
            fields.CitedText ??= all.ToString();
    }

    private static CitedPlace PlaceOf(in Fields fields)
    {
        if (fields.Unit == CitedUnit.Part)
            return new CitedPlace(CitedUnit.Part);
        // Google omits a number that is 0.
        int start = fields.Start < 0 && fields.Unit == CitedUnit.Bytes ? 0 : fields.Start;
        // Both are 0 if a gateway does not know the place (OpenRouter, 2026).
        return start < 0 || fields.End <= start
            ? default
            : new CitedPlace(fields.Unit, start, fields.End, fields.Passage, fields.IsInLaterPart);
    }

    private static string? TextOrNull(JsonText text) => text.IsEmpty ? null : text.ToString();

    private ref struct Fields
    {
        public CitedUnit Unit;
        public string? Url;
        public string? Source;
        public string? Title;
        public string? FileName;
        public string? CitedText;
        public string? FileId;
        public int? DocumentIndex;
        public int Start;
        public int End;
        public string? Passage;
        public bool IsInLaterPart;
    }
}
