using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;

namespace RawLlm.Cli.Demo;

/// <summary>Answers the requests on one connection, one after another.</summary>
internal sealed class DemoConnection(Stream stream, TimeSpan pause)
{
    private int _requests;

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var input = PipeReader.Create(stream, new StreamPipeReaderOptions(leaveOpen: true));
        var requests = new RequestReader(input, stream);
        try
        {
            bool keepsAlive = true;
            while (keepsAlive && await requests.ReadAsync(cancellationToken).ConfigureAwait(false) is { } request)
            {
                keepsAlive = request.KeepsAlive;
                try
                {
                    await AnswerAsync(request, cancellationToken).ConfigureAwait(false);
                }
                catch (DemoFault fault)
                {
                    await RefuseAsync(fault, keepsAlive, cancellationToken).ConfigureAwait(false);
                }
            }
        }
        catch (DemoFault fault)
        {
            await RefuseAsync(fault, keepsAlive: false, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await input.CompleteAsync().ConfigureAwait(false);
        }
    }

    private Task AnswerAsync(DemoRequest request, CancellationToken cancellationToken) =>
        request switch
        {
            { Method: "POST", Path: "/v1/chat/completions" } => ChatAsync(request, cancellationToken),
            { Method: "GET", Path: "/v1/models" } => SendAsync(200, DemoAnswer.Models(), request.KeepsAlive, cancellationToken),
            { Path: "/v1/chat/completions" or "/v1/models" } => throw new DemoFault(
                405,
                "method_not_allowed",
                $"{request.Path} does not accept {request.Method}."
            ),
            _ => throw new DemoFault(
                404,
                "unknown_path",
                $"There is no {request.Path} here. The demonstration serves POST /v1/chat/completions and GET /v1/models."
            ),
        };

    private Task ChatAsync(DemoRequest request, CancellationToken cancellationToken)
    {
        var answer = DemoAnswer.Read(request.Body);
        return answer.IsStream
            ? StreamAsync(answer, request.KeepsAlive, cancellationToken)
            : SendAsync(200, answer.Whole(), request.KeepsAlive, cancellationToken);
    }

    private async Task StreamAsync(DemoAnswer answer, bool keepsAlive, CancellationToken cancellationToken)
    {
        await WriteHeadAsync(
                200,
                "Content-Type: text/event-stream\r\nCache-Control: no-cache\r\nTransfer-Encoding: chunked",
                keepsAlive,
                cancellationToken
            )
            .ConfigureAwait(false);
        foreach (byte[] data in answer.Events())
        {
            await WriteChunkAsync(data, cancellationToken).ConfigureAwait(false);
            if (pause > TimeSpan.Zero)
                await Task.Delay(pause, cancellationToken).ConfigureAwait(false);
        }
        await WriteChunkAsync("[DONE]"u8.ToArray(), cancellationToken).ConfigureAwait(false);
        await stream.WriteAsync("0\r\n\r\n"u8.ToArray(), cancellationToken).ConfigureAwait(false);
    }

    // Writes one server-sent event as one HTTP chunk.
    private async Task WriteChunkAsync(byte[] data, CancellationToken cancellationToken)
    {
        int length = "data: "u8.Length + data.Length + "\n\n"u8.Length;
        byte[] head = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{length:x}\r\ndata: "));
        byte[] chunk = [.. head, .. data, .. "\n\n\r\n"u8];
        await stream.WriteAsync(chunk, cancellationToken).ConfigureAwait(false);
    }

    private Task RefuseAsync(DemoFault fault, bool keepsAlive, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream();
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteStartObject("error");
            json.WriteString("message", fault.Message);
            json.WriteString("type", "invalid_request_error");
            json.WriteNull("param");
            json.WriteString("code", fault.Code);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return SendAsync(fault.Status, body.ToArray(), keepsAlive, cancellationToken);
    }

    private async Task SendAsync(int status, byte[] body, bool keepsAlive, CancellationToken cancellationToken)
    {
        await WriteHeadAsync(
                status,
                string.Create(CultureInfo.InvariantCulture, $"Content-Type: application/json\r\nContent-Length: {body.Length}"),
                keepsAlive,
                cancellationToken
            )
            .ConfigureAwait(false);
        await stream.WriteAsync(body, cancellationToken).ConfigureAwait(false);
    }

    private async Task WriteHeadAsync(int status, string headers, bool keepsAlive, CancellationToken cancellationToken)
    {
        string connection = keepsAlive ? "" : "Connection: close\r\n";
        string head = string.Create(
            CultureInfo.InvariantCulture,
            $"HTTP/1.1 {status} {Phrase(status)}\r\n{headers}\r\nx-request-id: demo-{++_requests}\r\n{connection}\r\n"
        );
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head), cancellationToken).ConfigureAwait(false);
    }

    private static string Phrase(int status) =>
        status switch
        {
            200 => "OK",
            400 => "Bad Request",
            404 => "Not Found",
            405 => "Method Not Allowed",
            411 => "Length Required",
            413 => "Content Too Large",
            431 => "Request Header Fields Too Large",
            _ => "Error",
        };
}
