using System.Net.Http.Headers;

namespace RawLlm.Testing;

/// <summary>A call that is being recorded.</summary>
/// <param name="call">What is known about the call so far.</param>
/// <param name="mask">The secrets of the request.</param>
/// <param name="options">The clock and the headers to write.</param>
/// <param name="ended">Called once, when the call has ended.</param>
internal sealed class CallRecording(RecordedCall call, SecretMask mask, CassetteOptions options, Action ended)
{
    private const string Encoding = "content-encoding";

    private readonly Lock _lock = new();
    private readonly long _start = options.Time.GetTimestamp();
    private SecretMask? _answerMask;
    private bool _isEnded;

    public void Head(HttpResponseMessage response)
    {
        lock (_lock)
        {
            call.Status = (int)response.StatusCode;
            call.HeadAt = Now();
            // The request's body is masked only with secrets of the request: a replayer knows no others.
            var answerMask = new SecretMask(mask);
            RecordHeaders(response.Headers.NonValidated, answerMask);
            RecordHeaders(response.Content.Headers.NonValidated, answerMask);
            _answerMask = answerMask;
        }
    }

    /// <summary>Records the bytes of a read; no bytes mean the end of the body.</summary>
    public void Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            End(RecordedEnd.Complete, null);
            return;
        }
        lock (_lock)
        {
            if (!_isEnded)
                call.Reads.Add(new RecordedRead(Now(), bytes.ToArray()));
        }
    }

    /// <summary>Records why no response, or no more of its body, arrived.</summary>
    public void Fail(Exception e) => End(e is OperationCanceledException ? RecordedEnd.Cancelled : RecordedEnd.Broken, e);

    /// <summary>Records that the reader stopped reading.</summary>
    public void Leave() => End(RecordedEnd.Left, null);

    /// <summary>Returns what to write, without secrets.</summary>
    public RecordedCall Snapshot()
    {
        lock (_lock)
        {
            var responseHeaders = Masked(call.ResponseHeaders, _answerMask ?? mask);
            var end = call.End;
            var reads = Masked(call.Reads, responseHeaders, ref end);
            return new RecordedCall
            {
                Method = call.Method,
                Path = call.Path,
                RequestHeaders = Masked(call.RequestHeaders, mask),
                Body = Masked(call.Body),
                Status = call.Status,
                HeadAt = call.HeadAt,
                ResponseHeaders = responseHeaders,
                Reads = reads,
                End = end,
                EndAt = _isEnded ? call.EndAt : Now(),
                Failure = call.Failure,
            };
        }
    }

    private void End(RecordedEnd end, Exception? failure)
    {
        lock (_lock)
        {
            if (_isEnded)
                return;
            _isEnded = true;
            call.End = end;
            call.EndAt = Now();
            if (end == RecordedEnd.Broken)
                call.Failure = RecordedFailure.Of(failure!);
        }
        ended();
    }

    private void RecordHeaders(HttpHeadersNonValidated headers, SecretMask answerMask)
    {
        foreach (var (name, values) in headers)
        {
            if (RecordedHeaders.MayRecordResponse(name, options.KeptHeaders))
            {
                call.ResponseHeaders[name.ToLowerInvariant()] = values.ToString();
                continue;
            }
            foreach (string value in values)
                answerMask.AddAnswered(name, value);
        }
    }

    private byte[]? Masked(byte[]? body)
    {
        if (body is null)
            return null;
        byte[] copy = [.. body];
        mask.Apply(copy);
        return copy;
    }

    private static SortedDictionary<string, string> Masked(SortedDictionary<string, string> headers, SecretMask by)
    {
        var masked = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, value) in headers)
            masked[name] = by.Apply(value);
        return masked;
    }

    private List<RecordedRead> Masked(List<RecordedRead> reads, SortedDictionary<string, string> headers, ref RecordedEnd end)
    {
        if (reads.Count > 0 && headers.TryGetValue(Encoding, out string? encoding))
        {
            bool hasSecret = TryMask(CompressedReads.Unpack(reads, encoding, out bool isReadable, out bool isEnded), out var unpacked);
            // A body that cannot be decompressed must fail in a replay as well, unless a secret was found in its readable part.
            if (isReadable || hasSecret)
            {
                headers.Remove(Encoding);
                if (isEnded && end == RecordedEnd.Left)
                    end = RecordedEnd.Complete;
                return unpacked;
            }
        }
        return TryMask(reads, out var masked) ? masked : [.. reads];
    }

    // All reads together, because a secret may span two of them.
    private bool TryMask(List<RecordedRead> reads, out List<RecordedRead> masked)
    {
        masked = reads;
        int length = 0;
        foreach (var read in reads)
            length += read.Bytes.Length;
        byte[] all = new byte[length];
        int at = 0;
        foreach (var read in reads)
        {
            read.Bytes.CopyTo(all, at);
            at += read.Bytes.Length;
        }
        if (!(_answerMask ?? mask).Apply(all))
            return false;
        masked = new List<RecordedRead>(reads.Count);
        at = 0;
        foreach (var read in reads)
        {
            masked.Add(read with { Bytes = all[at..(at + read.Bytes.Length)] });
            at += read.Bytes.Length;
        }
        return true;
    }

    private long Now() => (long)options.Time.GetElapsedTime(_start).TotalMilliseconds;
}
