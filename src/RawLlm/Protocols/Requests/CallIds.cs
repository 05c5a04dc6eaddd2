using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace RawLlm.Protocols;

/// <summary>
/// The IDs of tool calls on wires that accept only letters, digits, <c>_</c> and <c>-</c>, and each ID only once in a conversation.
/// </summary>
/// <remarks>An ID of another service is replaced by an accepted one: the same for a call and its result, and the same in every
/// request.</remarks>
/// <param name="messages">The conversation.</param>
/// <param name="wire">Records that an ID was changed.</param>
/// <param name="place">The place of the IDs on the wire, for the quirk.</param>
/// <param name="maxLength">The maximum number of characters in an ID.</param>
internal sealed class CallIds(IReadOnlyList<Message> messages, WireRequest wire, string place, int maxLength)
{
    // With kept bytes, only a few calls are written again, and the conversation is scanned for each. After this many scans, a table of
    // counts is used.
    private const int MaxScans = 32;

    private Dictionary<string, int>? _counts;
    private int _counted;
    private int _scans;

    /// <summary>Returns the ID that is sent for a call.</summary>
    /// <param name="id">The call's own ID.</param>
    /// <param name="message">The index of the message that contains the call. It must not be lower than in the previous lookup.</param>
    /// <param name="part">The index of the call's part in the message.</param>
    /// <exception cref="ArgumentException">The ID is empty.</exception>
    public string OfCall(string? id, int message, int part)
    {
        Check(id);
        int earlier = CountBefore(id, message);
        for (int i = 0; i < part; i++)
        {
            if (messages[message].Parts[i] is ToolCallPart { Call: { } call } && call.Id == id)
                earlier++;
        }
        return Made(id, earlier);
    }

    /// <summary>Returns the ID that is sent for a result: that of the latest call with the result's ID.</summary>
    /// <param name="id">The result's own ID.</param>
    /// <param name="message">The index of the first message in the result's turn. It must not be lower than in the previous lookup.</param>
    /// <exception cref="ArgumentException">The ID is empty.</exception>
    public string OfResult(string? id, int message)
    {
        Check(id);
        return Made(id, CountBefore(id, message) - 1);
    }

    /// <summary>Returns a replacement for an ID that a service does not accept.</summary>
    public static string Replacement(string id) =>
        "id_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id)).AsSpan(0, 12));

    private void Check([NotNull] string? id)
    {
        if (string.IsNullOrEmpty(id))
            RequestErrors.Throw("The id of a tool call or tool result is empty. Set it; a result has the id of its call.");
        // The form of the ID depends on the calls before it.
        wire.Written?.MarkDependent();
    }

    // Some servers number their calls from the start in each answer (TGI's only ID is "0").
    private string Made(string id, int earlier)
    {
        bool isValid = earlier <= 0 && id.Length <= maxLength;
        foreach (char c in id)
            isValid &= char.IsAsciiLetterOrDigit(c) || c is '_' or '-';
        if (isValid)
            return id;
        wire.Note(QuirkKind.Adapted, place);
        return Replacement(earlier > 0 ? $"{id} {earlier}" : id);
    }

    private int CountBefore(string id, int message)
    {
        if (_scans++ < MaxScans)
        {
            int count = 0;
            for (int i = 0; i < message; i++)
            {
                var parts = Calling(i);
                for (int j = 0; j < parts.Count; j++)
                {
                    if (parts[j] is ToolCallPart { Call: { } call } && call.Id == id)
                        count++;
                }
            }
            return count;
        }
        _counts ??= [];
        for (; _counted < message; _counted++)
        {
            var parts = Calling(_counted);
            for (int j = 0; j < parts.Count; j++)
            {
                if (parts[j] is ToolCallPart { Call.Id: { } other })
                    _counts[other] = _counts.GetValueOrDefault(other) + 1;
            }
        }
        return _counts.GetValueOrDefault(id);
    }

    private IReadOnlyList<Part> Calling(int message) => messages[message] is { Role: Role.Assistant, Parts: { } parts } ? parts : [];
}
