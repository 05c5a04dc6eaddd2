using System.Net.Sockets;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace RawLlm.Testing;

/// <summary>
/// The file format of a cassette: one JSON document with one line for each read of a body, so that people can read and compare it.
/// </summary>
internal static class CassetteFile
{
    private const int Version = 1;

    // Utf8JsonWriter does not indent raw values.
    private static readonly byte[] ReadIndent = "\n          "u8.ToArray();

    private static readonly JsonWriterOptions Lines = new()
    {
        Indented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };
    private static readonly JsonWriterOptions OneLine = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static byte[] Write(IReadOnlyList<RecordedCall> calls)
    {
        using var file = new MemoryStream();
        using (var json = new Utf8JsonWriter(file, Lines))
        {
            json.WriteStartObject();
            json.WriteNumber("cassette", Version);
            json.WriteStartArray("calls");
            foreach (var call in calls)
                Write(call, json);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        file.WriteByte((byte)'\n');
        return file.ToArray();
    }

    /// <exception cref="InvalidOperationException">The file is missing, cannot be read, or is not a cassette.</exception>
    public static List<RecordedCall> Load(string path)
    {
        byte[] file;
        try
        {
            file = File.ReadAllBytes(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new InvalidOperationException(
                $"There is no cassette {path}. Record it on a machine with an API key and a network connection, with Cassette.Open (automatically) or a WireRecorder.",
                e
            );
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InvalidOperationException($"The cassette {path} cannot be read: {e.Message}", e);
        }
        try
        {
            return Read(file);
        }
        catch (Exception e)
            when (e is JsonException or KeyNotFoundException or FormatException or InvalidOperationException or ArgumentException)
        {
            throw new InvalidOperationException(
                $"{path} is not a cassette that this version can read ({e.Message}). Delete it and record it again.",
                e
            );
        }
    }

    public static List<RecordedCall> Read(ReadOnlyMemory<byte> file)
    {
        using var document = JsonDocument.Parse(file);
        int version = document.RootElement.GetProperty("cassette").GetInt32();
        if (version != Version)
            throw new FormatException($"it has version {version}");
        var calls = new List<RecordedCall>();
        foreach (var call in document.RootElement.GetProperty("calls").EnumerateArray())
            calls.Add(ReadCall(call));
        return calls;
    }

    private static void Write(RecordedCall call, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteStartObject("request");
        json.WriteString("method", call.Method);
        json.WriteString("path", call.Path);
        WriteHeaders(call.RequestHeaders, json);
        if (call.Body is { } body)
            WriteBody(body, json);
        json.WriteEndObject();
        if (call.Status is { } status)
        {
            json.WriteStartObject("response");
            json.WriteNumber("status", status);
            json.WriteNumber("at", call.HeadAt);
            WriteHeaders(call.ResponseHeaders, json);
            json.WriteStartArray("reads");
            foreach (var read in call.Reads)
                WriteRead(read, json);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteStartObject("end");
        json.WriteString("how", Word(call.End));
        json.WriteNumber("at", call.EndAt);
        if (call.Failure?.Http is { } http)
            json.WriteString("http", http.ToString());
        if (call.Failure?.Socket is { } socket)
            json.WriteString("socket", socket.ToString());
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteHeaders(SortedDictionary<string, string> headers, Utf8JsonWriter json)
    {
        json.WriteStartObject("headers");
        foreach (var (name, value) in headers)
            json.WriteString(name, value);
        json.WriteEndObject();
    }

    // A request's JSON is indented for readers; only the bytes of an answer must stay as they were.
    private static void WriteBody(byte[] body, Utf8JsonWriter json)
    {
        if (Relaid(body) is { } relaid)
        {
            json.WritePropertyName("json");
            using var document = JsonDocument.Parse(relaid);
            document.RootElement.WriteTo(json);
        }
        else if (TryText(body, out string text))
        {
            json.WriteString("text", text);
        }
        else
        {
            json.WriteBase64String("base64", body);
        }
    }

    // Null for a body that is not JSON or would change: half of a surrogate pair cannot be written.
    private static byte[]? Relaid(byte[] body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            using var copy = new MemoryStream();
            using (var json = new Utf8JsonWriter(copy, OneLine))
                document.RootElement.WriteTo(json);
            byte[] bytes = copy.ToArray();
            using var again = JsonDocument.Parse(bytes);
            return JsonElement.DeepEquals(document.RootElement, again.RootElement) ? bytes : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or ArgumentException)
        {
            return null;
        }
    }

    private static void WriteRead(RecordedRead read, Utf8JsonWriter json)
    {
        using var line = new MemoryStream();
        line.Write(ReadIndent);
        using (var one = new Utf8JsonWriter(line, OneLine))
        {
            one.WriteStartObject();
            one.WriteNumber("at", read.At);
            if (TryText(read.Bytes, out string text))
                one.WriteString("text", text);
            else
                one.WriteBase64String("base64", read.Bytes);
            one.WriteEndObject();
        }
        json.WriteRawValue(line.GetBuffer().AsSpan(0, (int)line.Length), skipInputValidation: true);
    }

    private static bool TryText(byte[] bytes, out string text)
    {
        try
        {
            text = Strict.GetString(bytes);
            return true;
        }
        catch (DecoderFallbackException)
        {
            text = "";
            return false;
        }
    }

    private static RecordedCall ReadCall(JsonElement call)
    {
        var request = call.GetProperty("request");
        var end = call.GetProperty("end");
        bool isAnswered = call.TryGetProperty("response", out var response);
        HttpRequestError? http = end.TryGetProperty("http", out var httpWord) ? Enum.Parse<HttpRequestError>(httpWord.GetString()!) : null;
        SocketError? socket = end.TryGetProperty("socket", out var socketWord) ? Enum.Parse<SocketError>(socketWord.GetString()!) : null;
        var read = new RecordedCall
        {
            Method = request.GetProperty("method").GetString()!,
            Path = request.GetProperty("path").GetString()!,
            RequestHeaders = ReadHeaders(request),
            Body = request.TryGetProperty("json", out var json) ? Encoding.UTF8.GetBytes(json.GetRawText()) : ReadBytes(request),
            End = ReadEnd(end.GetProperty("how").GetString()),
            EndAt = end.GetProperty("at").GetInt64(),
            Failure = http is null && socket is null ? null : new RecordedFailure(http, socket),
        };
        if (!isAnswered)
            return read;
        read.Status = response.GetProperty("status").GetInt32();
        read.HeadAt = response.GetProperty("at").GetInt64();
        foreach (var (name, value) in ReadHeaders(response))
            read.ResponseHeaders[name] = value;
        foreach (var piece in response.GetProperty("reads").EnumerateArray())
        {
            read.Reads.Add(
                new RecordedRead(
                    piece.GetProperty("at").GetInt64(),
                    ReadBytes(piece) ?? throw new FormatException("a read contains neither text nor base64")
                )
            );
        }

        return read;
    }

    private static SortedDictionary<string, string> ReadHeaders(JsonElement of)
    {
        var headers = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var header in of.GetProperty("headers").EnumerateObject())
            headers[header.Name] = header.Value.GetString()!;
        return headers;
    }

    private static byte[]? ReadBytes(JsonElement of) =>
        of.TryGetProperty("text", out var text) ? Encoding.UTF8.GetBytes(text.GetString()!)
        : of.TryGetProperty("base64", out var base64) ? base64.GetBytesFromBase64()
        : null;

    private static string Word(RecordedEnd end) =>
        end switch
        {
            RecordedEnd.Complete => "complete",
            RecordedEnd.Left => "left",
            RecordedEnd.Cancelled => "cancelled",
            _ => "broken",
        };

    private static RecordedEnd ReadEnd(string? word) =>
        word switch
        {
            "complete" => RecordedEnd.Complete,
            "left" => RecordedEnd.Left,
            "cancelled" => RecordedEnd.Cancelled,
            "broken" => RecordedEnd.Broken,
            _ => throw new FormatException($"a call has an unknown end: {word}"),
        };
}
