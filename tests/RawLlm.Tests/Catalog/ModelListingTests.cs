using System.Text;
using RawLlm.Tests.Faults;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Catalog;

public sealed class ModelListingTests
{
    [Fact]
    public async Task ListModelsAsync_Anthropic_FollowsAllPages()
    {
        using var service = new SequencedService(
            """{"data":[{"type":"model","id":"claude-opus-5","display_name":"Claude Opus 5","created_at":"2026-07-01T00:00:00Z","max_input_tokens":1000000,"max_tokens":128000,"capabilities":{"image_input":{"supported":true},"pdf_input":{"supported":true},"structured_outputs":{"supported":true},"thinking":{"supported":true,"types":{}}}}],"has_more":true,"first_id":"claude-opus-5","last_id":"claude-opus-5"}""",
            """{"data":[{"type":"model","id":"claude-3-haiku-20240307","display_name":"Claude Haiku 3","capabilities":{"thinking":{"supported":false}}}],"has_more":false,"first_id":"a","last_id":"a"}"""
        );
        using var client = service.Client(Providers.Anthropic);

        var models = await client.ListModelsAsync();

        Assert.Equal(
            [
                "GET https://api.anthropic.com/v1/models?limit=1000",
                "GET https://api.anthropic.com/v1/models?limit=1000&after_id=claude-opus-5",
            ],
            service.Lines
        );
        Assert.Equal(["claude-opus-5", "claude-3-haiku-20240307"], models.Select(model => model.Id));
        Assert.Equal(("Claude Opus 5", 1000000L, 128000L), (models[0].Title, models[0].ContextTokens, models[0].MaxOutputTokens));
        Assert.Equal(
            new Capabilities
            {
                Vision = true,
                Files = true,
                StructuredOutput = true,
                Thinking = true,
                ContextTokens = 1000000,
                MaxOutputTokens = 128000,
            },
            models[0].Capabilities
        );
        Assert.Equal(new Capabilities { Thinking = false }, models[1].Capabilities);
    }

    [Fact]
    public async Task ListModelsAsync_Gemini_FollowsAllPages()
    {
        using var service = new SequencedService(
            """{"models":[{"name":"models/gemini-2.5-flash","displayName":"Gemini 2.5 Flash","inputTokenLimit":1048576,"outputTokenLimit":65536,"supportedGenerationMethods":["generateContent"],"thinking":true}],"nextPageToken":"a/b c"}""",
            """{"models":[{"name":"models/gemini-embedding-001","inputTokenLimit":2048,"outputTokenLimit":1}]}"""
        );
        using var client = service.Client(Providers.Gemini);

        var models = await client.ListModelsAsync();

        Assert.Equal("GET https://generativelanguage.googleapis.com/v1beta/models?pageSize=1000&pageToken=a%2Fb%20c", service.Lines[1]);
        Assert.Equal(["gemini-2.5-flash", "gemini-embedding-001"], models.Select(model => model.Id));
        Assert.Equal(
            ("Gemini 2.5 Flash", 1048576L, 65536L, true),
            (models[0].Title, models[0].ContextTokens, models[0].MaxOutputTokens, models[0].Capabilities.Thinking)
        );
    }

    [Fact]
    public async Task ListModelsAsync_Cloudflare_FollowsAllPages()
    {
        using var service = new SequencedService(
            """{"success":true,"result":[{"id":"f8703a00","name":"@cf/meta/llama-3.3-70b-instruct-fp8-fast","task":{"name":"Text Generation"},"properties":[{"property_id":"context_window","value":"24000"},{"property_id":"function_calling","value":"true"},{"property_id":"price","value":[{"unit":"per M input tokens","price":0.293,"currency":"USD"}]}]}],"result_info":{"count":1,"page":1,"per_page":1,"total_count":2}}""",
            """{"success":true,"result":[{"id":"e9170919","name":"@cf/baai/bge-m3"}],"result_info":{"count":1,"page":2,"per_page":1,"total_count":2}}"""
        );
        using var client = service.Client(Providers.CloudflareIn("acc-1"));

        var models = await client.ListModelsAsync();

        Assert.Equal(
            [
                "GET https://api.cloudflare.com/client/v4/accounts/acc-1/ai/models/search?per_page=100",
                "GET https://api.cloudflare.com/client/v4/accounts/acc-1/ai/models/search?per_page=100&page=2",
            ],
            service.Lines
        );
        Assert.Equal(["@cf/meta/llama-3.3-70b-instruct-fp8-fast", "@cf/baai/bge-m3"], models.Select(model => model.Id));
        Assert.Equal((24000L, true, null), (models[0].ContextTokens, models[0].Capabilities.Tools, models[0].Capabilities.Vision));
    }

