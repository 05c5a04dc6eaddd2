namespace RawLlm.Traffic;

/// <summary>A function call that a shape holds.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">The function's name.</param>
/// <param name="Arguments">The whole arguments.</param>
/// <param name="FragmentCount">In how many pieces they come.</param>
public sealed record TrafficCall(string Id, string Name, string Arguments, int FragmentCount);
