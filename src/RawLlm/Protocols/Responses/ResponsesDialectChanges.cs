namespace RawLlm.Protocols;

/// <summary>Finds how the dialect of the Responses wire must change so that a service accepts what it has refused.</summary>
internal static class ResponsesDialectChanges
{
    // Members that the writer leaves out with a quirk if they are refused.
    private static readonly string[] Sampling = ["temperature", "top_p"];

    /// <summary>Adds the changes for all that the service names.</summary>
    public static void Find(RequestRefusal refusal, SentRequest sent, List<DialectChange> changes)
    {
        if (sent.Has("store") && refusal.Refuses("store"))
            Change(changes, "Store", "store", "Store = null", static dialect => dialect with { Store = null });
        // OpenAI: Encrypted content is not supported with this model.
        if (
            sent.Contains("reasoning.encrypted_content"u8)
            && (refusal.Refuses("include") || refusal.Refuses("encrypted_content") || refusal.Says("encrypted content is not supported"))
        )
        {
            Change(
                changes,
                "EncryptedReasoning",
                "include",
                "EncryptedReasoning = false",
                static dialect => dialect with { EncryptedReasoning = false }
            );
        }
        if (sent.Has("stream_options") && (refusal.Refuses("stream_options") || refusal.Refuses("include_obfuscation")))
            Change(changes, "Obfuscation", "stream_options", "Obfuscation = null", static dialect => dialect with { Obfuscation = null });
        if (sent.Contains("\"role\":\"developer\""u8) && refusal.RefusesDeveloperRole())
            Change(
                changes,
                "SystemRole",
                "input[].role",
                "SystemRole = \"system\"",
                static dialect => dialect with { SystemRole = "system" }
            );
        FindRefusedOfModel(refusal, sent, changes);
    }

    private static void FindRefusedOfModel(RequestRefusal refusal, SentRequest sent, List<DialectChange> changes)
    {
        string? model = sent.Request.Model;
        foreach (string name in Sampling)
        {
            if (sent.Has(name) && refusal.Refuses(name))
                LeaveOut(changes, model, name);
        }
        if (sent.Has("top_logprobs") && (refusal.Refuses("top_logprobs") || refusal.Refuses("logprobs")))
            LeaveOut(changes, model, "logprobs");
        // OpenAI: Unsupported value: 'minimal' is not supported with the 'gpt-5.1' model. Supported values are: 'none', 'low', ...
        string efforts = string.Join(' ', refusal.Supported().FindAll(ModelPatterns.IsEffort));
        bool isOfEffort = refusal.Parameter is null or "reasoning_effort" or "reasoning.effort" or "reasoning";
        if (sent.Has("effort") && efforts.Length > 0 && isOfEffort)
        {
            Change(
                changes,
                "EffortsByModel",
                "reasoning.effort",
                expression: null,
                dialect => dialect with { EffortsByModel = ModelPatterns.With(dialect.EffortsByModel, model, efforts) }
            );
        }
    }

    // A setting of its own for each member, because a service may name them one after the other.
    private static void LeaveOut(List<DialectChange> changes, string? model, string name) =>
        Change(
            changes,
            $"RefusedByModel {name}",
            name,
            expression: null,
            dialect => dialect with { RefusedByModel = RefusedMembers.With(dialect.RefusedByModel, model, name) }
        );

    private static void Change(
        List<DialectChange> changes,
        string setting,
        string place,
        string? expression,
        Func<ResponsesProtocol, ResponsesProtocol> apply
    ) => changes.Add(new DialectChange(setting, place, expression, dialect => apply((ResponsesProtocol)dialect)));
}
