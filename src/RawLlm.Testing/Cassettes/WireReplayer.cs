using System.Net;
using System.Text;

namespace RawLlm.Testing;

/// <summary>
/// A handler for an <see cref="LlmClient"/>'s <see cref="HttpClient"/> that answers from a cassette, without a network. Thread-safe.
/// </summary>
/// <remarks>
/// <para>A request is answered by the first recorded call that was not played yet and has the same method, path, query and body. JSON is
/// compared by value: the order of members and white space do not matter, the order of elements does. Hosts and headers are not compared,
/// so a cassette can be replayed with any account and without a key.</para>
/// <para>A body arrives read by read as it was recorded and ends the same way: complete, cut off or reset. If the recorded call was
/// canceled, the body stays silent until the replayed call is canceled.</para>
/// <para>A request that matches no call throws an <see cref="InvalidOperationException"/> that says how it differs from the nearest
/// one.</para>
/// </remarks>
public sealed class WireReplayer : HttpMessageHandler
{
    private readonly Lock _lock = new();
    private readonly string _path;
    private readonly List<RecordedCall> _calls;
    private readonly bool[] _played;
    private readonly CassetteOptions _options;

    /// <summary>Creates a replayer.</summary>
    /// <param name="path">The cassette.</param>
    /// <param name="options">How calls are matched and how fast they are answered; null for the defaults.</param>
    /// <exception cref="InvalidOperationException">The cassette is missing or cannot be read.</exception>
    public WireReplayer(string path, CassetteOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        _path = Path.GetFullPath(path);
        _options = options ?? CassetteOptions.Default;
        _calls = CassetteFile.Load(_path);
        _played = new bool[_calls.Count];
    }

    /// <summary>Checks that every recorded call was played.</summary>
    /// <exception cref="InvalidOperationException">A call was not played.</exception>
    public void AssertAllPlayed()
    {
        var missing = new StringBuilder();
        lock (_lock)
        {
            for (int i = 0; i < _calls.Count; i++)
            {
                if (!_played[i])
                    missing.Append(missing.Length == 0 ? "" : ", ").Append(i + 1).Append(" (").Append(_calls[i]).Append(')');
            }
        }
        if (missing.Length > 0)
            throw new InvalidOperationException($"Recorded calls in {_path} were not played: {missing}. {HowToRecord()}");
    }

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var call = TakeCall(await AskedAsync(request, cancellationToken).ConfigureAwait(false));
        if (_options.KeepGaps && call.Status is not null)
            await Task.Delay(TimeSpan.FromMilliseconds(call.HeadAt), _options.Time, cancellationToken).ConfigureAwait(false);
        if (call.Status is not { } status)
        {
            if (call.Failure is { } failure)
                throw failure.OfRequest();
            // The recorded caller gave up before there was an answer.
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(false);
        }
        var response = new HttpResponseMessage((HttpStatusCode)(call.Status ?? 0))
        {
            RequestMessage = request,
            Content = new PlayedContent(new PlayedBody(Steps(call), _options.Time)),
        };
        foreach (var (name, value) in call.ResponseHeaders)
        {
            if (!response.Headers.TryAddWithoutValidation(name, value))
                response.Content.Headers.TryAddWithoutValidation(name, value);
        }
        return response;
    }

    /// <inheritdoc/>
    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) =>
        SendAsync(request, cancellationToken).GetAwaiter().GetResult();

    private static async Task<ReplayRequest> AskedAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var mask = new SecretMask();
        foreach (var (name, values) in request.Headers.NonValidated)
        {
            foreach (string value in values)
                mask.Add(name, value);
        }
        mask.Add(request.RequestUri!);
        byte[]? body = null;
        if (request.Content is { } content)
        {
            body = [.. await content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false)];
            mask.Apply(body);
        }
        return new(request.Method.Method, mask.Apply(RecordedPath.Of(request.RequestUri!)), body);
    }

    private RecordedCall TakeCall(ReplayRequest asked)
    {
        lock (_lock)
        {
            int again = -1;
            int nearest = -1;
            JsonDifference difference = default;
            for (int i = 0; i < _calls.Count; i++)
            {
                var to = asked.Compare(_calls[i], _options.IgnoredMembers);
                if (to.Count == 0 && !_played[i])
                {
                    _played[i] = true;
                    return _calls[i];
                }
                if (to.Count == 0)
                    again = i;
                else if (nearest < 0 || to.Count < difference.Count)
                    (nearest, difference) = (i, to);
            }
            if (again >= 0 && _options.Repeats)
                return _calls[again];
            string why =
                again >= 0 ? $"call {again + 1} matches but was already played (set CassetteOptions.Repeats to play it again)"
                : nearest >= 0
                    ? $"the nearest is call {nearest + 1}, which differs in {difference.First}{(difference.Count > 1 && _calls[nearest].Path == asked.Path ? $" (and in {difference.Count - 1} more)" : "")}"
                : "it contains no calls";
            throw new InvalidOperationException($"{_path} has no recording of this {asked}: {why}. {HowToRecord()}");
        }
    }

    private List<BodyStep> Steps(RecordedCall call)
    {
        var steps = new List<BodyStep>();
        long now = call.HeadAt;
        foreach (var read in call.Reads)
        {
            Wait(read.At);
            steps.Add(BodyStep.Send(read.Bytes));
        }
        if (call.End is RecordedEnd.Broken or RecordedEnd.Complete)
            Wait(call.EndAt);
        if (call.End == RecordedEnd.Broken)
            steps.Add(BodyStep.Fail((call.Failure ?? new RecordedFailure(null, null)).OfBody));
        else if (call.End == RecordedEnd.Cancelled)
            steps.Add(BodyStep.WaitForever);
        // What would have come next is not known.
        else if (call.End == RecordedEnd.Left)
        {
            steps.Add(
                BodyStep.Fail(() =>
                    new InvalidOperationException(
                        $"The recording of {call} in {_path} ends here, because its reader stopped reading. {HowToRecord()}"
                    )
                )
            );
        }

        return steps;

        void Wait(long until)
        {
            if (_options.KeepGaps && until > now)
                steps.Add(BodyStep.Wait(TimeSpan.FromMilliseconds(until - now)));
            now = until;
        }
    }

    private static string HowToRecord() =>
        $"To record again, delete the file or set {Cassette.ModeVariable}=record, and run the test with an API key and a network connection.";
}
