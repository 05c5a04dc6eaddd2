using System.Collections.Frozen;
using System.Globalization;

namespace RawLlm;

/// <summary>What RawLlm itself knows of models: data, a line each. docs/prices.md tells where it is from.</summary>
internal static class KnownModels
{
    /// <summary>The day on which the youngest of the prices was looked up.</summary>
    public static DateOnly AsOf { get; } = new(2026, 8, 26);

    // name, context, largest output, abilities, then dollars per million tokens: input, output, cached input, cache write, the same for an hour;
    // audio=input/output; after a semicolon from how many tokens of prompt on other prices hold. A dash is unknown.
    // Abilities: M streaming, T tools, P several at once, V vision, A audio, F files, R asked to think, S JSON schema; small letters: cannot.
    private const string Lines = """
        [anthropic]
        claude-fable-5              1000000  128000  MTPVaFRS  10     50     1      12.5    20
        claude-opus-5               -        -       MTPVaFR   5      25     0.5    6.25    10
        claude-opus-4-8             1000000  128000  MTPVaFRS  5      25     0.5    6.25    10
        claude-opus-4-7             1000000  128000  MTPVaFRS  5      25     0.5    6.25    10
        claude-opus-4-6             1000000  128000  MTPVaFRS  5      25     0.5    6.25    10
        claude-opus-4-5             200000   64000   MTPVaFRS  5      25     0.5    6.25    10
        claude-opus-4-1             200000   32000   MTPVaFRS  15     75     1.5    18.75   30
        claude-opus-4               200000   32000   MTPVaFR   15     75     1.5    18.75   30
        claude-opus-4-0             200000   32000   MTPVaFR   15     75     1.5    18.75   30
        claude-sonnet-5             1000000  128000  MTPVaFRS  2      10     0.2    2.5     4
        claude-sonnet-4-6           1000000  64000   MTPVaFRS  3      15     0.3    3.75    6
        claude-sonnet-4-5           -        64000   MTPVaFRS  3      15     0.3    3.75    6     ; 200000  6  22.5  0.6  7.5  12
        claude-sonnet-4             -        64000   MTPVaFR   3      15     0.3    3.75    6     ; 200000  6  22.5  0.6  7.5  12
        claude-sonnet-4-0           -        64000   MTPVaFR   3      15     0.3    3.75    6     ; 200000  6  22.5  0.6  7.5  12
        claude-haiku-4-5            200000   64000   MTPVaFRS  1      5      0.1    1.25    2
        claude-3-7-sonnet           200000   -       MTPVaFR   3      15     0.3    3.75    6
        claude-3-5-sonnet           200000   8192    MTPVaFr   3      15     0.3    3.75    6
        claude-3-5-haiku            200000   8192    MTPVaFr   0.8    4      0.08   1       1.6
        claude-3-opus               200000   4096    MTPVar    15     75     1.5    18.75   30
        claude-3-haiku              200000   4096    MTPVar    0.25   1.25   0.03   0.3     0.5
        [openai]
        gpt-5.6                     1050000  128000  MTPVaFRS  5      30     0.5    6.25    -     ; 272000  10  45    1    12.5   -
        gpt-5.6-sol                 1050000  128000  MTPVaFRS  5      30     0.5    6.25    -     ; 272000  10  45    1    12.5   -
        gpt-5.6-terra               1050000  128000  MTPVaFRS  2.5    15     0.25   3.125   -     ; 272000  5   22.5  0.5  6.25   -
        gpt-5.6-luna                1050000  128000  MTPVaFRS  1      6      0.1    1.25    -     ; 272000  2   9     0.2  2.5    -
        gpt-5.5                     1050000  128000  MTPVaFRS  5      30     0.5    -       -     ; 272000  10  45    1    -      -
        gpt-5.5-pro                 1050000  128000  TPVaFR    30     180    3      -       -     ; 272000  60  270   6    -      -
        gpt-5.4                     1050000  128000  MTPVaFRS  2.5    15     0.25   -       -     ; 272000  5   22.5  0.5  -      -
        gpt-5.4-pro                 1050000  128000  TPVaFR    30     180    3      -       -     ; 272000  60  270   6    -      -
        gpt-5.4-mini                1050000  128000  MTPVaFRS  0.75   4.5    0.075
        gpt-5.3-codex               400000   128000  MTPVaFRS  1.75   14     0.175
        gpt-5.3-chat                -        16384   MTPVaFS   1.75   14     0.175
        gpt-5.2                     400000   128000  MTPVaFRS  1.75   14     0.175
        gpt-5.2-pro                 400000   128000  TPVaFR    21     168    -
        gpt-5.2-chat                -        16384   MTPVaFS   1.75   14     0.175
        gpt-5.1                     400000   128000  MTPVaFRS  1.25   10     0.125
        gpt-5.1-codex               400000   128000  MTPVaFRS  1.25   10     0.125
        gpt-5.1-chat                -        16384   MTPVaFS   1.25   10     0.125
        gpt-5                       400000   128000  MTPVaFRS  1.25   10     0.125
        gpt-5-chat                  -        16384   MPVaF     1.25   10     0.125
        gpt-5-codex                 400000   128000  MTPVaFRS  1.25   10     0.125
        gpt-5-mini                  400000   128000  MTPVaFRS  0.25   2      0.025
        gpt-5-nano                  400000   128000  MTPVaFRS  0.05   0.4    0.005
        gpt-5-pro                   400000   272000  TPVaFR    15     120    -
        gpt-4.1                     1047576  32768   MTPVaFrS  2      8      0.5
        gpt-4.1-mini                1047576  32768   MTPVaFrS  0.4    1.6    0.1
        gpt-4.1-nano                1047576  32768   MTPVaFrS  0.1    0.4    0.025
        gpt-4o                      128000   16384   MTPVaFrS  2.5    10     1.25
        gpt-4o-2024-05-13           128000   4096    MTPVarS   5      15     -
        gpt-4o-mini                 128000   16384   MTPVaFrS  0.15   0.6    0.075
        gpt-4o-audio-preview        128000   16384   MTvArs    2.5    10     -      -       -     audio=40/80
        gpt-4-turbo                 128000   4096    MTPVafrs  10     30     -
        gpt-4                       8192     8192    MTvafrs   30     60     -
        gpt-3.5-turbo               16385    4096    MTvafrs   0.5    1.5    -
        o4-mini                     200000   100000  MTVaFRS   1.1    4.4    0.275
        o3                          200000   100000  MTVaFRS   2      8      0.5
        o3-pro                      200000   100000  TVaFRS    20     80     -
        o3-mini                     200000   100000  MTvaRS    1.1    4.4    0.55
        o1                          200000   100000  MTVaFRS   15     60     7.5
        o1-pro                      200000   100000  mTVaFRS   150    600    -
        o1-mini                     128000   65536   Mtvafs    1.1    4.4    0.55
        text-embedding-3-small      8192     -       -         0.02   0      -
        text-embedding-3-large      8192     -       -         0.13   0      -
        text-embedding-ada-002      8192     -       -         0.1    0      -
        [gemini]
        gemini-3.5-flash            1048576  65536   MTPVAFRS  1.5    9      0.15
        gemini-3.1-pro-preview      1048576  65536   MTPVAFRS  2      12     0.2    -       -     ; 200000  4    18  0.4   -  -
        gemini-3.1-flash-lite       1048576  65536   MTPVAFRS  0.25   1.5    0.025  -       -     audio=0.5/-
        gemini-3.1-flash-lite-preview 1048576 65536  MTPVAFRS  0.25   1.5    0.025  -       -     audio=0.5/-
        gemini-3-pro-preview        1048576  65536   MTPVAFRS  2      12     0.2    -       -     ; 200000  4    18  0.4   -  -
        gemini-3-flash-preview      1048576  65536   MTPVAFRS  0.5    3      0.05   -       -     audio=1/-
        gemini-2.5-pro              1048576  65536   MTPVAFRS  1.25   10     0.125  -       -     ; 200000  2.5  15  0.25  -  -
        gemini-2.5-flash            1048576  65536   MTPVAFRS  0.3    2.5    0.03   -       -     audio=1/-
        gemini-2.5-flash-lite       1048576  65536   MTPVAFRS  0.1    0.4    0.01   -       -     audio=0.3/-
        gemini-2.0-flash            1048576  8192    MTPVAFrS  0.1    0.4    0.025  -       -     audio=0.7/-
        gemini-2.0-flash-001        1048576  8192    MTPVAFrS  0.1    0.4    0.025  -       -     audio=0.7/-
        gemini-embedding-001        2048     -       -         0.15   0      -
        [mistral]
        mistral-large               131072   -       MTvaS     2      6      -
        mistral-large-2407          131072   -       MTvaS     2      6      -
        mistral-large-2411          131072   -       MTvaS     2      6      -
        mistral-large-2512          262144   -       MTVaS     0.5    1.5    0.05
        mistral-large-latest        262144   -       MTVaS     0.5    1.5    0.05
        mistral-medium-latest       -        -       MTVa      1.5    7.5    0.15
        mistral-medium-3-5          -        -       MTVa      1.5    7.5    0.15
        mistral-medium-2508         131072   -       MTVaS     0.4    2      0.04
        mistral-medium-2505         131072   -       MTVaS     0.4    2      0.04
        mistral-small-2603          -        -       MTVa      0.15   0.6    0.015
        mistral-small-2506          131072   -       MTVaS     0.1    0.3    -
        magistral-medium-2509       -        -       MTa       2      5      -
        magistral-small-2509        -        -       MTa       0.5    1.5    -
        codestral-2508              -        -       MTvaf     0.3    0.9    0.03
        devstral-2512               262144   -       MTa       0.4    2      0.04
        ministral-14b-2512          262144   -       MTVa      0.2    0.2    0.02
        ministral-8b-2512           262144   -       MTVa      0.15   0.15   0.015
        ministral-3b-2512           131072   -       MTVa      0.1    0.1    0.01
        open-mistral-nemo           131072   -       MTva      0.15   0.15   -
        mistral-embed               8192     -       -         0.1    0      -
        [groq]
        llama-3.3-70b-versatile     131072   32768   MTPvafrs  0.59   0.79   -
        llama-3.1-8b-instant        131072   131072  MTPvafrs  0.05   0.08   -
        meta-llama/llama-4-maverick-17b-128e-instruct 131072 8192 MTPVafrS 0.2 0.6 -
        meta-llama/llama-4-scout-17b-16e-instruct     131072 8192 MTPVafrS 0.11 0.34 -
        moonshotai/kimi-k2-instruct-0905              262144 16384 MTPvafrS 1 3 0.5
        openai/gpt-oss-120b         131072   65536   MTvafRS   0.15   0.6    0.075
        openai/gpt-oss-20b          131072   65536   MTvafRS   0.075  0.3    0.0375
        qwen/qwen3-32b              131072   -       MTPvafRs  0.29   0.59   -
        [deepseek]
        deepseek-chat               -        -       MTva      0.14   0.28   0.0028
        deepseek-reasoner           -        -       Mva       0.14   0.28   0.0028
        deepseek-v4-flash           1000000  -       MTva      0.14   0.28   0.0028
        deepseek-v4-pro             1000000  -       MTva      0.435  0.87   0.003625
        [xai]
        grok-4.5                    500000   -       MTVaS     2      6      0.5
        grok-4.3                    1000000  -       MTVaS     1.25   2.5    0.2
        grok-4.20                   -        -       MTVaS     1.25   2.5    0.2
        grok-build-0.1              -        -       MTVa      1      2      0.2
        grok-4                      256000   -       MTPVarS   3      15     0.75
        grok-4-0709                 256000   -       MTPVarS   3      15     0.75
        grok-4-1-fast               2000000  -       MTPVarS   0.2    0.5    0.05
        grok-4-1-fast-reasoning     2000000  -       MTPVarS   0.2    0.5    0.05
        grok-4-1-fast-non-reasoning 2000000  -       MTPVarS   0.2    0.5    0.05
        grok-4-fast                 2000000  -       MTPVarS   0.2    0.5    0.05
        grok-4-fast-reasoning       2000000  -       MTPVarS   0.2    0.5    0.05
        grok-4-fast-non-reasoning   2000000  -       MTPVarS   0.2    0.5    0.05
        grok-code-fast-1            256000   -       MTPvarS   0.2    1.5    0.02
        grok-3                      131072   -       MTPvarS   3      15     0.75
        grok-3-mini                 131072   -       MTPvaRS   0.3    0.5    0.075
        [glm]
        glm-5.3                     1000000  -       MTaR      1.4    4.4    0.26
        glm-5.3-flash               1000000  -       MTaR      0.15   0.5    0.03
        glm-5.2                     1000000  -       MTaR      1.4    4.4    0.26
        glm-4.7                     200000   -       MTvaR     0.6    2.2    0.11
        glm-4.6                     200000   -       MTvaR     0.6    2.2    0.11
        glm-4.5                     131072   -       MTvaR     0.6    2.2    0.11
        glm-4.5-air                 131072   -       MTvaR     0.2    1.1    0.03
        [cerebras]
        gpt-oss-120b                131072   32768   MTPvafRS  0.35   0.75   -
        llama-3.3-70b               128000   -       MTvaf     0.85   1.2    -
        llama3.1-8b                 -        -       MTvaf     0.1    0.1    -
        qwen-3-32b                  128000   -       MTvafR    0.4    0.8    -
        zai-glm-4.7                 128000   -       MTvafR    2.25   2.75   -
        [cloudflare]
        @cf/openai/gpt-oss-120b     128000   -       MTvafR    0.35   0.75   -
        @cf/openai/gpt-oss-20b      128000   -       MTvafR    0.2    0.3    -
        @cf/meta/llama-3.3-70b-instruct-fp8-fast 24000 - MTvaf 0.293  2.253  -
        @cf/meta/llama-4-scout-17b-16e-instruct 131000 - MT    0.27   0.85   -
        @cf/mistralai/mistral-small-3.1-24b-instruct 128000 - MT 0.351 0.555 -
        @cf/zai-org/glm-5.2         262144   -       MTR       1.4    4.4    0.26
        @cf/zai-org/glm-4.7-flash   131072   -       MTR       0.0605 0.4    -
        @cf/moonshotai/kimi-k2.6    262144   -       MTR       0.95   4      0.16
        @cf/qwen/qwen3-30b-a3b-fp8  32768    -       MTR       0.0509 0.335  -
        [bedrock]
        anthropic.claude-haiku-4-5           200000  64000  MTPVaFRS  1     5     0.1   1.25   2
        regional.anthropic.claude-haiku-4-5  200000  64000  MTPVaFRS  1.1   5.5   0.11  1.375  2.2
        anthropic.claude-sonnet-4-5          -       64000  MTPVaFRS  3     15    0.3   3.75   6    ; 200000  6    22.5   0.6   7.5   12
        regional.anthropic.claude-sonnet-4-5 -       64000  MTPVaFRS  3.3   16.5  0.33  4.125  6.6  ; 200000  6.6  24.75  0.66  8.25  13.2
        anthropic.claude-sonnet-4            -       64000  MTPVaFR   3     15    0.3   3.75   6    ; 200000  6    22.5   0.6   7.5   12
        anthropic.claude-opus-4              200000  32000  MTPVaFR   15    75    1.5   18.75  30
        anthropic.claude-opus-4-1            200000  32000  MTPVaFR   15    75    1.5   18.75  30
        anthropic.claude-3-7-sonnet          200000  -      MTPVaFR   3     15    0.3   3.75   -
        anthropic.claude-3-5-sonnet          200000  8192   MTPVaFr   3     15    0.3   3.75   -
        anthropic.claude-3-5-haiku           200000  8192   MTPaFr    0.8   4     0.08  1      -
        anthropic.claude-3-haiku             200000  4096   MTPVar    0.25  1.25  -
        amazon.nova-pro                      300000  10000  MTVaF     0.8   3.2   0.2
        amazon.nova-lite                     300000  10000  MTVaF     0.06  0.24  0.015
        amazon.nova-micro                    128000  10000  MTva      0.035 0.14  0.00875
        amazon.nova-2-lite                   1000000 64000  MTVaFR    0.3   2.5   0.075
        regional.amazon.nova-2-lite          1000000 64000  MTVaFR    0.33  2.75  0.0825
        """;

