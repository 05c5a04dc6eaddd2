using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Diagnostics.Tracing;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using RawLlm.Protocols;
using RawLlm.Tests.Wire;
using Xunit.Abstractions;

namespace RawLlm.Tests.Faults;

/// <summary>Searches for a key everywhere something could be written, over all wires and faults.</summary>
[Collection(Allocation.AllocationCollection.Name)]
public sealed class CanaryTests(ITestOutputHelper output)
{
    private const string Key = "sk-Canary7Zq3XwV9/tR2+bN5mK8";
    private const string Prompt = "prompt-canary-4Hs9Lp2Qw7";

    private static readonly string[] Wires =
    [
        "anthropic",
        "converse",
        "bedrock-invoke",
        "chat-completions",
        "responses",
        "gemini",
        "ollama",
    ];

    [Fact]
    [Case(111, 114)]
    public async Task Key_AllWiresAndFaults_AppearsInNoOutput()
    {
        var sinks = new StringBuilder();
        int calls = 0;
        using var platform = new ToldSinks(sinks);
        foreach (string name in Wires)
        {
            foreach (var credential in (Credential[])[Credential.Bearer(Key), Credential.Header("x-api-key", Key)])
            {
                foreach (var script in Faults())
                {
                    foreach (bool isStream in (bool[])[false, true])
                    {
                        calls++;
                        using var wire = new FaultWire(script) { AllowsUnused = true };
                        var provider = new Provider(name, new Uri("http://127.0.0.1:9/v1/"), WireProtocols.Get(name), credential);
                        var client = wire.Client(FaultRun.Once with { KeepRaw = true }, provider);
                        Write(sinks, client.Provider, client.Provider.Credential, client.Options, provider.ToString());
                        try
                        {
                            if (!isStream)
                            {
                                Write(sinks, await client.SendAsync(Prompt, wire.Token));
                            }
                            else
                            {
                                await using var stream = await client.StreamAsync(Prompt, wire.Token);
                                await foreach (var update in stream.UpdatesAsync(wire.Token))
                                    Write(sinks, update);
                            }
                        }
                        catch (Exception e) when (e is LlmException or ArgumentException)
                        {
                            Write(sinks, e);
                        }
                    }
                }
            }
        }
        string all;
        lock (sinks)
            all = sinks.ToString();
        output.WriteLine($"{calls} calls, {all.Length:N0} characters of sinks");
        Assert.True(calls > 300 && all.Length > 100_000);
        // Shows that the library's own telemetry was captured.
        Assert.Contains("rawllm.outcome=failed", all, StringComparison.Ordinal);
        Assert.Contains("rawllm.attempt_failed", all, StringComparison.Ordinal);
        Assert.Contains("gen_ai.client.operation.duration gen_ai.operation.name=chat", all, StringComparison.Ordinal);
        foreach (string form in Forms())
            Assert.False(all.Contains(form, StringComparison.OrdinalIgnoreCase), $"'{form}' came out: …{Around(all, form)}…");
    }

    private static IEnumerable<string> Forms()
    {
        string[] whole =
        [
            Key,
            Uri.EscapeDataString(Key),
            Convert.ToBase64String(Encoding.UTF8.GetBytes(Key)).TrimEnd('='),
            Convert.ToHexString(Encoding.UTF8.GetBytes(Key)),
        ];
        foreach (string form in whole)
            yield return form;
        for (int start = 0; start + 8 <= Key.Length; start++)
            yield return Key.Substring(start, 8);
        yield return Prompt;
    }

