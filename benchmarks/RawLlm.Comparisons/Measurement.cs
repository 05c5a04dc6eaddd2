namespace RawLlm.Comparisons;

/// <summary>Measures the readers of one stream after checking that they read the same text.</summary>
internal static class Measurement
{
    /// <summary>Measures all contenders of one stream.</summary>
    /// <exception cref="DisagreementException">A contender decodes different text.</exception>
    public static List<Sample> Run(Workload workload, IReadOnlyList<Contender> contenders, TimeSpan budget)
    {
        var shape = workload.Shape;
        foreach (var contender in contenders)
        {
            long length = contender.Run(shape);
            if (contender.Checks && length != workload.TextBytes)
            {
                throw new DisagreementException(
                    $"{contender.Name} reads {length} bytes of text from {workload.Name}, which holds {workload.TextBytes}."
                );
            }
        }
        var alternatives = contenders
            .Select(contender => new Alternative(contender.Name, shape.ChunkCount, () => contender.Run(shape)))
            .ToList();
        return
        [
            .. Turns
                .Measure(alternatives, budget)
                .Select(timing => new Sample(
                    workload.Name,
                    timing.Name,
                    timing.Least,
                    timing.Median,
                    timing.First,
                    timing.Bytes,
                    timing.Runs
                )),
        ];
    }
}