    private static readonly Lazy<FrozenDictionary<string, KnownModel>> Table = new(Parse);

    /// <summary>All models, by <c>provider:model</c>.</summary>
    public static IReadOnlyDictionary<string, KnownModel> All => Table.Value;

    /// <summary>What is known of a model under any of its names; null when nothing is.</summary>
    public static KnownModel? Find(string provider, string model)
    {
        foreach (string name in ModelName.Candidates(model))
        {
            if (Table.Value.TryGetValue($"{provider}:{name}", out var known))
                return known;
        }
        return null;
    }

    private static FrozenDictionary<string, KnownModel> Parse()
    {
        var models = new Dictionary<string, KnownModel>(StringComparer.OrdinalIgnoreCase);
        string provider = "";
        foreach (var line in Lines.AsSpan().EnumerateLines())
        {
            if (line is ['[', ..])
                provider = line[1..^1].ToString();
            else
                Add(models, provider, line.ToString());
        }
        return models.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
    }

    private static void Add(Dictionary<string, KnownModel> models, string provider, string line)
    {
        string[] halves = line.Split(';');
        string[] words = halves[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var price = ReadPrice(words[4..]);
        if (halves.Length > 1)
        {
            string[] longer = halves[1].Split(' ', StringSplitOptions.RemoveEmptyEntries);
            price = price with { LongPromptTokens = (long)Number(longer[0])!, LongPrompt = ReadPrice(longer[1..]) };
        }
        models.Add($"{provider}:{words[0]}", new KnownModel(Abilities(words[3]) with { ContextTokens = (long?)Number(words[1]), MaxOutputTokens = (long?)Number(words[2]) }, price));
    }

    private static Price ReadPrice(string[] words)
    {
        var price = new Price(Number(words[0])!.Value, Number(words[1])!.Value)
        {
            CachedInput = At(2),
            CacheWrite = At(3),
            CacheWriteOneHour = At(4),
        };
        if (words[^1].StartsWith("audio=", StringComparison.Ordinal))
        {
            string[] audio = words[^1]["audio=".Length..].Split('/');
            price = price with { AudioInput = Number(audio[0]), AudioOutput = Number(audio[1]) };
        }
        return price;

        decimal? At(int index) => index < words.Length && !words[index].StartsWith('a') ? Number(words[index]) : null;
    }

    private static decimal? Number(string word) => word == "-" ? null : decimal.Parse(word, NumberStyles.Float, CultureInfo.InvariantCulture);

    private static Capabilities Abilities(string letters)
    {
        return new()
        {
            Streaming = Has('M'),
            Tools = Has('T'),
            ParallelTools = Has('P'),
            Vision = Has('V'),
            Audio = Has('A'),
            Files = Has('F'),
            Thinking = Has('R'),
            StructuredOutput = Has('S'),
        };

        bool? Has(char letter) => letters.Contains(letter) ? true : letters.Contains(char.ToLowerInvariant(letter)) ? false : null;
    }
}
