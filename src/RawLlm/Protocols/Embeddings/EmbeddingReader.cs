using System.Buffers.Binary;
using System.Buffers.Text;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>
/// Reads embeddings directly into arrays, from numbers or base64, in the shapes of all wires. Members may come in any order.
/// </summary>
internal sealed class EmbeddingReader
{
    private const int MaxNumbers = 1 << 20;

    // In the order of the list.
    private readonly float[]?[] _vectors;
    private readonly int[] _indexes;
    private readonly LlmLimits _limits;
    private UsageCounter _usage;
    private string? _model;
    private float[] _numbers = [];
    private int _read;
    private bool _isReordered;
    private JsonTokenType _unexpected;
    private IReadOnlyList<Quirk> _quirks = [];

    private EmbeddingReader(int count, LlmLimits limits)
    {
        _vectors = new float[count][];
        _indexes = new int[count];
        _limits = limits;
    }

    /// <summary>Reads the embeddings of a number of texts.</summary>
    /// <exception cref="LlmException">The body is an error or does not contain an embedding for each text.</exception>
    public static Embeddings Read(ReadOnlySpan<byte> body, int count, LlmLimits limits)
    {
        try
        {
            return new EmbeddingReader(count, limits).Read(body);
        }
        catch (Exception e) when (WireJson.IsUnreadable(e))
        {
            throw WireJson.Malformed(e, "The list of embeddings");
        }
    }

