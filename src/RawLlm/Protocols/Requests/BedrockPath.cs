using System.Diagnostics.CodeAnalysis;

namespace RawLlm.Protocols;

/// <summary>Addresses of the form <c>model/{id}/{operation}</c>, where the id is one segment of the path, whatever it holds.</summary>
internal static class BedrockPath
{
    private const int MostCharacters = 2048;

    /// <summary>Joins.</summary>
    /// <param name="baseUrl">The address of the runtime, with or without a slash at the end.</param>
    /// <param name="model">The id of a model or of an inference profile, or the ARN of either.</param>
    /// <param name="operation">What is asked of it.</param>
    /// <exception cref="ArgumentException">There is no model, or it holds a character that no id and no ARN has.</exception>
    public static Uri Join(Uri baseUrl, string? model, string operation)
    {
        if (string.IsNullOrEmpty(model))
            Throw("The request names no model, which this wire wants in the address. Set ChatRequest.Model, or give the client one.");
        bool isValid = model.Length <= MostCharacters && model is not ("." or "..");
        foreach (char c in model)
            isValid &= char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or ':' or '/';
        if (!isValid)
            Throw("The model's name cannot stand in an address: letters, digits and . - _ : / are what the ids and ARNs of models consist of.");
        // ':' and '/' are escaped; what is left cannot end the segment.
        return UrlPath.Join(baseUrl, "", $"model/{Uri.EscapeDataString(model)}/{operation}");
    }

    [DoesNotReturn]
    private static void Throw(string message) => throw new ArgumentException(message, "request");
}
