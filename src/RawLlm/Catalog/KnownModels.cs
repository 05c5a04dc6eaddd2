using System.Globalization;
using System.Text;

namespace RawLlm;

/// <summary>What RawLlm itself knows about models: data, one line each. docs/prices.md lists the sources.</summary>
internal sealed class KnownModels : ModelTable
{
    /// <summary>The table.</summary>
    public static readonly ModelTable Table = new KnownModels();

    // Columns: name, context, maximum output, capabilities, then dollars per million tokens: input, output, cached input, cache write,
    // cache write for an hour; audio=input/output; after a semicolon, the number of prompt tokens above which the prices that follow apply.
    // A dash means unknown. The day after a service's name is that of its prices; a day at the end of a row is that of the row. xAI's
    // long-prompt prices start at the round number itself, hence 199999. Capabilities: M streaming, T tools, P several at once, V vision, A
    // audio, F files, R adjustable reasoning, S JSON schema; a lowercase letter means cannot. Scanned in place: most programs look up one
    // model, if any, and should neither build nor link a table of all models.
    private static ReadOnlySpan<byte> Lines =>
        """
        [anthropic 2026-07-09]
        claude-fable-5-1            1000000  128000  MTPVaFRS  10     50     0.25   12.5    20    @2026-10-24
        claude-fable-5              1000000  128000  MTPVaFRS  10     50     1      12.5    20
        claude-opus-5-5             1000000  128000  MTPVaFRS  4      20     0.2    5       8     @2026-10-24
        claude-opus-5               1000000  128000  MTPVaFR   5      25     0.5    6.25    10    @2026-10-07
        claude-opus-4-8             1000000  128000  MTPVaFRS  5      25     0.5    6.25    10
        claude-opus-4-7             1000000  128000  MTPVaFRS  5      25     0.5    6.25    10
        claude-opus-4-6             1000000  128000  MTPVaFRS  5      25     0.5    6.25    10
        claude-opus-4-5             200000   64000   MTPVaFRS  5      25     0.5    6.25    10
        claude-opus-4-1             200000   32000   MTPVaFRS  15     75     1.5    18.75   30
        claude-opus-4               200000   32000   MTPVaFR   15     75     1.5    18.75   30
        claude-opus-4-0             200000   32000   MTPVaFR   15     75     1.5    18.75   30
        claude-sonnet-5-5           1000000  128000  MTPVaFRS  2      10     0.1    2.5     4     @2026-10-24
        claude-sonnet-5             1000000  128000  MTPVaFRS  2      10     0.2    2.5     4
        claude-sonnet-4-6           1000000  128000  MTPVaFRS  3      15     0.3    3.75    6
        claude-sonnet-4-5           -        64000   MTPVaFRS  3      15     0.3    3.75    6     ; 200000  6  22.5  0.6  7.5  12
        claude-sonnet-4             -        64000   MTPVaFR   3      15     0.3    3.75    6     ; 200000  6  22.5  0.6  7.5  12
        claude-sonnet-4-0           -        64000   MTPVaFR   3      15     0.3    3.75    6     ; 200000  6  22.5  0.6  7.5  12
        claude-haiku-5-5            1000000  128000  MTPVaFRS  0.1    0.5    0.01   0.125   0.2   ; 100000  0.5  2.5  0.05  0.625  1  @2026-10-24
        claude-haiku-4-5            200000   64000   MTPVaFRS  1      5      0.1    1.25    2
        claude-3-7-sonnet           200000   -       MTPVaFR   3      15     0.3    3.75    6
        claude-3-5-sonnet           200000   8192    MTPVaFr   3      15     0.3    3.75    6
        claude-3-5-haiku            200000   8192    MTPVaFr   0.8    4      0.08   1       1.6
        claude-3-opus               200000   4096    MTPVar    15     75     1.5    18.75   30
        claude-3-haiku              200000   4096    MTPVar    0.25   1.25   0.03   0.3     0.5
        [openai 2026-07-09]
        gpt-6-astra                 1050000  128000  MTPVaFRS  10     50     1      12.5    -     ; 272000  20  75    2     25     -  @2026-09-07
        gpt-6-sol                   1050000  128000  MTPVaFRS  2      10     0.2    2.5     -     ; 272000  4   15    0.4   5      -  @2026-09-23
        gpt-6-luna                  1050000  128000  MTPVaFRS  0.1    0.5    0.01   0.125   -     ; 272000  0.2 0.75  0.02  0.25   -  @2026-09-23
        gpt-6.1-sol                 1050000  128000  MTPVaFRS  2      10     0.1    2.5     -     ; 272000  4   15    0.2   5      -  @2026-10-13
        gpt-6.1-terra               1050000  128000  MTPVaFRS  1      5      0.05   1.25    -     ; 272000  2   7.5   0.1   2.5    -  @2026-10-27
        gpt-5.6                     1050000  128000  MTPVaFRS  5      30     0.5    6.25    -     ; 272000  10  45    1    12.5   -
        gpt-5.6-sol                 1050000  128000  MTPVaFRS  5      30     0.5    6.25    -     ; 272000  10  45    1    12.5   -
        gpt-5.6-terra               1050000  128000  MTPVaFRS  2      12     0.2    2.5     -     ; 272000  4   18    0.4   5      -  @2026-09-07
        gpt-5.6-luna                1050000  128000  MTPVaFRS  0.2    1.2    0.02   0.25    -     ; 272000  0.4 1.8   0.04  0.5    -  @2026-09-07
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
        [gemini 2026-07-09]
        gemini-3.8-flash            1048576  65536   MTPVAFRS  0.75   3.75   0.075  -       -     @2026-10-07
        gemini-3.7-flash            1048576  65536   MTPVAFRS  0.75   3.75   0.075  -       -     @2026-09-30
        gemini-3.6-flash            1048576  65536   MTPVAFRS  0.75   3.75   0.075  -       -     audio=0.75/-  @2026-09-30
        gemini-3.5-flash-lite       1048576  65536   MTPVAFRS  0.3    2.5    0.03   -       -     audio=0.3/-   @2026-08-14
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
        [mistral 2025-07-04]
        mistral-large               131072   -       MTvaS     2      6      -
        mistral-large-2407          131072   -       MTvaS     2      6      -
        mistral-large-2411          131072   -       MTvaS     2      6      -
        mistral-large-2512          262144   -       MTVaS     0.5    1.5    0.05  @2026-06-09
        mistral-large-latest        262144   -       MTVaS     0.5    1.5    0.05  @2026-06-17
        mistral-medium-latest       -        -       MTVa      1.5    7.5    0.15  @2026-08-24
        mistral-medium-3-5          -        -       MTVa      1.5    7.5    0.15  @2026-08-24
        mistral-medium-2508         131072   -       MTVaS     0.4    2      0.04  @2026-08-24
        mistral-medium-2505         131072   -       MTVaS     0.4    2      0.04  @2026-08-24
        mistral-small-latest        -        -       MTVa      0.15   0.6    0.015  @2026-08-28
        mistral-small-2603          -        -       MTVa      0.15   0.6    0.015  @2026-06-09
        mistral-small-2506          131072   -       MTVaS     0.1    0.3    -
        magistral-medium-2509       -        -       MTa       2      5      -  @2025-08-12
        magistral-small-2509        -        -       MTa       0.5    1.5    -  @2025-08-12
        codestral-2508              -        -       MTvaf     0.3    0.9    0.03  @2026-06-09
        devstral-2512               262144   -       MTa       0.4    2      0.04  @2026-06-09
        ministral-14b-2512          262144   -       MTVa      0.2    0.2    0.02  @2026-06-09
        ministral-8b-2512           262144   -       MTVa      0.15   0.15   0.015  @2026-08-24
        ministral-3b-2512           131072   -       MTVa      0.1    0.1    0.01  @2026-06-09
        open-mistral-nemo           131072   -       MTva      0.15   0.15   -
        mistral-embed               8192     -       -         0.1    0      -
        [moonshot 2026-05-22]
        kimi-k3                     1048576  -       MTVR      3      15     0.3    @2026-07-16
        kimi-k2.7-code              262144   -       MTV       0.95   4      0.19   @2026-06-15
        kimi-k2.7-code-highspeed    262144   -       MTV       1.9    8      0.38   @2026-08-27
        kimi-k2.6                   262144   -       MTVR      0.95   4      0.16
        kimi-k2.5                   262144   -       MTVR      0.6    3      0.1    @2026-03-11
        [groq 2026-07-09]
        llama-3.3-70b-versatile     131072   32768   MTPvafrs  0.59   0.79   -
        llama-3.1-8b-instant        131072   131072  MTPvafrs  0.05   0.08   -
        meta-llama/llama-4-maverick-17b-128e-instruct 131072 8192 MTPVafrS 0.2 0.6 -
        meta-llama/llama-4-scout-17b-16e-instruct     131072 8192 MTPVafrS 0.11 0.34 -
        moonshotai/kimi-k2-instruct-0905              262144 16384 MTPvafrS 1 3 0.5
        openai/gpt-oss-120b         131072   65536   MTvafRS   0.15   0.6    0.075
        openai/gpt-oss-20b          131072   65536   MTvafRS   0.075  0.3    0.0375
        qwen/qwen3-32b              131072   -       MTPvafRs  0.29   0.59   -
        [deepseek 2026-10-16]
        deepseek-flash              1000000  -       MTVa      0.3    1.2    0.006
        deepseek-v4-flash           1000000  -       MTa       0.3    1.2    0.006
        deepseek-v4-pro             1000000  -       MTva      1.32   3.96   0.044
        [xai 2025-07-12]
        grok-4.7                    500000   -       MTVaS     2      6      0.5    -       -     ; 199999  4    12  1    -  -  @2026-09-29
        grok-4.6                    500000   -       MTVaS     2      6      0.5    -       -     ; 199999  4    12  1    -  -  @2026-08-22
        grok-4.5                    500000   -       MTVaS     2      6      0.3    -       -     ; 199999  4    12  0.6  -  -  @2026-08-10
        grok-4.3                    1000000  -       MTVaS     1.25   2.5    0.2    -       -     ; 199999  2.5  5   0.4  -  -  @2026-05-05
        grok-4.20                   1000000  -       MTVaS     1.25   2.5    0.2    -       -     ; 199999  2.5  5   0.4  -  -  @2026-08-22
        grok-build-0.1              -        -       MTVa      1      2      0.2  @2026-06-09
        grok-4                      256000   -       MTPVarS   3      15     0.75   -       -     ; 127999  6    30  -    -  -  @2026-04-20
        grok-4-0709                 256000   -       MTPVarS   3      15     0.75   -       -     ; 127999  6    30  -    -  -  @2026-04-20
        grok-4-1-fast               2000000  -       MTPVarS   0.2    0.5    0.05   -       -     ; 127999  0.4  1   -    -  -  @2026-04-20
        grok-4-1-fast-reasoning     2000000  -       MTPVarS   0.2    0.5    0.05   -       -     ; 127999  0.4  1   -    -  -  @2026-04-20
        grok-4-1-fast-non-reasoning 2000000  -       MTPVarS   0.2    0.5    0.05   -       -     ; 127999  0.4  1   -    -  -  @2026-04-20
        grok-4-fast                 2000000  -       MTPVarS   0.2    0.5    0.05   -       -     ; 127999  0.4  1   -    -  -  @2026-04-20
        grok-4-fast-reasoning       2000000  -       MTPVarS   0.2    0.5    0.05   -       -     ; 127999  0.4  1   -    -  -  @2026-04-20
        grok-4-fast-non-reasoning   2000000  -       MTPVarS   0.2    0.5    0.05   -       -     ; 127999  0.4  1   -    -  -  @2026-04-20
        grok-code-fast-1            256000   -       MTPvarS   0.2    1.5    0.02  @2026-01-19
        grok-3                      131072   -       MTPvarS   3      15     0.75
        grok-3-mini                 131072   -       MTPvaRS   0.3    0.5    0.075
        [glm 2025-12-22]
        glm-5.3                     1000000  -       MTaR      1.4    4.4    0.26  @2026-08-26
        glm-5.3-flash               1000000  -       MTaR      0.15   0.5    0.03  @2026-08-26
        glm-5.2                     1000000  -       MTaR      1.4    4.4    0.26  @2026-08-26
        glm-4.7                     200000   -       MTvaR     0.6    2.2    0.11
        glm-4.6                     200000   -       MTvaR     0.6    2.2    0.11
        glm-4.5                     131072   -       MTvaR     0.6    2.2    0.11
        glm-4.5-air                 131072   -       MTvaR     0.2    1.1    0.03
        [perplexity 2026-09-27]
        perplexity/sonar            -        -       MT        0.25   2.5    0.0625
        [cerebras 2026-07-09]
        gpt-oss-120b                131072   32768   MTPvafRS  0.35   0.75   -
        llama-3.3-70b               128000   -       MTvaf     0.85   1.2    -
        llama3.1-8b                 -        -       MTvaf     0.1    0.1    -
        qwen-3-32b                  128000   -       MTvafR    0.4    0.8    -
        zai-glm-4.7                 128000   -       MTvafR    2.25   2.75   -
        [cloudflare 2026-07-09]
        @cf/openai/gpt-oss-120b     128000   -       MTvafR    0.35   0.75   -
        @cf/openai/gpt-oss-20b      128000   -       MTvafR    0.2    0.3    -
        @cf/meta/llama-3.3-70b-instruct-fp8-fast 24000 - MTvaf 0.293  2.253  -
        @cf/meta/llama-4-scout-17b-16e-instruct 131000 - MT    0.27   0.85   -
        @cf/mistralai/mistral-small-3.1-24b-instruct 128000 - MT 0.351 0.555 -
        @cf/zai-org/glm-5.2         262144   -       MTR       1.4    4.4    0.26
        @cf/zai-org/glm-4.7-flash   131072   -       MTR       0.0605 0.4    -
        @cf/moonshotai/kimi-k2.6    262144   -       MTR       0.95   4      0.16
        @cf/qwen/qwen3-30b-a3b-fp8  32768    -       MTR       0.0509 0.335  -
        [bedrock 2026-07-09]
        anthropic.claude-fable-5             1000000 128000 MTPVaFRS  10    50    1     12.5   20  @2026-06-09
        regional.anthropic.claude-fable-5    1000000 128000 MTPVaFRS  11    55    1.1   13.75  22  @2026-06-09
        anthropic.claude-opus-5-5            1000000 128000 MTPVaFRS  4     20    0.2   5      8  @2026-10-24
        regional.anthropic.claude-opus-5-5   1000000 128000 MTPVaFRS  4.4   22    0.22  5.5    8.8  @2026-10-24
        anthropic.claude-opus-5              1000000 128000 MTPVaFR   5     25    0.5   6.25   10  @2026-07-25
        regional.anthropic.claude-opus-5     1000000 128000 MTPVaFR   5.5   27.5  0.55  6.875  11  @2026-07-25
        anthropic.claude-opus-4-8            1000000 128000 MTPVaFRS  5     25    0.5   6.25   10  @2026-05-28
        regional.anthropic.claude-opus-4-8   1000000 128000 MTPVaFRS  5.5   27.5  0.55  6.875  11  @2026-05-28
        anthropic.claude-opus-4-7            1000000 128000 MTPVaFRS  5     25    0.5   6.25   10  @2026-04-16
        regional.anthropic.claude-opus-4-7   1000000 128000 MTPVaFRS  5.5   27.5  0.55  6.875  11  @2026-04-16
        anthropic.claude-opus-4-6            1000000 128000 MTPVaFRS  5     25    0.5   6.25   10  @2026-03-18
        regional.anthropic.claude-opus-4-6   1000000 128000 MTPVaFRS  5.5   27.5  0.55  6.875  11  @2026-03-18
        anthropic.claude-opus-4-5            200000  64000  MTPVaFRS  5     25    0.5   6.25   10  @2026-02-23
        regional.anthropic.claude-opus-4-5   200000  64000  MTPVaFRS  5.5   27.5  0.55  6.875  11  @2026-02-23
        anthropic.claude-sonnet-5-5          1000000 128000 MTPVaFRS  2     10    0.1   2.5    4  @2026-10-24
        regional.anthropic.claude-sonnet-5-5 1000000 128000 MTPVaFRS  2.2   11    0.11  2.75   4.4  @2026-10-24
        anthropic.claude-sonnet-5            1000000 128000 MTPVaFRS  2     10    0.2   2.5    4  @2026-09-06
        regional.anthropic.claude-sonnet-5   1000000 128000 MTPVaFRS  2.2   11    0.22  2.75   4.4  @2026-09-06
        anthropic.claude-sonnet-4-6          1000000 128000 MTPVaFRS  3     15    0.3   3.75   6  @2026-03-18
        regional.anthropic.claude-sonnet-4-6 1000000 128000 MTPVaFRS  3.3   16.5  0.33  4.125  6.6  @2026-03-18
        anthropic.claude-haiku-5-5           1000000 128000 MTPVaFRS  0.1   0.5   0.01  0.125  0.2  ; 100000  0.5    2.5   0.05  0.625  1  @2026-10-24
        regional.anthropic.claude-haiku-5-5  1000000 128000 MTPVaFRS  0.11  0.55  0.011 0.1375 0.22 ; 100000  0.55   2.75  0.055 0.6875 1.1  @2026-10-24
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
        """u8;

