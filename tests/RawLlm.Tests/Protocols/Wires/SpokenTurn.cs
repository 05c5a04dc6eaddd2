namespace RawLlm.Tests.Protocols.Wires;

/// <summary>
/// What matters of an answer on every wire: its reasoning, its text, its calls with their arguments as JSON, and the results by call.
/// </summary>
internal sealed record SpokenTurn(
    string Thoughts,
    string Text,
    IReadOnlyList<(string Name, string Arguments)> Calls,
    IReadOnlyList<string> Results
)
{
    public bool SaysTheSame(SpokenTurn other) =>
        Text == other.Text && Calls.SequenceEqual(other.Calls) && Results.SequenceEqual(other.Results);

    public override string ToString() => $"«{Text}» {string.Join(", ", Calls)} -> {string.Join(", ", Results)}";
}
