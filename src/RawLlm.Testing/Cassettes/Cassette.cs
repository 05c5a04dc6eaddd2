using System.Runtime.CompilerServices;

namespace RawLlm.Testing;

/// <summary>The calls of a test in a file: replayed where it is there, recorded where it is not. Dispose it when the test ends.</summary>
/// <remarks>
/// With the environment variable <c>RAWLLM_CASSETTES=record</c> every cassette that is opened in <see cref="CassetteMode.Auto"/> is recorded anew, with
/// <c>RAWLLM_CASSETTES=replay</c> none is ever recorded. The latter holds too where <c>CI</c> is set, as build servers do: there a missing cassette is an error.
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

    /// <summary>Where the file is.</summary>
    public string Path { get; }

    /// <summary>True where the file is replayed, false where it is recorded.</summary>
    public bool IsReplaying => _replayer is not null;

    /// <summary>A client of HTTP whose calls are recorded or replayed; disposed with the cassette.</summary>
    public HttpClient Http { get; }

    /// <summary>Opens a cassette.</summary>
    /// <param name="path">The file. A relative one lies beside the source file that calls this, so that it is recorded where it is committed; where that folder is not on this machine, below <see cref="AppContext.BaseDirectory"/>.</param>
    /// <param name="options">How calls are recorded, found and played; the defaults when null.</param>
    /// <param name="mode">Whether it is replayed or recorded.</param>
    /// <param name="inner">What sends the requests of a recording; <see cref="LlmClient.CreateHandler"/> when null. It is disposed with the cassette.</param>
    /// <param name="sourceFile">The compiler's to fill in.</param>
    /// <exception cref="InvalidOperationException">It is to be replayed, and is missing or cannot be read.</exception>
    public static Cassette Open(string path, CassetteOptions? options = null, CassetteMode mode = CassetteMode.Auto, HttpMessageHandler? inner = null, [CallerFilePath] string sourceFile = "") =>
        Open(path, options, mode, inner, sourceFile, Environment.GetEnvironmentVariable);

    internal static Cassette Open(string path, CassetteOptions? options, CassetteMode mode, HttpMessageHandler? inner, string sourceFile, Func<string, string?> environment)
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

    /// <summary>A client whose calls are recorded or replayed. While they are replayed, a service's key need not be set.</summary>
    /// <param name="provider">The service, as in <c>Providers.OpenAI</c>.</param>
    /// <param name="model">The model, by the service's own name.</param>
    /// <param name="options">How the client behaves; the defaults when null.</param>
    public LlmClient CreateClient(Provider provider, string model, LlmClientOptions? options = null) =>
        IsReplaying ? KeylessClient.Create(KeylessClient.Keyless(provider), model, options, Http) : new LlmClient(provider, model, options, Http);

    /// <summary>Checks that every recorded call was asked for; while recording there is nothing to check.</summary>
    /// <exception cref="InvalidOperationException">One was not.</exception>
    public void AssertAllPlayed() => _replayer?.AssertAllPlayed();

    /// <summary>Ends the test's calls; a recording is written.</summary>
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
        return System.IO.Path.GetFullPath(path, string.IsNullOrEmpty(beside) || !Directory.Exists(beside) ? AppContext.BaseDirectory : beside);
    }

    // True to record.
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
                throw new InvalidOperationException($"{ModeVariable} is '{asked}'; it takes record, replay or auto.");
        }
        if (File.Exists(path))
            return false;
        if (environment("CI") is not ({ Length: > 0 } ci) || ci.Equals("false", StringComparison.OrdinalIgnoreCase) || ci == "0")
            return true;
        throw new InvalidOperationException($"There is no cassette {path}, and none is recorded where CI is set. Run the test on a machine with a key, and commit the file that it writes.");
    }
}
