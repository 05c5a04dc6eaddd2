namespace RawLlm.Tests.Support;

/// <summary>Makes a failure of what would never end.</summary>
internal static class Bounded
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    /// <summary>Runs on a thread of its own, so that a loop without an await is left behind as well.</summary>
    /// <param name="where">What to say of the run that does not end, such as the line that replays it.</param>
    /// <param name="run">What to run.</param>
    public static async Task<T> Run<T>(Func<string> where, Func<Task<T>> run)
    {
        var task = Task.Run(run);
        try
        {
            return await task.WaitAsync(Longest);
        }
        catch (TimeoutException) when (!task.IsCompleted)
        {
            throw new TimeoutException($"It does not end: {where()}");
        }
    }

    public static Task Run(Func<string> where, Func<Task> run) => Run(where, async () =>
    {
        await run();
        return true;
    });
}