    /// <summary>Returns all prices, by <c>provider:model</c>, with the day of each.</summary>
    public static List<(string Name, Price Price, DateOnly AsOf)> Prices()
    {
        var prices = new List<(string Name, Price Price, DateOnly AsOf)>();
        string provider = "";
        DateOnly usual = default;
        for (var lines = Lines; !lines.IsEmpty; )
        {
            var line = NextLine(ref lines);
            if (line is [(byte)'[', ..])
            {
                line = line[1..^1];
                provider = Encoding.UTF8.GetString(NextWord(ref line));
                usual = Day(NextWord(ref line));
                continue;
            }
            string name = $"{provider}:{Encoding.UTF8.GetString(NextWord(ref line))}";
            for (int passed = 0; passed < 3; passed++)
                NextWord(ref line);
            int at = line.LastIndexOf((byte)'@');
            var asOf = at < 0 ? usual : Day(line[(at + 1)..]);
            if (at >= 0)
                line = line[..at];
            var price = ReadPrice(ref line);
            if (NextWord(ref line) is { IsEmpty: false } from)
                price = price with { LongPromptTokens = Count(from), LongPrompt = ReadPrice(ref line) };
            prices.Add((name, price, asOf));
        }
        return prices;
    }

    public override Capabilities? Find(string provider, string model)
    {
        var known = Section(provider);
        if (known.IsEmpty)
            return null;
        foreach (string name in ModelName.Candidates(model))
        {
            for (var lines = known; !lines.IsEmpty; )
            {
                var line = NextLine(ref lines);
                if (Ascii.EqualsIgnoreCase(NextWord(ref line), name))
                    return ReadCapabilities(line);
            }
        }
        return null;
    }