    private Embeddings Read(ReadOnlySpan<byte> body)
    {
        var reader = WireJson.Reader(body, _limits);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
            WireJson.ThrowType("the answer", reader.TokenType);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (WireJson.Is(ref reader, "data"u8) || WireJson.Is(ref reader, "embeddings"u8))
                ReadList(ref reader);
            // Gemini returns the embedding of a single text here.
            else if (WireJson.Is(ref reader, "embedding"u8))
                ReadEntryValue(ref reader);
            else if (WireJson.Is(ref reader, "model"u8))
                ReadModel(ref reader);
            else if (WireJson.Is(ref reader, "usage"u8) || WireJson.Is(ref reader, "usageMetadata"u8))
                ReadUsage(ref reader);
            else if (WireJson.Is(ref reader, "prompt_eval_count"u8))
                ReadCount(ref reader, ref _usage.Input);
            else if (WireJson.Is(ref reader, "error"u8))
                ReadError(ref reader, body);
            else
                Skip(ref reader);
        }
        // Some services report errors under other names: MiniMax (2026) in base_resp, AWS (2025) in __type.
        if (_read == 0 && ErrorBody.Read(body).IsExplained)
            throw ErrorReader.ReadInBody(body, inStream: false, limits: _limits);
        var vectors = Arrange();
        Check(vectors);
        return new Embeddings(vectors!, _model, _usage.ToUsage()) { Quirks = _quirks };
    }

    // Forks of llama.cpp and LiteLLM (until 2026-04) send 0 for every embedding, Xinference (2026-07) wrong numbers.
    private float[]?[] Arrange()
    {
        if (!_isReordered)
            return _vectors;
        var arranged = new float[_vectors.Length][];
        for (int i = 0; i < _read; i++)
        {
            int index = _indexes[i];
            if ((uint)index < (uint)arranged.Length && arranged[index] is null)
            {
                arranged[index] = _vectors[i]!;
            }
            else if (_read == _vectors.Length)
            {
                _quirks = [new Quirk(QuirkKind.UnexpectedType, "data[].index")];
                return _vectors;
            }
        }
        return arranged;
    }

    private static void Check(float[]?[] vectors)
    {
        for (int i = 0; i < vectors.Length; i++)
        {
            if (vectors[i] is not { } vector)
                Throw(
                    FormattableString.Invariant($"The service returned no embedding for the text at index {i} of {vectors.Length} texts.")
                );
            else if (vector.Length != vectors[0]!.Length || vector.Length == 0)
                Throw("The service returned embeddings of different lengths.");
        }
    }

    private void ReadList(scoped ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray)
            WireJson.ThrowType("data", reader.TokenType);
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            ReadEntry(ref reader);
    }

    private void ReadEntryValue(scoped ref Utf8JsonReader reader)
    {
        reader.Read();
        ReadEntry(ref reader);
    }

    // [0.1, …], {"index": 0, "embedding": [0.1, …] or "base64"}, {"values": [0.1, …]}
    private void ReadEntry(scoped ref Utf8JsonReader reader)
    {
        int place = _read++;
        int index = place;
        float[]? vector = null;
        _unexpected = JsonTokenType.None;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            vector = ReadVector(ref reader);
        }
        else
        {
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                if (WireJson.Is(ref reader, "index"u8))
                {
                    reader.Read();
                    if (WireJson.TryReadIndex(ref reader, out int named))
                        index = named;
                    else
                        reader.Skip();
                }
                else if (WireJson.Is(ref reader, "embedding"u8) || WireJson.Is(ref reader, "values"u8))
                {
                    reader.Read();
                    vector = ReadVector(ref reader);
                }
                else
                {
                    Skip(ref reader);
                }
            }
        }
        if (place >= _vectors.Length)
            Throw("The service returned more embeddings than there are texts.");
        if (vector is null)
            ThrowUnreadable((uint)index < (uint)_vectors.Length && !_indexes.AsSpan(0, place).Contains(index) ? index : place);
        _vectors[place] = vector;
        _indexes[place] = index;
        _isReordered |= index != place;
    }

    // The first unexpected type is reported once the whole entry was read.
    private float[]? ReadVector(scoped ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.String)
            return ReadBase64(ref reader);
        if (reader.TokenType != JsonTokenType.StartArray)
            return Refuse(ref reader);
        int count = 0;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType == JsonTokenType.Number && reader.TryGetSingle(out float number))
                Add(number, ref count);
            else
                Refuse(ref reader);
        }
        return _unexpected == JsonTokenType.None ? _numbers.AsSpan(0, count).ToArray() : null;
    }

    private float[]? Refuse(scoped ref Utf8JsonReader reader)
    {
        if (_unexpected == JsonTokenType.None)
            _unexpected = reader.TokenType;
        reader.Skip();
        return null;
    }

    private void Add(float number, ref int count)
    {
        if (count == _numbers.Length)
        {
            if (count >= MaxNumbers)
                Throw("An embedding has more than a million numbers.");
            Array.Resize(ref _numbers, Math.Max(1536, count * 2));
        }
        _numbers[count++] = number;
    }

    // The bytes of 32-bit numbers in little-endian order.
    private static float[] ReadBase64(scoped ref Utf8JsonReader reader)
    {
        // Some servers escape the slashes of base64.
        ReadOnlySpan<byte> text = reader.ValueIsEscaped ? System.Text.Encoding.ASCII.GetBytes(reader.GetString()!) : reader.ValueSpan;
        int padding =
            text.EndsWith("=="u8) ? 2
            : text.EndsWith("="u8) ? 1
            : 0;
        int length = (text.Length / 4 * 3) - padding;
        if (text.Length % 4 != 0 || length % sizeof(float) != 0 || length > MaxNumbers * sizeof(float))
            Throw("An embedding is not valid base64 of 32-bit numbers.");
        float[] vector = new float[length / sizeof(float)];
        if (
            Base64.DecodeFromUtf8(text, MemoryMarshal.AsBytes(vector.AsSpan()), out _, out int written)
                != System.Buffers.OperationStatus.Done
            || written != length
        )
        {
            Throw("An embedding is not valid base64 of 32-bit numbers.");
        }

        if (!BitConverter.IsLittleEndian)
        {
            var numbers = MemoryMarshal.Cast<float, int>(vector.AsSpan());
            BinaryPrimitives.ReverseEndianness(numbers, numbers);
        }
        return vector;
    }

    private void ReadModel(scoped ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
            _model = reader.GetString();
        else
            reader.Skip();
    }

    private void ReadUsage(scoped ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (WireJson.Is(ref reader, "prompt_tokens"u8) || WireJson.Is(ref reader, "promptTokenCount"u8))
                ReadCount(ref reader, ref _usage.Input);
            else if (WireJson.Is(ref reader, "total_tokens"u8) || WireJson.Is(ref reader, "totalTokenCount"u8))
                ReadCount(ref reader, ref _usage.Total);
            else if (WireJson.Is(ref reader, "cost"u8))
                _usage.ReadNextCost(ref reader, scale: 1);
            else
                Skip(ref reader);
        }
    }

    private static void ReadCount(scoped ref Utf8JsonReader reader, ref TokenNumber field)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out long count) && count >= 0)
            field = TokenNumber.Of(count);
        else
            reader.Skip();
    }

    // An error with a success status.
    private void ReadError(scoped ref Utf8JsonReader reader, ReadOnlySpan<byte> body)
    {
        reader.Read();
        if (reader.TokenType is not (JsonTokenType.Null or JsonTokenType.False))
            throw ErrorReader.ReadInBody(body, inStream: false, limits: _limits);
    }

    private static void Skip(scoped ref Utf8JsonReader reader)
    {
        reader.Read();
        reader.Skip();
    }

    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    private void ThrowUnreadable(int index) =>
        Throw(
            _unexpected == JsonTokenType.None
                ? FormattableString.Invariant(
                    $"The service returned an entry without an embedding for the text at index {index} of {_vectors.Length} texts."
                )
                : FormattableString.Invariant(
                    $"The embedding of the text at index {index} of {_vectors.Length} texts contains an unexpected JSON type: {_unexpected}."
                )
        );

    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    private static void Throw(string message) =>
        throw new LlmException(LlmErrorKind.MalformedResponse, message) { Phase = LlmPhase.Streaming };
}
