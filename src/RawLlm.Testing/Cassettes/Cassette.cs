using System.Runtime.CompilerServices;

namespace RawLlm.Testing;

/// <summary>The calls of a test in a file: replayed if the file exists, otherwise recorded. Dispose it when the test ends.</summary>
/// <remarks>
/// The environment variable <c>RAWLLM_CASSETTES=record</c> records every cassette that is opened in <see cref="CassetteMode.Auto"/> again;
/// <c>RAWLLM_CASSETTES=replay</c> records none. Without this variable, none is recorded either if <c>CI</c> is set, as on build servers: a
/// missing cassette is then an error.
/// </remarks>
public sealed class Cassette : IDisposable
{
    internal const string ModeVariable = "RAWLLM_CASSETTES";

    private readonly HttpMessageHandler _handler;
    private readonly WireReplayer? _replayer;

    private Cassette(string path, HttpMessageHandler handler, WireReplayer? replayer)
    {
        Path = path;
        _handler = handler;
        _replayer = replayer;
        Http = new HttpClient(handler, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };
    }

    /// <summary>The path of the file.</summary>
    public string Path { get; }

    /// <summary>Whether the file is replayed; otherwise it is recorded.</summary>
    public bool IsReplaying => _replayer is not null;

    /// <summary>An HTTP client whose calls are recorded or replayed; disposed with the cassette.</summary>
    public HttpClient Http { get; }

    /// <summary>Opens a cassette.</summary>
    /// <param name="path">The file. A relative path starts at the folder of the calling source file, so that the recording can be
    /// committed; if that folder is not on this machine, at <see cref="AppContext.BaseDirectory"/>.</param>
    /// <param name="options">How calls are recorded, matched and replayed; null for the defaults.</param>
    /// <param name="mode">Whether to replay or to record.</param>
    /// <param name="inner">Sends the requests of a recording; null for <see cref="LlmClient.CreateHandler"/>. It is disposed with the
    /// cassette.</param>
    /// <param name="sourceFile">Filled in by the compiler.</param>
    /// <exception cref="InvalidOperationException">The cassette is to be replayed, but is missing or cannot be read.</exception>
    public static Cassette Open(
        string path,
        CassetteOptions? options = null,
        CassetteMode mode = CassetteMode.Auto,
        HttpMessageHandler? inner = null,
        [CallerFilePath] string sourceFile = ""
    ) => Open(path, options, mode, inner, sourceFile, Environment.GetEnvironmentVariable);

    internal static Cassette Open(
        string path,
        CassetteOptions? options,
        CassetteMode mode,
        HttpMessageHandler? inner,
        string sourceFile,
        Func<string, string?> environment
    )
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        string full = Locate(path, sourceFile);
        if (Decide(mode, full, environment))
        {
            var recorder = new WireRecorder(full, inner, options);
            return new Cassette(full, recorder, null);
        }
        inner?.Dispose();
        var replayer = new WireReplayer(full, options);
        return new Cassette(full, replayer, replayer);
    }

    /// <summary>Creates a client whose calls are recorded or replayed. A replay needs no API key.</summary>
    /// <param name="provider">The service, such as <c>Providers.OpenAI</c>.</param>
    /// <param name="model">The model, by the service's own name.</param>
    /// <param name="options">How the client behaves; null for the defaults.</param>
    public LlmClient CreateClient(Provider provider, string model, LlmClientOptions? options = null) =>
        IsReplaying
            ? KeylessClient.Create(KeylessClient.Keyless(provider), model, options, Http)
            : new LlmClient(provider, model, options, Http);

    /// <summary>Checks that every recorded call was played; does nothing while recording.</summary>
    /// <exception cref="InvalidOperationException">A call was not played.</exception>
    public void AssertAllPlayed() => _replayer?.AssertAllPlayed();

    /// <summary>Disposes the HTTP client; a recording is written to its file.</summary>
    /// <exception cref="InvalidOperationException">The file cannot be written.</exception>
    public void Dispose()
    {
        Http.Dispose();
        _handler.Dispose();
    }

    private static string Locate(string path, string sourceFile)
    {
        if (System.IO.Path.IsPathRooted(path))
            return path;
        string? beside = System.IO.Path.GetDirectoryName(sourceFile);
        return System.IO.Path.GetFullPath(
            path,
            string.IsNullOrEmpty(beside) || !Directory.Exists(beside) ? AppContext.BaseDirectory : beside
        );
    }

    // Returns whether to record.
    private static bool Decide(CassetteMode mode, string path, Func<string, string?> environment)
    {
        if (mode != CassetteMode.Auto)
            return mode == CassetteMode.Record;
        string? asked = environment(ModeVariable);
        switch (asked?.Trim().ToLowerInvariant())
        {
            case "record":
                return true;
            case "replay":
                return false;
            case null or "" or "auto":
                break;
            default:
                throw new InvalidOperationException($"{ModeVariable} is '{asked}'; set it to record, replay or auto.");
        }
        if (File.Exists(path))
            return false;
        if (environment("CI") is not ({ Length: > 0 } ci) || ci.Equals("false", StringComparison.OrdinalIgnoreCase) || ci == "0")
            return true;
        throw new InvalidOperationException(
            $"There is no cassette {path}, and none is recorded if CI is set. Run the test on a machine with an API key, and commit the file that it writes."
        );
    }
}
