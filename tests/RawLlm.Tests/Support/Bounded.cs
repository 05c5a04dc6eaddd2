namespace RawLlm.Tests.Support;

/// <summary>Makes code that would never end fail.</summary>
internal static class Bounded
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(2);

    /// <summary>Runs the code on another thread, so that even a loop without an await can be abandoned.</summary>
    /// <param name="where">Describes the run that does not end, such as the line that replays it.</param>
    /// <param name="run">The code to run.</param>
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

    public static Task Run(Func<string> where, Func<Task> run) =>
        Run(
            where,
            async () =>
            {
                await run();
                return true;
            }
        );
}
