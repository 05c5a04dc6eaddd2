namespace RawLlm.Protocols;

/// <summary>Under which name a service that speaks the Messages wire takes the JSON schema of an answer.</summary>
public enum AnthropicFormat
{
    /// <summary><c>"output_config": {"format": {"type": "json_schema", "schema": …}}</c>. Source: platform.claude.com/docs/en/build-with-claude/structured-outputs (2026).</summary>
    OutputConfig,

    /// <summary><c>"output_format": {"type": "json_schema", "schema": …}</c>: the form of 2025, which wants <c>structured-outputs-2025-11-13</c> among <see cref="AnthropicProtocol.Betas"/>.</summary>
    OutputFormat,

    /// <summary>It takes none; the format is left out with a quirk.</summary>
    None,
}
