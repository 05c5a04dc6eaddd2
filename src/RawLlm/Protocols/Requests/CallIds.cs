using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace RawLlm.Protocols;

/// <summary>The ids of function calls on wires that take letters, digits, <c>_</c> and <c>-</c> only, and each id once in a conversation.</summary>
/// <remarks>Another service's id is given a form that is taken, the same one for a call and its result, and the same one each time.</remarks>
/// <param name="messages">The conversation.</param>
/// <param name="wire">Where it is noted that an id was changed.</param>
/// <param name="place">Where ids stand.</param>
/// <param name="most">The most characters that an id may have.</param>
internal sealed class CallIds(IReadOnlyList<Message> messages, WireRequest wire, string place, int most)
{
    // With bytes that are kept only a few calls are written anew: for those the conversation is looked through.
    private const int MostLooks = 32;

    private Dictionary<string, int>? _counts;
    private int _counted;
    private int _looks;

    /// <summary>The id under which a call goes out.</summary>
    /// <param name="id">Its own.</param>
    /// <param name="message">The message that holds the call; never one before the last that was asked for.</param>
    /// <param name="part">Which of the message's parts it is.</param>
    /// <exception cref="ArgumentException">The id is empty.</exception>
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

    /// <summary>The id under which a result goes out: that of the latest call that has its id.</summary>
    /// <param name="id">Its own.</param>
    /// <param name="message">The first message of the turn that holds the result; never one before the last that was asked for.</param>
    /// <exception cref="ArgumentException">The id is empty.</exception>
    public string OfResult(string? id, int message)
    {
        Check(id);
        return Made(id, CountBefore(id, message) - 1);
    }

    /// <summary>Another id in place of one that a service does not take.</summary>
    public static string Another(string id) => "id_" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id)).AsSpan(0, 12));

    private void Check([NotNull] string? id)
    {
        if (string.IsNullOrEmpty(id))
            RequestErrors.Throw("The id of a function call is empty. Give the result the id that the call came with.");
        // Which form it takes depends on the calls before.
        wire.Written?.Depend();
    }

    // Some servers begin to count anew with each answer (TGI's only id is "0").
    private string Made(string id, int earlier)
    {
        bool isValid = earlier <= 0 && id.Length <= most;
        foreach (char c in id)
            isValid &= char.IsAsciiLetterOrDigit(c) || c is '_' or '-';
        if (isValid)
            return id;
        wire.Note(QuirkKind.Adapted, place);
        return Another(earlier > 0 ? $"{id} {earlier}" : id);
    }

    private int CountBefore(string id, int message)
    {
        if (_looks++ < MostLooks)
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
