using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>Reads the <c>details</c> of a google.rpc error.</summary>
/// <param name="body">Receives the content.</param>
internal readonly struct RpcDetail(ErrorBody body)
{
    /// <summary>Reads a detail; ignores anything but an object.</summary>
    public void Read(ErrorValue detail)
    {
        if (detail.Kind != JsonValueKind.Object)
            return;
        for (var member = detail.Values; member.MoveNext(); )
        {
            switch (member.Key)
            {
                case "retrydelay":
                    body.RetryAfter ??= member.Value.ToWait(1);
                    break;
                case "reason" or "errorcode" or "code":
                    body.AddCode(member.Value.Text);
                    break;
                case "violations" when member.Value.Kind == JsonValueKind.Array:
                    for (var violation = member.Value.Values; violation.MoveNext(); )
                        ReadQuota(violation.Value);
                    break;
                case "metadata":
                    ReadQuota(member.Value);
                    break;
            }
        }
    }

    private void ReadQuota(ErrorValue violation)
    {
        if (violation.Kind != JsonValueKind.Object)
            return;
        for (var member = violation.Values; member.MoveNext(); )
        {
            if (member.Key is "quotaid" or "quotalimit" && member.Value.Text is { } name)
                body.IsDailyQuota |= name.Contains("PerDay", StringComparison.OrdinalIgnoreCase);
        }
    }
}