    [Fact]
    public async Task ListModelsAsync_OpenRouter_ReadsModalitiesPricesAndParameters()
    {
        using var service = new SequencedService(
            """
            {"data":[
              {"id":"openai/gpt-4o","name":"OpenAI: GPT-4o","context_length":128000,"architecture":{"modality":"text+image+file->text","input_modalities":["text","image","file"],"output_modalities":["text"],"tokenizer":"GPT"},
               "pricing":{"prompt":"0.0000025","completion":"0.00001","request":"0","image":"0.003613","web_search":"0","internal_reasoning":"0","input_cache_read":"0.00000125"},
               "top_provider":{"context_length":128000,"max_completion_tokens":16384,"is_moderated":true},"supported_parameters":["max_tokens","structured_outputs","tools","tool_choice"]},
              {"id":"openrouter/auto","name":"Auto Router","context_length":2000000,"architecture":{"input_modalities":["text"]},"pricing":{"prompt":"-1","completion":"-1"},"supported_parameters":["reasoning"]}]}
            """
        );
        using var client = service.Client(Providers.OpenRouter);

        var models = await client.ListModelsAsync();

        var model = models[0];
        Assert.Equal("GET https://openrouter.ai/api/v1/models", Assert.Single(service.Lines));
        Assert.Equal(
            ("openai/gpt-4o", "OpenAI: GPT-4o", 128000L, 16384L),
            (model.Id, model.Title, model.ContextTokens, model.MaxOutputTokens)
        );
        Assert.Equal(["text", "image", "file"], model.InputModalities);
        Assert.Equal(["text"], model.OutputModalities);
        Assert.Equal(["max_tokens", "structured_outputs", "tools", "tool_choice"], model.SupportedParameters);
        Assert.Equal(new Price(2.5m, 10m) { CachedInput = 1.25m }, model.Price);
        Assert.Equal(
            new Capabilities
            {
                Tools = true,
                Vision = true,
                Audio = false,
                Files = true,
                Thinking = false,
                StructuredOutput = true,
                ContextTokens = 128000,
            },
            model.Capabilities
        );
        Assert.StartsWith("""{"id":"openai/gpt-4o",""", model.Json.ToString());
        Assert.Null(models[1].Price);
        Assert.Equal(["openai/gpt-4o"], models.Where(model => model.Supports(Capability.Tools)).Select(model => model.Id));
    }

    // OpenRouter parses documents for every model (openrouter.ai/docs/guides/overview/multimodal/pdfs), and routes to another host if an
    // answer may be longer than the first host allows.
    [Fact]
    public async Task ListModelsAsync_OpenRouter_DoesNotLimitFilesOrMaxOutputTokens()
    {
        using var service = new SequencedService(
            """{"data":[{"id":"x/y","context_length":131072,"architecture":{"input_modalities":["text"]},"top_provider":{"context_length":32768,"max_completion_tokens":4096},"supported_parameters":["max_tokens","tools"]}]}""",
            """{"id":"1","model":"x/y","choices":[{"index":0,"message":{"role":"assistant","content":"Read."},"finish_reason":"stop"}]}"""
        );
        using var lister = service.Client(Providers.OpenRouter, "x/y");
        var models = await lister.ListModelsAsync();
        using var client = service.Client(Providers.OpenRouter.WithModels(models), "x/y");

        var reply = await client.SendAsync(
            new ChatRequest { Messages = [Message.User(new FilePart(new byte[] { 1 }, "application/pdf", "a.pdf"))], MaxTokens = 16384 }
        );

        Assert.Equal("Read.", reply.Text);
        Assert.Equal(4096L, models[0].MaxOutputTokens);
        Assert.Equal((null, null), (models[0].Capabilities.MaxOutputTokens, models[0].Capabilities.Files));
    }