    private static IEnumerable<Script> Faults()
    {
        string echo =
            $$"""{"error":{"message":"Key {{Key}} is wrong ({{Uri.EscapeDataString(Key)}})","code":"{{Key}}","type":"{{Key}}"},"request_id":"{{Key}}"}""";
        yield return Script.Refuse(SocketError.HostNotFound);
        yield return Script.Refuse(SocketError.ConnectionRefused);
        yield return Script.OnRequest.Fin();
        yield return Script.OnRequest.Rst();
        foreach (int status in (int[])[400, 401, 403, 404, 413, 429, 500, 503, 999])
        {
            yield return Script.OnRequest.Answer(
                status,
                "application/json",
                echo,
                $"x-request-id: {Key}",
                $"X-Echo: {Key}",
                $"Retry-After: {Key}"
            );
        }

        yield return Script.OnRequest.Answer(200, "application/json", echo);
        yield return Script.OnRequest.Answer(401, "text/plain", $"Authorization: Bearer {Key}");
        yield return Script.OnRequest.Answer(200, "text/html", $"<title>{Key}</title>");
        yield return Script.OnRequest.Head(302, $"Location: https://example.org/?key={Key}", "Content-Length: 0");
        yield return Script.OnRequest.Answer(200, "application/json", $"not json {Key}");
        yield return Script.OnRequest.Sse().Chunk($"data: {echo}\n\n").LastChunk();
        yield return Script.OnRequest.Sse().Chunk($"data: {{{Key}\n\n").LastChunk();
        yield return Script.OnRequest.Sse().Send("ZZ" + Key + "\r\n").Fin();
        yield return Script.OnRequest.Send($"HTTP/1.1 {Key}\r\n\r\n").Fin();
        yield return Script.OnRequest.Head(200, "Content-Type: application/json", $"Content-Length: {Key}").Fin();
        yield return Script.OnRequest.Head(200, "Content-Type: application/json", $"Content-Encoding: {Key}").Send("x").Fin();
        yield return Script.OnRequest.PassForever();
    }

    // Locks because the listeners write concurrently.
    private static void Write(StringBuilder sinks, params object[] values)
    {
        lock (sinks)
        {
            foreach (object value in values)
            {
                sinks.AppendLine(value.ToString());
                if (value is LlmException e)
                {
                    foreach (
                        var property in typeof(LlmException).GetProperties().Where(property => property.GetIndexParameters().Length == 0)
                    )
                    {
                        sinks.AppendLine(property.GetValue(e)?.ToString());
                    }

                    sinks.AppendJoin('\n', e.Attempts).AppendLine();
                    foreach (object? entry in e.Data)
                        sinks.AppendLine(entry?.ToString());
                    for (Exception? inner = e.InnerException; inner is not null; inner = inner.InnerException)
                        sinks.AppendLine(inner.ToString());
                }
                if (value is Credential or LlmClientOptions)
                {
                    sinks.AppendLine(
                        value is Credential credential
                            ? JsonSerializer.Serialize(credential)
                            : JsonSerializer.Serialize(((LlmClientOptions)value).Limits)
                    );
                }
            }
        }
    }

    private static string Around(string text, string form)
    {
        int at = text.IndexOf(form, StringComparison.OrdinalIgnoreCase);
        return text[Math.Max(0, at - 80)..Math.Min(text.Length, at + 80)];
    }

    /// <summary>Captures what the library and the platform report about a request: activities, metrics, events.</summary>
    private sealed class ToldSinks : EventListener
    {
        private readonly StringBuilder _sinks;
        private readonly ActivityListener _activities;
        private readonly MeterListener _meters = new();

        public ToldSinks(StringBuilder sinks)
        {
            _sinks = sinks;
            _activities = new ActivityListener
            {
                ShouldListenTo = _ => true,
                Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
                ActivityStopped = activity =>
                    Add(
                        $"{activity.DisplayName} {string.Join(' ', activity.TagObjects.Select(Text))} {string.Join(' ', activity.Events.Select(e => $"{e.Name} {string.Join(' ', e.Tags.Select(Text))}"))} {activity.StatusDescription} {string.Join(' ', activity.Baggage)}"
                    ),
            };
            ActivitySource.AddActivityListener(_activities);
            _meters.InstrumentPublished = (instrument, listener) => listener.EnableMeasurementEvents(instrument);
            _meters.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Add($"{instrument.Name} {Tags(tags)}"));
            _meters.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Add($"{instrument.Name} {Tags(tags)}"));
            _meters.Start();
        }

        public override void Dispose()
        {
            _activities.Dispose();
            _meters.Dispose();
            base.Dispose();
        }

        protected override void OnEventSourceCreated(EventSource eventSource)
        {
            if (eventSource.Name == "System.Net.Http")
                EnableEvents(eventSource, EventLevel.Verbose);
        }

        protected override void OnEventWritten(EventWrittenEventArgs eventData) =>
            Add($"{eventData.EventName} {string.Join(' ', eventData.Payload ?? new([]))}");

        private static string Tags(ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            var text = new StringBuilder();
            foreach (var (name, value) in tags)
                text.Append(name).Append('=').Append(value).Append(' ');
            return text.ToString();
        }

        private static string Text(KeyValuePair<string, object?> tag) =>
            $"{tag.Key}={(tag.Value is string[] texts ? string.Join(' ', texts) : tag.Value)}";

        private void Add(string text)
        {
            if (_sinks is null)
                return;
            lock (_sinks)
                _sinks.AppendLine(text);
        }
    }
}