    // Returns the lines of one service.
    private static ReadOnlySpan<byte> Section(string provider)
    {
        var lines = Lines;
        for (int at; (at = lines.IndexOf((byte)'[')) >= 0; )
        {
            lines = lines[(at + 1)..];
            var title = NextLine(ref lines)[..^1];
            var name = NextWord(ref title);
            if (!Ascii.EqualsIgnoreCase(name, provider))
                continue;
            int end = lines.IndexOf((byte)'[');
            return end < 0 ? lines : lines[..end];
        }
        return [];
    }

    private static Capabilities ReadCapabilities(ReadOnlySpan<byte> line)
    {
        long? context = Count(NextWord(ref line));
        long? output = Count(NextWord(ref line));
        var letters = NextWord(ref line);
        return new()
        {
            Streaming = Has(letters, 'M'),
            Tools = Has(letters, 'T'),
            ParallelTools = Has(letters, 'P'),
            Vision = Has(letters, 'V'),
            Audio = Has(letters, 'A'),
            Files = Has(letters, 'F'),
            Thinking = Has(letters, 'R'),
            StructuredOutput = Has(letters, 'S'),
            ContextTokens = context,
            MaxOutputTokens = output,
        };
    }

    private static bool? Has(ReadOnlySpan<byte> letters, char letter) =>
        letters.Contains((byte)letter) ? true
        : letters.Contains((byte)(letter | 0x20)) ? false
        : null;