    [Fact]
    public async Task ListModelsAsync_Volcengine_OmitsShutDownModels()
    {
        using var service = new SequencedService(
            """
            {"object":"list","data":[
              {"id":"doubao-lite-4k-240328","object":"model","name":"doubao-lite-4k","version":"240328","domain":"LLM","status":"Shutdown","modalities":{"input_modalities":["text"],"output_modalities":["text"]},"token_limits":{"context_window":4096}},
              {"id":"doubao-seed-1-6-250615","object":"model","name":"doubao-seed-1-6","version":"250615","domain":"VLM","status":"Retiring","modalities":{"input_modalities":["text","image","video"],"output_modalities":["text"]},
               "features":{"tools":{"function_calling":true},"structured_outputs":{"json_schema":true}},"token_limits":{"context_window":262144,"max_input_token_length":229376,"max_output_token_length":32768,"max_reasoning_token_length":32768}}]}
            """
        );
        using var client = service.Client(Providers.OpenAI);

        var model = Assert.Single(await client.ListModelsAsync());

        Assert.Equal(
            ("doubao-seed-1-6-250615", "doubao-seed-1-6", 262144L, 32768L),
            (model.Id, model.Title, model.ContextTokens, model.MaxOutputTokens)
        );
        Assert.Equal((true, true, null), (model.Capabilities.Vision, model.Capabilities.Tools, model.Capabilities.Files));
    }

    [Fact]
    public async Task ListModelsAsync_Bedrock_CallsControlPlane()
    {
        using var service = new SequencedService(
            """
            {"modelSummaries":[{"modelArn":"arn:aws:bedrock:eu-west-1::foundation-model/amazon.nova-pro-v1:0","modelId":"amazon.nova-pro-v1:0","modelName":"Nova Pro","providerName":"Amazon","inputModalities":["TEXT","IMAGE"],"outputModalities":["TEXT"],"responseStreamingSupported":true}]}
            """
        );
        using var client = service.Client(Providers.BedrockIn("eu-west-1"));

        var model = Assert.Single(await client.ListModelsAsync());

        Assert.Equal("GET https://bedrock.eu-west-1.amazonaws.com/foundation-models", Assert.Single(service.Lines));
        Assert.Equal(("amazon.nova-pro-v1:0", "Nova Pro", "Amazon"), (model.Id, model.Title, model.Owner));
        Assert.Equal((true, true, null), (model.Capabilities.Streaming, model.Capabilities.Vision, model.Capabilities.Files));
    }

    [Theory]
    [InlineData("huggingface", "https://router.huggingface.co/v1/models")]
    [InlineData("perplexity", "https://api.perplexity.ai/v1/models")]
    [InlineData("glm", "https://api.z.ai/api/paas/v4/models")]
    [InlineData("together", "https://api.together.xyz/v1/models")]
    [InlineData("xai-responses", "https://api.x.ai/v1/models")]
    [InlineData("claude-proxy", "http://localhost:3456/v1/models")]
    [InlineData("volcengine", "https://ark.cn-beijing.volces.com/api/v3/models")]
    [InlineData("cohere", "https://api.cohere.ai/v1/models?page_size=1000")]
    [InlineData("deepinfra", "https://api.deepinfra.com/v1/openai/models")]
    [InlineData("docker", "http://localhost:12434/engines/v1/models")]
    public async Task ListModelsAsync_OtherServices_UseTheirModelsUrl(string name, string url)
    {
        using var service = new SequencedService("""[{"id":"a"}]""");
        using var client = service.Client(Providers.Get(name));

        Assert.Equal("a", Assert.Single(await client.ListModelsAsync()).Id);
        Assert.Equal("GET " + url, Assert.Single(service.Lines));
    }

    [Fact]
    public async Task ListModelsAsync_ListUrlNotUnderBaseUrl_SendsNoRequest()
    {
        using var service = new SequencedService("""{"modelSummaries":[]}""");
        using var client = service.Client(Providers.BedrockIn("eu-west-1") with { BaseUrl = new("https://proxy.example.org/") });

        var e = await Assert.ThrowsAsync<LlmException>(() => client.ListModelsAsync());

        Assert.Equal((LlmErrorKind.Unsupported, LlmPhase.Configure, "bedrock"), (e.Kind, e.Phase, e.Provider));
        Assert.Empty(service.Lines);
    }

