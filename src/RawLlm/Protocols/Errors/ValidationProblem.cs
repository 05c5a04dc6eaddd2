using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>
/// A problem with one member of a request, as reported by FastAPI and similar servers: <c>{"loc":["body","messages",0],"msg":"Field
/// required","type":"missing"}</c>.
/// </summary>
internal static class ValidationProblem
{
    private const int MaxSteps = 8;

    /// <summary>Returns the place and the message; null for any other object.</summary>
    public static string? Read(ErrorValue item)
    {
        string? place = null;
        string? problem = null;
        for (var member = item.Values; member.MoveNext(); )
        {
            switch (member.Key)
            {
                case "loc" when member.Value.Kind == JsonValueKind.Array:
                    int steps = 0;
                    place = null;
                    for (var step = member.Value.Values; step.MoveNext(); )
                    {
                        if (steps++ < MaxSteps)
                            place = place is null ? step.Value.Text ?? "" : $"{place}.{step.Value.Text}";
                    }
                    place ??= "";
                    break;
                case "msg" or "message":
                    problem ??= member.Value.Text;
                    break;
            }
        }
        if (place is null || problem is null)
            return null;
        return place.Length > 0 ? place + ": " + problem : problem;
    }
}