    // Reads to the semicolon or the end of the line.
    private static Price ReadPrice(ref ReadOnlySpan<byte> line)
    {
        var price = new Price(Number(NextWord(ref line))!.Value, Number(NextWord(ref line))!.Value);
        for (int place = 0; NextWord(ref line) is var word && word is not ([] or [(byte)';']); place++)
        {
            if (word.StartsWith("audio="u8))
            {
                var audio = word["audio=".Length..];
                int slash = audio.IndexOf((byte)'/');
                price = price with { AudioInput = Number(audio[..slash]), AudioOutput = Number(audio[(slash + 1)..]) };
                continue;
            }
            var number = Number(word);
            price = place switch
            {
                0 => price with { CachedInput = number },
                1 => price with { CacheWrite = number },
                _ => price with { CacheWriteOneHour = number },
            };
        }
        return price;
    }

    private static decimal? Number(ReadOnlySpan<byte> word) =>
        word is [(byte)'-'] ? null : decimal.Parse(word, NumberStyles.Float, CultureInfo.InvariantCulture);

    private static long? Count(ReadOnlySpan<byte> word)
    {
        if (word is [(byte)'-'])
            return null;
        long count = 0;
        foreach (byte digit in word)
            count = (count * 10) + (digit - '0');
        return count;
    }

    // 2026-10-24. Written by hand: .NET's date parser would be linked into every native AOT program.
    private static DateOnly Day(ReadOnlySpan<byte> word) => new((int)Count(word[..4])!, (int)Count(word[5..7])!, (int)Count(word[8..10])!);

    private static ReadOnlySpan<byte> NextLine(scoped ref ReadOnlySpan<byte> lines)
    {
        int end = lines.IndexOf((byte)'\n');
        var line = end < 0 ? lines : lines[..end];
        lines = end < 0 ? [] : lines[(end + 1)..];
        return line;
    }

    private static ReadOnlySpan<byte> NextWord(scoped ref ReadOnlySpan<byte> line)
    {
        line = line.TrimStart((byte)' ');
        int end = line.IndexOf((byte)' ');
        var word = end < 0 ? line : line[..end];
        line = line[word.Length..];
        return word;
    }
}