    public static TheoryData<string, string, Action<ModelInfo>> Entries =>
        new()
        {
            {
                "Groq",
                """{"data":[{"id":"llama-3.3-70b-versatile","object":"model","owned_by":"Meta","context_window":131072,"max_completion_tokens":32768}]}""",
                m => Assert.Equal(("Meta", 131072L, 32768L), (m.Owner, m.ContextTokens, m.MaxOutputTokens))
            },
            {
                "Mistral",
                """{"data":[{"id":"mistral-large-2512","capabilities":{"completion_chat":true,"function_calling":true,"vision":true,"fine_tuning":false},"max_context_length":262144}]}""",
                m =>
                    Assert.Equal(
                        (262144L, true, true, null),
                        (m.ContextTokens, m.Capabilities.Tools, m.Capabilities.Vision, m.Capabilities.Thinking)
                    )
            },
            {
                "vLLM",
                """{"object":"list","data":[{"id":"Qwen/Qwen3-8B","owned_by":"vllm","max_model_len":40960}]}""",
                m => Assert.Equal(40960L, m.ContextTokens)
            },
            {
                "llama.cpp",
                """{"models":[{"name":"x.gguf"}],"object":"list","data":[{"id":"gpt-oss","meta":{"n_ctx_train":131072}}]}""",
                m => Assert.Equal(("gpt-oss", 131072L), (m.Id, m.ContextTokens))
            },
            {
                "Ollama",
                """{"models":[{"name":"llama3:8b","model":"llama3:8b","size":4661224676,"details":{"family":"llama","parameter_size":"8.0B"}}]}""",
                m => Assert.Equal("llama3:8b", m.Id)
            },
            {
                "Together",
                """[{"id":"openai/gpt-oss-20b","type":"chat","display_name":"OpenAI GPT-OSS 20B","organization":"OpenAI","context_length":131072,"pricing":{"hourly":0,"input":0.05,"output":0.2,"base":0,"finetune":0}}]""",
                m => Assert.Equal((new Price(0.05m, 0.2m), "OpenAI"), (m.Price, m.Owner))
            },
            {
                "GitHub",
                """[{"id":"openai/gpt-4.1","name":"OpenAI GPT-4.1","publisher":"OpenAI","supported_input_modalities":["text","image"],"supported_output_modalities":["text"],"capabilities":["streaming","tool-calling"],"limits":{"max_input_tokens":1048576,"max_output_tokens":32768}}]""",
                m =>
                    Assert.Equal(
                        (1048576L, 32768L, true, true, true),
                        (m.ContextTokens, m.MaxOutputTokens, m.Capabilities.Tools, m.Capabilities.Streaming, m.Capabilities.Vision)
                    )
            },
            {
                "Hugging Face",
                """{"object":"list","data":[{"id":"openai/gpt-oss-20b","owned_by":"openai","architecture":{"input_modalities":["text"],"output_modalities":["text"]},"providers":[{"provider":"groq","status":"live","supports_tools":true,"supports_structured_output":false,"context_length":131072},{"provider":"other","supports_tools":false,"context_length":8192}]}]}""",
                m => Assert.Equal((131072L, true, false), (m.ContextTokens, m.Capabilities.Tools, m.Capabilities.StructuredOutput))
            },
            {
                "Requesty",
                """{"data":[{"id":"openai/gpt-4o","input_price":"0.0000025","output_price":"0.00001","cached_price":"0.00000125","max_output_tokens":16384,"context_window":128000,"supports_vision":true,"supports_reasoning":false}]}""",
                m =>
                    Assert.Equal(
                        (new Price(2.5m, 10m) { CachedInput = 1.25m }, true, false),
                        (m.Price, m.Capabilities.Vision, m.Capabilities.Thinking)
                    )
            },
            {
                "Fireworks",
                """{"data":[{"id":"accounts/fireworks/models/gpt-oss-20b","supports_chat":true,"supports_image_input":false,"supports_tools":true,"context_length":131072}]}""",
                m => Assert.Equal((131072L, true, false), (m.ContextTokens, m.Capabilities.Tools, m.Capabilities.Vision))
            },
            {
                "OpenAI",
                """{"object":"list","data":[{"id":"gpt-4o","object":"model","created":1715367049,"owned_by":"system"}]}""",
                m => Assert.Equal(("system", Capabilities.Unknown), (m.Owner, m.Capabilities))
            },
            {
                "Vercel",
                """{"object":"list","data":[{"id":"openai/gpt-5","object":"model","owned_by":"openai","name":"GPT-5","context_window":400000,"max_tokens":128000,"type":"language","pricing":{"input":"0.00000125","output":"0.00001","input_cache_read":"0.000000125","input_cache_write":"0.0000015"}}]}""",
                m =>
                    Assert.Equal(
                        (new Price(1.25m, 10m) { CachedInput = 0.125m, CacheWrite = 1.5m }, 400000L, 128000L),
                        (m.Price, m.ContextTokens, m.MaxOutputTokens)
                    )
            },
            { "Vercel, free", """[{"id":"a/b","pricing":{"input":"0","output":"0"}}]""", m => Assert.Equal(new Price(0, 0), m.Price) },
            {
                "Vercel, the dearest",
                """[{"id":"openai/o1-pro","pricing":{"input":"0.00015","output":"0.0006"}}]""",
                m => Assert.Equal(new Price(150m, 600m), m.Price)
            },
            {
                "per million as text",
                """[{"id":"a","pricing":{"input":"0.05","output":"0.2"}}]""",
                m => Assert.Equal(new Price(0.05m, 0.2m), m.Price)
            },
            {
                "Chutes",
                """{"object":"list","data":[{"id":"deepseek-ai/D","price":{"input":{"tao":0.001,"usd":0.2},"output":{"tao":0.1,"usd":0.8}},"pricing":{"prompt":0.2,"completion":0.8,"input_cache_read":0.1},"max_model_len":163840,"context_length":163840,"max_output_length":65536}]}""",
                m => Assert.Equal((new Price(0.2m, 0.8m) { CachedInput = 0.1m }, 65536L), (m.Price, m.MaxOutputTokens))
            },
            {
                "Chutes, cheap",
                """[{"id":"a","pricing":{"prompt":0.001,"completion":0.005}}]""",
                m => Assert.Equal(new Price(0.001m, 0.005m), m.Price)
            },
            {
                "NanoGPT",
                """[{"id":"a","pricing":{"prompt":0.0005,"completion":0.001,"currency":"USD","unit":"per_million_tokens"}}]""",
                m => Assert.Equal(new Price(0.0005m, 0.001m), m.Price)
            },
            {
                "a unit of one token",
                """[{"id":"a","pricing":{"input":0.000002,"output":0.000004,"unit":"per_token"}}]""",
                m => Assert.Equal(new Price(2m, 4m), m.Price)
            },
            {
                "a unit of a thousand",
                """[{"id":"a","pricing":{"prompt":"0.002","completion":"0.004","unit":"per_1k_tokens"}}]""",
                m => Assert.Equal(new Price(2m, 4m), m.Price)
            },
            {
                "SambaNova",
                """[{"id":"a","pricing":{"completion":"0.00000450","duration_per_request":"","prompt":"0.0000030"}}]""",
                m => Assert.Equal(new Price(3m, 4.5m), m.Price)
            },
            {
                "Venice",
                """{"data":[{"id":"qwen","type":"text","model_spec":{"availableContextTokens":131072,"maxCompletionTokens":4096,"pricing":{"input":{"usd":0.1,"diem":0.1},"output":{"usd":0.2,"diem":0.2},"cache_input":{"usd":0.05}}}}]}""",
                m =>
                    Assert.Equal(
                        (new Price(0.1m, 0.2m) { CachedInput = 0.05m }, 131072L, 4096L),
                        (m.Price, m.ContextTokens, m.MaxOutputTokens)
                    )
            },
            {
                "DeepInfra",
                """{"data":[{"id":"m/x","metadata":{"context_length":131072,"max_tokens":16384,"pricing":{"input_tokens":0.13,"output_tokens":0.4,"cache_read_tokens":0.05}}}]}""",
                m =>
                    Assert.Equal(
                        (new Price(0.13m, 0.4m) { CachedInput = 0.05m }, 131072L, 16384L),
                        (m.Price, m.ContextTokens, m.MaxOutputTokens)
                    )
            },
            {
                "Copilot",
                """{"data":[{"id":"gpt-5","name":"GPT-5","capabilities":{"family":"gpt-5","limits":{"max_context_window_tokens":264000,"max_output_tokens":64000,"max_prompt_tokens":128000},"type":"chat"}}]}""",
                m => Assert.Equal((264000L, 64000L), (m.ContextTokens, m.MaxOutputTokens))
            },
            {
                "Novita",
                """{"data":[{"id":"d/r1","context_size":163840,"max_output_tokens":32768}]}""",
                m => Assert.Equal((163840L, 32768L), (m.ContextTokens, m.MaxOutputTokens))
            },
            {
                "Poe",
                """{"data":[{"id":"Claude","pricing":{"prompt":"0.000003","completion":"0.000015","image":null,"request":null},"context_window":{"context_length":200000,"max_output_tokens":64000}}]}""",
                m => Assert.Equal((new Price(3m, 15m), 200000L, 64000L), (m.Price, m.ContextTokens, m.MaxOutputTokens))
            },
            {
                "prices of other forms",
                """[{"id":"a","pricing":{"input":{"usd":1},"output":[],"unit":7},"metadata":{"pricing":{"input_tokens":1}},"model_spec":{"pricing":{"input":3}},"context_window":[],"capabilities":{"limits":1}}]""",
                m => Assert.Null(m.Price)
            },
            {
                "odd",
                """{"data":[null,7,"x",[],{},{"id":7},{"id":"m","context_length":"4096","pricing":"free","capabilities":[1],"architecture":[],"supported_parameters":"x","providers":[3],"properties":[1]}]}""",
                m => Assert.Equal((4096L, null), (m.ContextTokens, m.Price))
            },
        };

