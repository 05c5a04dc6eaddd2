namespace RawLlm.Cli.Doctor;

/// <summary>The names of the checks, as they appear in the report.</summary>
internal static class Checks
{
    public const string Reach = "reachable";
    public const string Tls = "TLS";
    public const string Key = "key";
    public const string Models = "models";
    public const string Whole = "whole answer";
    public const string Stream = "stream";
    public const string Usage = "usage";
    public const string Tools = "tools";
    public const string Parallel = "parallel tools";
    public const string Choice = "tool choice";
    public const string Schema = "JSON schema";
    public const string Reasoning = "reasoning";
    public const string Image = "image";
    public const string Error = "error shape";
    public const string Limits = "rate-limit headers";

    /// <summary>The checks that ask a model.</summary>
    public static readonly string[] OfModel = [Whole, Stream, Usage, Tools, Parallel, Choice, Schema, Reasoning, Image, Error, Limits];
}
