namespace RawLlm.Traffic;

/// <summary>Pieces of text of about the size that models stream.</summary>
internal static class Words
{
    private static readonly string[] Plain =
    [
        " the",
        " of",
        " and",
        " to",
        " a",
        " in",
        " is",
        " it",
        " for",
        " that",
        " with",
        " as",
        " on",
        " by",
        " this",
        " be",
        " are",
        " from",
        " stream",
        " token",
        " value",
        " number",
        " example",
        " result",
        " water",
        " small",
        " between",
        " because",
        " question",
        " answer",
        ",",
        ".",
        ":",
        "-",
        "'s",
        "ing",
        "ed",
        "ly",
        "s",
        " (",
        ")",
        "1",
        "20",
        "3",
        " I",
        " You",
        "The",
        "In",
        "ation",
        "ment",
        " **",
        "**",
        " `",
        "`",
    ];

    private static readonly string[] Escaped = ["\n\n", "\n", ".\n\n", ":\n\n", " \"", "\"", "\",", "\\", "\t"];

    private static readonly string[] Wide =
    [
        "你好",
        "世界",
        "流式",
        "的",
        "是",
        "これは",
        "テスト",
        "です",
        "안녕",
        "하세요",
        "Привет",
        " мир",
        "é",
        "ß",
        "naïve",
        "مرحبا",
        "שלום",
        "ไทย",
        "€",
        "…",
        "—",
        "“",
        "”",
        "😀",
        "🚀",
        "👩‍💻",
        "🇩🇪",
        "𝒙",
        "𠮷",
        "e\u0301",
    ];

    // Each is outside the Basic Multilingual Plane, so it takes two UTF-16 units.
    private static readonly string[] Pairs = ["😀", "🚀", "🎉", "𠮷", "𝄞"];

    /// <summary>Returns a piece of English; one in fourteen contains an escape, as in text with paragraphs.</summary>
    public static string Piece(ref SplitMix64 random) => random.Below(14) == 0 ? random.Pick<string>(Escaped) : random.Pick<string>(Plain);

    /// <summary>Returns a piece of text in another script, or English.</summary>
    public static string WidePiece(ref SplitMix64 random) => random.Below(4) == 0 ? Piece(ref random) : random.Pick<string>(Wide);

    /// <summary>Returns a character of two UTF-16 units.</summary>
    public static string Pair(ref SplitMix64 random) => random.Pick<string>(Pairs);
}