    [Theory]
    [InlineData(65, 64, true)]
    [InlineData(100, 64, true)]
    [InlineData(100, 128, false)]
    [Case(72)]
    public void Read_NestedTooDeep_EnforcesJsonDepth(int depth, int limit, bool isRefused)
    {
        string deep = new string('[', depth - 2) + new string(']', depth - 2);
        var limits = new LlmLimits { JsonDepth = limit };
        Action[] reads =
        [
            () =>
                Assert.True(ModelListing.TryRead(Encoding.UTF8.GetBytes($$"""{"data":[{"id":"m"}],"x":[{{deep}}]}"""), limits, [], out _)),
            () => Assert.Equal("m", ModelListing.ReadOne(Encoding.UTF8.GetBytes($$"""{"id":"m","x":[{{deep}}]}"""), "m", limits)!.Id),
        ];
        foreach (var read in reads)
        {
            if (!isRefused)
                read();
            else
                Assert.Equal(LlmLimit.JsonDepth, Assert.Throws<LlmException>(read).Limit);
        }
    }

    [Theory]
    [MemberData(nameof(Entries))]
    public void Read_EntryOfEachService_ReadsItsFields(string service, string body, Action<ModelInfo> check)
    {
        Assert.NotEmpty(service);
        check(Assert.Single(ModelListing.Read(Encoding.UTF8.GetBytes(body))!));
    }

