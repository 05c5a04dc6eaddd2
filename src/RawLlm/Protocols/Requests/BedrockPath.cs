using System.Diagnostics.CodeAnalysis;

namespace RawLlm.Protocols;

/// <summary>Builds URLs of the form <c>model/{id}/{operation}</c>, in which any ID is a single path segment.</summary>
internal static class BedrockPath
{
    private const int MaxCharacters = 2048;

    /// <summary>Joins the parts of a URL.</summary>
    /// <param name="baseUrl">The URL of the runtime, with or without a slash at the end.</param>
    /// <param name="model">The ID or ARN of a model or of an inference profile.</param>
    /// <param name="operation">The operation.</param>
    /// <exception cref="ArgumentException">There is no model, or it contains a character that does not occur in IDs and ARNs.</exception>
    public static Uri Join(Uri baseUrl, string? model, string operation)
    {
        if (string.IsNullOrEmpty(model))
            Throw("The request names no model, and this wire needs it in the URL. Set ChatRequest.Model, or give the client a model.");
        bool isValid = model.Length <= MaxCharacters && model is not ("." or "..");
        foreach (char c in model)
            isValid &= char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_' or ':' or '/';
        if (!isValid)
        {
            Throw(
                "The model's name cannot be part of a URL: the ids and ARNs of models consist of at most 2,048 letters, digits and . - _ : / and are neither \".\" nor \"..\". Correct ChatRequest.Model, or give the client another model."
            );
        }
        // ':' and '/' are escaped; no other character can end the segment.
        return UrlPath.Join(baseUrl, "", $"model/{Uri.EscapeDataString(model)}/{operation}");
    }

    [DoesNotReturn]
    private static void Throw(string message) => throw new ArgumentException(message, "request");
}
