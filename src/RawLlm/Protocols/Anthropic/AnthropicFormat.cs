namespace RawLlm.Protocols;

/// <summary>How a service on the Messages wire accepts the JSON schema of an answer.</summary>
public enum AnthropicFormat
{
    /// <summary>
    /// <c>"output_config": {"format": {"type": "json_schema", "schema": …}}</c>. Source:
    /// platform.claude.com/docs/en/build-with-claude/structured-outputs (2026).
    /// </summary>
    OutputConfig,

    /// <summary>
    /// <c>"output_format": {"type": "json_schema", "schema": …}</c>: the form of 2025, which requires <c>structured-outputs-2025-11-13</c>
    /// in <see cref="AnthropicProtocol.Betas"/>.
    /// </summary>
    OutputFormat,

    /// <summary>The service accepts none; the format is left out with a quirk.</summary>
    None,
}
