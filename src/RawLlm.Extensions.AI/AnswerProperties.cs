using System.Globalization;
using Microsoft.Extensions.AI;

namespace RawLlm.Extensions.AI;

/// <summary>Gives what Microsoft.Extensions.AI has no place for as additional properties.</summary>
internal static class AnswerProperties
{
    public static AdditionalPropertiesDictionary? Of(string? stopReason, string? provider, string? requestId, Cost? cost, IReadOnlyList<Quirk> quirks, IReadOnlyList<Quirk> notes)
    {
        var properties = new AdditionalPropertiesDictionary();
        Add(LlmAdapterKeys.StopReason, stopReason);
        Add(LlmAdapterKeys.Provider, provider);
        Add(LlmAdapterKeys.RequestId, requestId);
        Add(LlmAdapterKeys.Cost, cost?.Amount.ToString(CultureInfo.InvariantCulture));
        if (quirks.Count + notes.Count > 0)
            Add(LlmAdapterKeys.Quirks, string.Join("; ", [.. notes, .. quirks]));
        return properties.Count > 0 ? properties : null;

        void Add(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
                properties.Add(name, value);
        }
    }
}
