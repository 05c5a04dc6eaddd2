using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>Adds <c>"additionalProperties":false</c> to every object in an answer's schema that does not specify that member.</summary>
/// <remarks>
/// "For 'object' type, 'additionalProperties' must be explicitly set to false" (Anthropic and Bedrock, 2026). What a schema specifies
/// stays, even if the service rejects it: a dictionary would become a different type.
/// </remarks>
internal static class ClosedSchema
{
    private static ReadOnlySpan<byte> Member => "\"additionalProperties\":false"u8;

    /// <summary>Returns the schema with all objects closed; the same instance if they already are.</summary>
    public static RawJson Of(RawJson schema)
    {
        var open = new List<(int End, bool IsEmpty)>();
        var reader = WireJson.DeepReader(schema.Utf8);
        reader.Read();
        Find(ref reader, open);
        if (open.Count == 0)
            return schema;
        var closed = new List<byte>(schema.Utf8.Length + (open.Count * (Member.Length + 1)));
        int copied = 0;
        foreach (var (end, isEmpty) in open)
        {
            closed.AddRange(schema.Utf8[copied..end]);
            if (!isEmpty)
                closed.Add((byte)',');
            closed.AddRange(Member);
            copied = end;
        }
        closed.AddRange(schema.Utf8[copied..]);
        return RawJson.FromChecked(closed.ToArray());
    }

    // The reader is on a schema and is left at its end. Inner objects end before outer ones, so the positions are in order.
    private static void Find(scoped ref Utf8JsonReader reader, List<(int End, bool IsEmpty)> open)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }
        bool isObject = false;
        bool isClosed = false;
        bool isEmpty = true;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            isEmpty = false;
            bool isType = reader.ValueTextEquals("type"u8);
            isClosed |= reader.ValueTextEquals("additionalProperties"u8);
            bool isProperties = reader.ValueTextEquals("properties"u8);
            isObject |= isProperties;
            bool holdsMany = isProperties || reader.ValueTextEquals("$defs"u8) || reader.ValueTextEquals("definitions"u8);
            bool holdsList =
                reader.ValueTextEquals("anyOf"u8)
                || reader.ValueTextEquals("oneOf"u8)
                || reader.ValueTextEquals("allOf"u8)
                || reader.ValueTextEquals("prefixItems"u8);
            bool holdsOne = reader.ValueTextEquals("items"u8) || reader.ValueTextEquals("additionalProperties"u8);
            reader.Read();
            if (isType)
                isObject |= IncludesObject(ref reader);
            else if (holdsMany && reader.TokenType == JsonTokenType.StartObject)
                FindInMembers(ref reader, open);
            else if (holdsList && reader.TokenType == JsonTokenType.StartArray)
                FindInElements(ref reader, open);
            else if (holdsOne)
                Find(ref reader, open);
            else
                reader.Skip();
        }
        if (isObject && !isClosed)
            open.Add(((int)reader.TokenStartIndex, isEmpty));
    }

    private static void FindInMembers(scoped ref Utf8JsonReader reader, List<(int End, bool IsEmpty)> open)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            reader.Read();
            Find(ref reader, open);
        }
    }

    private static void FindInElements(scoped ref Utf8JsonReader reader, List<(int End, bool IsEmpty)> open)
    {
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            Find(ref reader, open);
    }

    // "object", or a list that contains it.
    private static bool IncludesObject(scoped ref Utf8JsonReader reader)
    {
        if (reader.TokenType == JsonTokenType.String)
            return reader.ValueTextEquals("object"u8);
        bool isObject = false;
        if (reader.TokenType == JsonTokenType.StartArray)
        {
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                isObject |= reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("object"u8);
                reader.Skip();
            }
        }
        reader.Skip();
        return isObject;
    }
}