    [Theory]
    [InlineData("[{")]
    [InlineData("{}")]
    [InlineData("7")]
    [InlineData("""{"data":{}}""")]
    [InlineData("""{"data":[{"id":"\ud83d"}]}""")]
    [InlineData("""{"data":[{"\ud83d":1,"id":"m"}]}""")]
    [InlineData("")]
    public async Task ListModelsAsync_InvalidBody_ThrowsMalformedResponse(string body)
    {
        using var service = new SequencedService(body);
        using var client = service.Client(Providers.OpenAI, options: new LlmClientOptions { Retries = LlmRetries.None });

        var e = await Assert.ThrowsAsync<LlmException>(() => client.ListModelsAsync());
        Assert.Equal((LlmErrorKind.MalformedResponse, body.Length == 0 ? LlmPhase.AwaitFirstEvent : LlmPhase.Streaming), (e.Kind, e.Phase));
    }

    [Fact]
    public async Task ListModelsAsync_PagesRepeat_ThrowsMalformedResponse()
    {
        const string Page = """{"data":[{"id":"a"}],"has_more":true,"last_id":"a"}""";
        using var service = new SequencedService(Page, Page, Page);
        using var client = service.Client(Providers.Anthropic);

        var e = await Assert.ThrowsAsync<LlmException>(() => client.ListModelsAsync());

        Assert.Equal((LlmErrorKind.MalformedResponse, LlmPhase.Streaming), (e.Kind, e.Phase));
        Assert.Equal(2, service.Lines.Count);
    }

