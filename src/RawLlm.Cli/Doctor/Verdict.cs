namespace RawLlm.Cli.Doctor;

/// <summary>The result of a check of an endpoint.</summary>
internal enum Verdict
{
    /// <summary>It works as the wire specifies.</summary>
    Works,

    /// <summary>It works differently from what the wire specifies, or only in part.</summary>
    Differs,

    /// <summary>It does not work.</summary>
    Fails,

    /// <summary>
    /// It was not checked, because something that it depends on does not work or was not requested, or because of a rate limit or an
    /// overloaded service.
    /// </summary>
    Skipped,
}
