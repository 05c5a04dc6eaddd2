namespace RawLlm.Protocols;

/// <summary>The wire's own names for the details of the output tokens, for quirks.</summary>
internal sealed class OutputDetailPlaces(string reasoning, string audio, string accepted, string rejected)
{
    public string Reasoning => reasoning;

    public string Audio => audio;

    public string Accepted => accepted;

    public string Rejected => rejected;
}