    [Fact]
    public async Task GetModelAsync_Ollama_ReadsContextAndCapabilities()
    {
        using var service = new SequencedService(
            """
            {"modelfile":"FROM x","parameters":"stop \"<|eot|>\"","template":"{{ .Prompt }}","details":{"format":"gguf","family":"qwen3","parameter_size":"8.2B","quantization_level":"Q4_K_M"},
             "model_info":{"general.architecture":"qwen3","general.parameter_count":8190735360,"qwen3.context_length":40960,"qwen3.embedding_length":4096},"capabilities":["completion","tools","thinking"]}
            """
        );
        using var client = service.Client(Providers.Ollama, "qwen3:8b");

        var model = await client.GetModelAsync();

        Assert.Equal("POST http://localhost:11434/api/show", Assert.Single(service.Lines));
        JsonAssert.Equal("""{"model":"qwen3:8b"}""", service.Bodies[0]);
        Assert.Equal(("qwen3:8b", 40960L), (model.Id, model.ContextTokens));
        Assert.Equal(
            new Capabilities
            {
                Tools = true,
                Thinking = true,
                Vision = false,
                ContextTokens = 40960,
            },
            model.Capabilities
        );
    }

    [Theory]
    [InlineData("openai", "gpt-4o", "https://api.openai.com/v1/models/gpt-4o")]
    [InlineData("together", "meta/llama 3", "https://api.together.xyz/v1/models/meta/llama%203")]
    [InlineData("openai-responses", "gpt-4o", "https://api.openai.com/v1/models/gpt-4o")]
    [InlineData("anthropic", "claude-opus-5", "https://api.anthropic.com/v1/models/claude-opus-5")]
    [InlineData("gemini", "gemini-2.5-flash", "https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash")]
    public async Task GetModelAsync_OtherWires_UseModelUrl(string name, string model, string url)
    {
        using var service = new SequencedService("""{"id":"found","context_length":4096}""");
        using var client = service.Client(Providers.Get(name), model);

        var found = await client.GetModelAsync();

        Assert.Equal(("GET " + url, "found"), (Assert.Single(service.Lines), found.Id));
    }

    [Fact]
    public async Task ListModelsAsync_NextPageTokenIsTooLong_ThrowsMalformedResponse()
    {
        using var service = new SequencedService($$"""{"models":[{"name":"models/a"}],"nextPageToken":"{{new string('x', 70_000)}}"}""");
        using var client = service.Client(Providers.Gemini);

        var error = await Assert.ThrowsAsync<LlmException>(() => client.ListModelsAsync());

        Assert.Equal((LlmErrorKind.MalformedResponse, LlmPhase.Streaming), (error.Kind, error.Phase));
        Assert.Single(service.Lines);
    }

    [Theory]
    [InlineData("../secret")]
    [InlineData("a//b")]
    public async Task GetModelAsync_NameWithPathTraversal_ThrowsArgumentException(string model)
    {
        using var service = new SequencedService("{}");
        using var client = service.Client(Providers.OpenAI, model);

        await Assert.ThrowsAsync<ArgumentException>(() => client.GetModelAsync());
    }

    [Fact]
    public async Task GetModelAsync_UnsupportedByWire_ThrowsUnsupported()
    {
        using var service = new SequencedService("{}");
        using var client = service.Client(Providers.BedrockIn("eu-west-1"));

        var e = await Assert.ThrowsAsync<LlmException>(() => client.GetModelAsync());
        Assert.Equal((LlmErrorKind.Unsupported, LlmPhase.Configure, "bedrock"), (e.Kind, e.Phase, e.Provider));
    }

    [Fact]
    public async Task ListModelsAsync_BodyHasByteOrderMark_IsRead()
    {
        using var service = new SequencedService("\uFEFF" + """{"data":[{"id":"m1"}]}""", "\uFEFF" + """{"name":"m1"}""");
        using var client = service.Client(Providers.OpenAI);
        Assert.Equal("m1", Assert.Single(await client.ListModelsAsync()).Id);
        Assert.Equal("m1", (await client.GetModelAsync("m1")).Id);
    }
}
