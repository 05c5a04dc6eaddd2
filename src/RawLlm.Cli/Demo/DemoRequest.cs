namespace RawLlm.Cli.Demo;

/// <summary>One HTTP request.</summary>
/// <param name="Method">As in <c>POST</c>.</param>
/// <param name="Path">Without the query.</param>
/// <param name="Body">The whole body; empty where there is none.</param>
/// <param name="KeepsAlive">True when another request may follow on the connection.</param>
internal sealed record DemoRequest(string Method, string Path, byte[] Body, bool KeepsAlive);
