namespace RawLlm.Cli.Demo;

/// <summary>One HTTP request.</summary>
/// <param name="Method">The method, such as <c>POST</c>.</param>
/// <param name="Path">The path without the query.</param>
/// <param name="Body">The whole body; empty if there is none.</param>
/// <param name="KeepsAlive">Whether another request may follow on the connection.</param>
internal sealed record DemoRequest(string Method, string Path, byte[] Body, bool KeepsAlive);
