namespace RawLlm.Cli.Doctor;

/// <summary>What a check of an endpoint came to.</summary>
internal enum Verdict
{
    /// <summary>It works as the wire says.</summary>
    Works,

    /// <summary>It works otherwise than the wire says, or in part.</summary>
    Differs,

    /// <summary>It does not work.</summary>
    Fails,

    /// <summary>It was not tried, because something that it rests on does not work or was not asked for.</summary>
    Skipped,
}
