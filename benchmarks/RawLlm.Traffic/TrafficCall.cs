namespace RawLlm.Traffic;

/// <summary>A tool call in a shape.</summary>
/// <param name="Id">Its ID.</param>
/// <param name="Name">The tool's name.</param>
/// <param name="Arguments">The whole arguments.</param>
/// <param name="FragmentCount">The number of pieces in which they arrive.</param>
public sealed record TrafficCall(string Id, string Name, string Arguments, int FragmentCount);
