using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace RawLlm.Comparisons.Native;

/// <summary>One run of a native program against a server in this process.</summary>
/// <param name="RequestMilliseconds">The time from its start until the server has its whole request.</param>
/// <param name="TextMilliseconds">The time from its start to its first output.</param>
/// <param name="ResidentBytes">Its peak resident memory until then.</param>
internal sealed record NativeRun(double RequestMilliseconds, double TextMilliseconds, long ResidentBytes)
{
    private static readonly byte[] First = Encoding.UTF8.GetBytes(
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\ndata: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"Rayleigh\"},\"finish_reason\":null}]}\n\n"
    );
    private static readonly byte[] Rest = Encoding.UTF8.GetBytes(
        "data: {\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"created\":1,\"model\":\"m\",\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n"
    );

    /// <summary>Runs a program once.</summary>
    /// <exception cref="DisagreementException">The program does not print the text.</exception>
    public static NativeRun Measure(NativeProgram program, TcpListener listener)
    {
        var info = new ProcessStartInfo(program.Path) { RedirectStandardOutput = true };
        info.ArgumentList.Add($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/v1/");
        byte[] request = new byte[16 << 10];
        byte[] output = new byte[4096];
        long start = Stopwatch.GetTimestamp();
        using var process = Process.Start(info)!;
        using var connection = listener.AcceptSocket();
        int length = 0;
        while (!IsWhole(request.AsSpan(0, length)))
            length += connection.Receive(request.AsSpan(length));
        double requested = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        connection.Send(First);
        var printed = process.StandardOutput.BaseStream;
        length = printed.Read(output);
        double shown = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
        long resident = Resident(process.Id);
        connection.Send(Rest);
        connection.Shutdown(SocketShutdown.Both);
        while (length < output.Length && printed.Read(output, length, output.Length - length) is > 0 and var count)
            length += count;
        process.WaitForExit();
        if (process.ExitCode != 0 || output.AsSpan(0, length).IndexOf("Rayleigh"u8) < 0)
        {
            throw new DisagreementException(
                $"{program.Name} ended with exit code {process.ExitCode} and printed '{Encoding.UTF8.GetString(output, 0, length)}'."
            );
        }

        return new(requested, shown, resident);
    }

    private static bool IsWhole(ReadOnlySpan<byte> request)
    {
        int head = request.IndexOf("\r\n\r\n"u8);
        if (head < 0)
            return false;
        var body = request[(head + 4)..];
        string text = Encoding.UTF8.GetString(request[..head]);
        int at = text.IndexOf("Content-Length: ", StringComparison.OrdinalIgnoreCase);
        // A body without a Content-Length is chunked.
        return at < 0
            ? body.EndsWith("0\r\n\r\n"u8)
            : body.Length
                >= int.Parse(
                    text.AsSpan(at + 16, text.AsSpan(at + 16).IndexOfAny('\r', '\n') is >= 0 and var end ? end : text.Length - at - 16),
                    CultureInfo.InvariantCulture
                );
    }

    private static long Resident(int process)
    {
        string line = File.ReadLines($"/proc/{process}/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        return long.Parse(line.AsSpan(6, line.Length - 8).Trim(), CultureInfo.InvariantCulture) << 10;
    }
}
