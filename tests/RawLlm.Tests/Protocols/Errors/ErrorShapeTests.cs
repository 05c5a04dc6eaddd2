using System.Text;
using RawLlm.Protocols;
using RawLlm.Tests.Faults;

namespace RawLlm.Tests.Protocols.Errors;

/// <summary>One row per shape and service: what came over the wire, and what it must mean.</summary>
public sealed class ErrorShapeTests
{
    public static TheoryData<string, int, string, LlmErrorKind, string?, string> Shapes =>
        new()
        {
            // OpenAI and services that use its format.
            {
                "openai bad request",
                400,
                """{"error":{"message":"Invalid 'temperature': decimal above maximum value.","type":"invalid_request_error","param":"temperature","code":"decimal_above_max_value"}}""",
                LlmErrorKind.BadRequest,
                "decimal_above_max_value",
                "Invalid 'temperature': decimal above maximum value."
            },
            {
                "openai null code",
                400,
                """{"error":{"message":"Web search options not supported with this model.","type":"invalid_request_error","param":"web_search_options","code":null}}""",
                LlmErrorKind.BadRequest,
                "invalid_request_error",
                "Web search options not supported"
            },
            {
                "openai wrong key",
                401,
                """{"error":{"message":"Incorrect API key provided: sk-****.","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}""",
                LlmErrorKind.Authentication,
                "invalid_api_key",
                "Incorrect API key provided"
            },
            {
                "openai unknown model",
                404,
                """{"error":{"message":"The model `gpt-9` does not exist or you do not have access to it.","type":"invalid_request_error","param":null,"code":"model_not_found"}}""",
                LlmErrorKind.NotFound,
                "model_not_found",
                "The model `gpt-9` does not exist"
            },
            {
                "openai unknown model on responses",
                400,
                """{"error":{"message":"The requested model 'gpt-9' does not exist.","type":"invalid_request_error","param":"model","code":"model_not_found"}}""",
                LlmErrorKind.NotFound,
                "model_not_found",
                "The requested model 'gpt-9'"
            },
            {
                "openai rate limit",
                429,
                """{"error":{"message":"Rate limit reached for gpt-4o on tokens per min (TPM): Limit 30000, Used 29000, Requested 2000. Please try again in 2s.","type":"tokens","param":null,"code":"rate_limit_exceeded"}}""",
                LlmErrorKind.RateLimited,
                "rate_limit_exceeded",
                "Rate limit reached for gpt-4o"
            },
            {
                "openai quota",
                429,
                """{"error":{"message":"You exceeded your current quota, please check your plan and billing details.","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}""",
                LlmErrorKind.QuotaExhausted,
                "insufficient_quota",
                "You exceeded your current quota"
            },
            {
                "openai unsupported country",
                403,
                """{"error":{"message":"Country, region, or territory not supported","type":"request_forbidden","param":null,"code":"unsupported_country_region_territory"}}""",
                LlmErrorKind.PermissionDenied,
                "unsupported_country_region_territory",
                "Country, region, or territory"
            },
            {
                "openai server error",
                500,
                """{"error":{"message":"The server had an error while processing your request. Sorry about that!","type":"server_error","param":null,"code":null}}""",
                LlmErrorKind.ServerError,
                "server_error",
                "The server had an error"
            },
            {
                "openai policy",
                400,
                """{"error":{"message":"Invalid prompt: your prompt was flagged as potentially violating our usage policy.","type":"invalid_request_error","param":null,"code":"invalid_prompt"}}""",
                LlmErrorKind.ContentFiltered,
                "invalid_prompt",
                "your prompt was flagged"
            },
            {
                "openai spend limit of a project",
                429,
                """{"error":{"message":"This project has reached its limit.","type":"requests","code":"project_spend_limit_exceeded"}}""",
                LlmErrorKind.QuotaExhausted,
                "project_spend_limit_exceeded",
                "This project has reached its limit."
            },
            {
                "openai spend limit of an organization",
                429,
                """{"error":{"message":"No more.","type":"requests","code":"organization_spend_limit_exceeded"}}""",
                LlmErrorKind.QuotaExhausted,
                "organization_spend_limit_exceeded",
                "No more."
            },
            {
                "openai usage limit of an organization",
                429,
                """{"error":{"message":"No more.","code":"organization_usage_limit_exceeded"}}""",
                LlmErrorKind.QuotaExhausted,
                "organization_usage_limit_exceeded",
                "No more."
            },
            {
                "credit balance code",
                429,
                """{"error":{"message":"No more.","code":"credit_balance_exhausted"}}""",
                LlmErrorKind.QuotaExhausted,
                "credit_balance_exhausted",
                "No more."
            },
            // Azure.
            {
                "azure not found",
                404,
                """{"error":{"code":"404","message": "Resource not found"}}""",
                LlmErrorKind.NotFound,
                "404",
                "Resource not found"
            },
            {
                "azure content filter",
                400,
                """{"error":{"message":"The response was filtered due to the prompt triggering Azure OpenAI's content management policy.","type":null,"param":"prompt","code":"content_filter","status":400,"innererror":{"code":"ResponsibleAIPolicyViolation","content_filter_result":{"violence":{"filtered":true,"severity":"high"}}}}}""",
                LlmErrorKind.ContentFiltered,
                "content_filter",
                "The response was filtered"
            },
            {
                "azure content filter by the inner code alone",
                400,
                """{"error":{"message":"Blocked.","code":null,"innererror":{"code":"ResponsibleAIPolicyViolation"}}}""",
                LlmErrorKind.ContentFiltered,
                null,
                "Blocked."
            },
            {
                "azure rate limit with details as text",
                429,
                """{"error":{"code":"RateLimitReached","message":"Your requests have exceeded rate limit.","details":"Your requests have exceeded rate limit."}}""",
                LlmErrorKind.RateLimited,
                "RateLimitReached",
                "Your requests have exceeded rate limit."
            },
            {
                "azure gateway",
                429,
                """{ "statusCode": 429, "message": "Rate limit is exceeded. Try again in 20 seconds." }""",
                LlmErrorKind.RateLimited,
                null,
                "Rate limit is exceeded."
            },
            {
                "azure no capacity",
                429,
                """{"error":{"code":"NoCapacity","message":"The system is currently experiencing high demand."}}""",
                LlmErrorKind.Overloaded,
                "NoCapacity",
                "high demand"
            },
            // Anthropic.
            {
                "anthropic key",
                401,
                """{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"},"request_id":"req_1"}""",
                LlmErrorKind.Authentication,
                "authentication_error",
                "invalid x-api-key"
            },
            {
                "anthropic model",
                404,
                """{"type":"error","error":{"type":"not_found_error","message":"model: claude-0"},"request_id":"req_1"}""",
                LlmErrorKind.NotFound,
                "not_found_error",
                "model: claude-0"
            },
            {
                "anthropic overloaded",
                529,
                """{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"},"request_id":"req_1"}""",
                LlmErrorKind.Overloaded,
                "overloaded_error",
                "Overloaded"
            },
            {
                "anthropic overloaded under 500",
                500,
                """{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}""",
                LlmErrorKind.Overloaded,
                "overloaded_error",
                "Overloaded"
            },
            {
                "anthropic rate limit with null details",
                429,
                """{"type":"error","error":{"details":null,"type":"rate_limit_error","message":"Rate limited"},"request_id":"req_1"}""",
                LlmErrorKind.RateLimited,
                "rate_limit_error",
                "Rate limited"
            },
            {
                "anthropic spend limit",
                429,
                """{"type":"error","error":{"details":{"error_code":"enforced_spend_limit_reached"},"type":"rate_limit_error","message":"The spend limit is reached."}}""",
                LlmErrorKind.QuotaExhausted,
                "rate_limit_error",
                "The spend limit is reached."
            },
            {
                "anthropic credit",
                400,
                """{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the Anthropic API."}}""",
                LlmErrorKind.QuotaExhausted,
                "invalid_request_error",
                "Your credit balance is too low"
            },
            {
                "anthropic billing",
                402,
                """{"type":"error","error":{"type":"billing_error","message":"Payment required."}}""",
                LlmErrorKind.QuotaExhausted,
                "billing_error",
                "Payment required."
            },
            {
                "anthropic permission",
                403,
                """{"type":"error","error":{"type":"permission_error","message":"Your API key does not have permission."}}""",
                LlmErrorKind.PermissionDenied,
                "permission_error",
                "does not have permission"
            },
            {
                "anthropic bytes",
                413,
                """{"type":"error","error":{"type":"request_too_large","message":"Request exceeds the maximum size"}}""",
                LlmErrorKind.RequestTooLarge,
                "request_too_large",
                "Request exceeds the maximum size"
            },
            {
                "anthropic filter",
                400,
                """{"type":"error","error":{"type":"invalid_request_error","message":"Output blocked by content filtering policy"}}""",
                LlmErrorKind.ContentFiltered,
                "invalid_request_error",
                "Output blocked"
            },
            {
                "anthropic shape on another wire, members turned round",
                400,
                """{"request_id":"r","error":{"message":"messages: at least one is needed","type":"invalid_request_error"},"type":"error"}""",
                LlmErrorKind.BadRequest,
                "invalid_request_error",
                "messages: at least one is needed"
            },
            // Gemini.
            {
                "gemini argument",
                400,
                """{"error":{"code":400,"message":"Please use a valid role: user, model.","status":"INVALID_ARGUMENT","details":[]}}""",
                LlmErrorKind.BadRequest,
                "INVALID_ARGUMENT",
                "Please use a valid role"
            },
            {
                "gemini key",
                400,
                """{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID","domain":"googleapis.com"}]}}""",
                LlmErrorKind.Authentication,
                "INVALID_ARGUMENT",
                "API key not valid."
            },
            {
                "gemini quota per day",
                429,
                """{"error":{"code":429,"message":"You exceeded your current quota.","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaId":"GenerateRequestsPerDayPerProjectPerModel-FreeTier"}]},{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"36s"}]}}""",
                LlmErrorKind.QuotaExhausted,
                "RESOURCE_EXHAUSTED",
                "You exceeded your current quota."
            },
            {
                "gemini quota per minute",
                429,
                """{"error":{"code":429,"message":"You exceeded your current quota.","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaId":"GenerateRequestsPerMinutePerProjectPerModel-FreeTier"}]},{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34.4s"}]}}""",
                LlmErrorKind.RateLimited,
                "RESOURCE_EXHAUSTED",
                "You exceeded your current quota."
            },
            {
                "gemini overloaded",
                503,
                """{"error":{"code":503,"message":"The model is overloaded. Please try again later.","status":"UNAVAILABLE"}}""",
                LlmErrorKind.Overloaded,
                "UNAVAILABLE",
                "The model is overloaded."
            },
            {
                "gemini array",
                400,
                """[{"error":{"code":400,"message":"Unsupported schema.","status":"INVALID_ARGUMENT"}}]""",
                LlmErrorKind.BadRequest,
                "INVALID_ARGUMENT",
                "Unsupported schema."
            },
            {
                "gemini region",
                400,
                """{"error":{"code":400,"message":"User location is not supported for the API use.","status":"FAILED_PRECONDITION"}}""",
                LlmErrorKind.PermissionDenied,
                "FAILED_PRECONDITION",
                "User location is not supported"
            },
            {
                "google errors in errors",
                403,
                """{"error":{"errors":[{"domain":"usageLimits","reason":"accessNotConfigured","message":"The API is switched off."}],"code":403}}""",
                LlmErrorKind.PermissionDenied,
                "403",
                "The API is switched off."
            },
            // Mistral, Groq, xAI, DeepSeek, Cohere, GLM, MiniMax.
            {
                "mistral flat",
                400,
                """{"object":"error","message":"Invalid model: nope","type":"invalid_model","param":null,"code":"1500","raw_status_code":400}""",
                LlmErrorKind.NotFound,
                "1500",
                "Invalid model: nope"
            },
            {
                "mistral validation",
                422,
                """{"detail":[{"type":"missing","loc":["body","messages",0,"role"],"msg":"Field required"}]}""",
                LlmErrorKind.BadRequest,
                null,
                "body.messages.0.role: Field required"
            },
            {
                "mistral tier",
                429,
                """{"object":"error","message":"Service tier capacity exceeded for this model.","type":"service_tier_capacity_exceeded","param":null,"code":"3505"}""",
                LlmErrorKind.Overloaded,
                "3505",
                "Service tier capacity exceeded"
            },
            {
                "mistral message as object",
                422,
                """{"object":"error","message":{"detail":[{"type":"extra_forbidden","loc":["body","top_k"],"msg":"Extra inputs are not permitted"}]},"type":"invalid_request_error","code":null}""",
                LlmErrorKind.BadRequest,
                "invalid_request_error",
                "body.top_k: Extra inputs are not permitted"
            },
            {
                "groq tool use",
                400,
                """{"error":{"message":"Failed to call a function.","type":"invalid_request_error","code":"tool_use_failed","failed_generation":"<function=x>"}}""",
                LlmErrorKind.ToolCallMalformed,
                "tool_use_failed",
                "Failed to call a function."
            },
            {
                "groq too large for the minute",
                413,
                """{"error":{"message":"Request too large for model `x` on tokens per minute (TPM): Limit 6000, Requested 7000","type":"tokens","code":"rate_limit_exceeded"}}""",
                LlmErrorKind.RequestTooLarge,
                "rate_limit_exceeded",
                "Request too large for model"
            },
            {
                "groq flex tier",
                498,
                """{"error":{"message":"Flex tier capacity exceeded.","type":"x","code":"capacity_exceeded"}}""",
                LlmErrorKind.Overloaded,
                "capacity_exceeded",
                "Flex tier capacity exceeded."
            },
            {
                "xai two texts",
                400,
                """{"code":"Client specified an invalid argument","error":"The model expects a single `text` element per message."}""",
                LlmErrorKind.BadRequest,
                "Client specified an invalid argument",
                "expects a single `text` element"
            },
            {
                "xai wrong key",
                400,
                """{"code":"Client specified an invalid argument","error":"Incorrect API key provided: sk***YA."}""",
                LlmErrorKind.Authentication,
                "Client specified an invalid argument",
                "Incorrect API key provided"
            },
            {
                "xai one text",
                422,
                """{"error":"Argument not supported on this model: reasoningEffort"}""",
                LlmErrorKind.BadRequest,
                null,
                "Argument not supported on this model"
            },
            {
                "xai credits",
                429,
                """{"code":"Some resource has been exhausted","error":"Your team 0f-1 has either used all available credits or reached its monthly spending limit."}""",
                LlmErrorKind.QuotaExhausted,
                "Some resource has been exhausted",
                "used all available credits"
            },
            {
                "deepseek balance",
                402,
                """{"error":{"message":"Insufficient Balance","type":"unknown_error","param":null,"code":"invalid_request_error"}}""",
                LlmErrorKind.QuotaExhausted,
                "invalid_request_error",
                "Insufficient Balance"
            },
            {
                "deepseek risk",
                400,
                """{"error":{"message":"Content Exists Risk","type":"invalid_request_error","param":null,"code":"invalid_request_error"}}""",
                LlmErrorKind.ContentFiltered,
                "invalid_request_error",
                "Content Exists Risk"
            },
            {
                "cohere flat",
                401,
                """{"id":"2d46","message":"Incorrect API key provided: ***."}""",
                LlmErrorKind.Authentication,
                null,
                "Incorrect API key provided"
            },
            {
                "glm balance",
                429,
                """{"error":{"code":"1113","message":"Insufficient balance or no resource package. Please recharge."}}""",
                LlmErrorKind.QuotaExhausted,
                "1113",
                "Insufficient balance"
            },
            {
                "glm balance on messages",
                429,
                """{"type":"error","error":{"type":"rate_limit_error","code":"1113","message":"[1113][Insufficient balance or no resource package. Please recharge.][2026]"},"request_id":"2026"}""",
                LlmErrorKind.QuotaExhausted,
                "1113",
                "Insufficient balance"
            },
            {
                "minimax",
                401,
                """{"base_resp":{"status_code":1004,"status_msg":"login fail: Please carry the API secret key"}}""",
                LlmErrorKind.Authentication,
                "1004",
                "login fail"
            },
            {
                "cerebras",
                429,
                """{"message":"Tokens per minute limit exceeded - too many tokens processed.","type":"too_many_tokens_error","param":"quota","code":"token_quota_exceeded"}""",
                LlmErrorKind.RateLimited,
                "token_quota_exceeded",
                "Tokens per minute limit exceeded"
            },
            {
                "moonshot engine",
                429,
                """{"error":{"message":"The engine is currently overloaded, please try again later","type":"engine_overloaded_error"}}""",
                LlmErrorKind.Overloaded,
                "engine_overloaded_error",
                "The engine is currently overloaded"
            },
            // OpenRouter, LiteLLM and other gateways.
            {
                "openrouter code as number",
                402,
                """{"error":{"code":402,"message":"Prompt tokens limit exceeded: 69120 > 36608."},"user_id":"u"}""",
                LlmErrorKind.QuotaExhausted,
                "402",
                "Prompt tokens limit exceeded"
            },
            {
                "openrouter upstream text",
                429,
                """{"error":{"code":429,"message":"Provider returned error","metadata":{"provider_name":"Google","raw":"gemini is temporarily rate-limited upstream."}}}""",
                LlmErrorKind.RateLimited,
                "429",
                "Provider returned error (Google): gemini is temporarily rate-limited upstream."
            },
            {
                "openrouter upstream json",
                400,
                """{"error":{"code":400,"message":"Provider returned error","metadata":{"raw":"{\"error\":{\"message\":\"This model's maximum context length is 100 tokens. However, you requested 120 tokens\",\"code\":\"context_length_exceeded\"}}","provider_name":"X"}}}""",
                LlmErrorKind.ContextLengthExceeded,
                "400",
                "This model's maximum context length is 100 tokens."
            },
            {
                "openrouter moderation",
                403,
                """{"error":{"code":403,"message":"x/y requires moderation. Your input was flagged.","metadata":{"reasons":["violence"],"flagged_input":"..."}}}""",
                LlmErrorKind.ContentFiltered,
                "403",
                "Your input was flagged."
            },
            {
                "openrouter free models per day",
                429,
                """{"error":{"message":"Rate limit exceeded: free-models-per-day. Add 10 credits to unlock 1000 free model requests per day","code":429}}""",
                LlmErrorKind.QuotaExhausted,
                "429",
                "free-models-per-day"
            },
            {
                "litellm with text for none",
                400,
                """{"error":{"message":"litellm.BadRequestError: OpenAIException - Unknown parameter: 'foo'.","type":"None","param":"None","code":"400"}}""",
                LlmErrorKind.BadRequest,
                "400",
                "Unknown parameter: 'foo'."
            },
            {
                "litellm wrapped overflow",
                400,
                """{"error":{"message":"litellm.ContextWindowExceededError: litellm.BadRequestError: ContextWindowExceededError: OpenAIException - This model's maximum context length is 4097 tokens. However, your messages resulted in 5000 tokens.","type":null,"param":null,"code":"400"}}""",
                LlmErrorKind.ContextLengthExceeded,
                "400",
                "This model's maximum context length is 4097 tokens."
            },
            {
                "litellm content policy",
                400,
                """{"error":{"message":"litellm.BadRequestError: litellm.ContentPolicyViolationError: AzureException - The response was filtered due to the prompt triggering Azure OpenAI's content management policy.","type":null,"param":null,"code":"400","provider_specific_fields":{"innererror":{"code":"ResponsibleAIPolicyViolation"}}}}""",
                LlmErrorKind.ContentFiltered,
                "400",
                "The response was filtered"
            },
            {
                "litellm budget",
                400,
                """{"error":{"message":"Budget has been exceeded!","type":"budget_exceeded","param":null,"code":"400"}}""",
                LlmErrorKind.QuotaExhausted,
                "budget_exceeded",
                "Budget has been exceeded!"
            },
            {
                "message that holds the whole error of another",
                503,
                """{"error":{"message":"{\n  \"error\": {\n    \"code\": 503,\n    \"message\": \"The model is overloaded.\",\n    \"status\": \"UNAVAILABLE\"\n  }\n}","code":503,"status":"Service Unavailable"}}""",
                LlmErrorKind.Overloaded,
                "UNAVAILABLE",
                "The model is overloaded."
            },
            // Self-hosted servers: vLLM, SGLang, TGI, llama.cpp, Ollama.
            {
                "vllm flat",
                400,
                """{"object":"error","message":"max_tokens must be at least 1, got 0.","type":"BadRequestError","param":null,"code":400}""",
                LlmErrorKind.BadRequest,
                "BadRequestError",
                "max_tokens must be at least 1, got 0."
            },
            {
                "vllm nested",
                404,
                """{"error":{"message":"The model `x` does not exist.","type":"NotFoundError","param":null,"code":404}}""",
                LlmErrorKind.NotFound,
                "NotFoundError",
                "The model `x` does not exist."
            },
            { "vllm unauthorized", 401, """{"error":"Unauthorized"}""", LlmErrorKind.Authentication, null, "Unauthorized" },
            {
                "tgi overloaded",
                429,
                """{"error":"Model is overloaded","error_type":"overloaded"}""",
                LlmErrorKind.Overloaded,
                "overloaded",
                "Model is overloaded"
            },
            {
                "tgi validation",
                422,
                """{"error":"Input validation error: `temperature` must be strictly positive","error_type":"validation"}""",
                LlmErrorKind.BadRequest,
                "validation",
                "`temperature` must be strictly positive"
            },
            {
                "tgi cannot read",
                422,
                "Failed to deserialize the JSON body into the target type: missing field `messages`",
                LlmErrorKind.BadRequest,
                null,
                "missing field `messages`"
            },
            {
                "llama.cpp key",
                401,
                """{"error":{"code":401,"message":"Invalid API Key","type":"authentication_error"}}""",
                LlmErrorKind.Authentication,
                "authentication_error",
                "Invalid API Key"
            },
            {
                "llama.cpp loading",
                503,
                """{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}""",
                LlmErrorKind.Overloaded,
                "unavailable_error",
                "Loading model"
            },
            {
                "llama.cpp blames itself",
                500,
                """{"error":{"code":500,"message":"image input is not supported - hint: if this is unexpected, you may need to provide the mmproj","type":"server_error"}}""",
                LlmErrorKind.ServerError,
                "server_error",
                "image input is not supported"
            },
            {
                "ollama",
                404,
                """{"error":"model 'nope:latest' not found"}""",
                LlmErrorKind.NotFound,
                null,
                "model 'nope:latest' not found"
            },
            {
                "ollama v1",
                404,
                """{"error":{"message":"model \"nope\" not found, try pulling it first","type":"api_error","param":null,"code":null}}""",
                LlmErrorKind.NotFound,
                "api_error",
                "try pulling it first"
            },
            {
                "localai with code of another type",
                500,
                """{"error":{"code":[500],"message":"rpc error: code = Unknown","type":""}}""",
                LlmErrorKind.ServerError,
                null,
                "rpc error: code = Unknown"
            },
            // AWS.
            {
                "bedrock",
                400,
                """{"message":"The provided model identifier is invalid."}""",
                LlmErrorKind.NotFound,
                null,
                "The provided model identifier is invalid."
            },
            {
                "bedrock expired",
                403,
                """{"message":"The security token included in the request is expired"}""",
                LlmErrorKind.Authentication,
                null,
                "The security token included in the request is expired"
            },
            {
                "bedrock capital message",
                429,
                """{"Message":"Too many tokens, please wait before trying again."}""",
                LlmErrorKind.RateLimited,
                null,
                "Too many tokens, please wait before trying again."
            },
            {
                "aws type in the body",
                403,
                """{"__type":"com.amazon.coral.service#UnrecognizedClientException","message":"The security token is wrong."}""",
                LlmErrorKind.Authentication,
                "com.amazon.coral.service#UnrecognizedClientException",
                "The security token is wrong."
            },
            {
                "aws quota of the service",
                400,
                """{"__type":"ServiceQuotaExceededException","message":"More than allowed."}""",
                LlmErrorKind.QuotaExhausted,
                "ServiceQuotaExceededException",
                "More than allowed."
            },
            // Servers of all kinds.
            { "detail", 404, """{"detail":"Not Found"}""", LlmErrorKind.NotFound, null, "Not Found" },
            {
                "detail as object",
                403,
                """{"detail":{"message":"No seat for you.","code":"no_seat"}}""",
                LlmErrorKind.PermissionDenied,
                "no_seat",
                "No seat for you."
            },
            {
                "details of several fields",
                422,
                """{"detail":[{"loc":["body","a"],"msg":"one","type":"t"},{"loc":["body","b"],"msg":"two","type":"t"},{"loc":[],"msg":"three","type":"t"},{"loc":[],"msg":"four","type":"t"}]}""",
                LlmErrorKind.BadRequest,
                null,
                "body.a: one; body.b: two; three"
            },
            { "plain string", 500, "\"upstream is away\"", LlmErrorKind.ServerError, null, "upstream is away" },
            { "status and message", 500, """{"status":500,"message":"It broke."}""", LlmErrorKind.ServerError, null, "It broke." },
            {
                "status as word and message",
                400,
                """{"status":"error","message":"It is wrong."}""",
                LlmErrorKind.BadRequest,
                null,
                "It is wrong."
            },
            {
                "message, error and status code",
                400,
                """{"message":["model must be a string","messages must be an array"],"error":"Bad Request","statusCode":400}""",
                LlmErrorKind.BadRequest,
                "Bad Request",
                "model must be a string; messages must be an array"
            },
            { "html message", 502, """{"html-message":"<b>Bad gateway</b>"}""", LlmErrorKind.ServerError, null, "<b>Bad gateway</b>" },
            {
                "errors",
                400,
                """{"errors":[{"message":"AiError: bad input","code":5006}],"success":false,"result":{},"messages":[]}""",
                LlmErrorKind.BadRequest,
                "5006",
                "AiError: bad input"
            },
            { "errors as texts", 400, """{"errors":["one","two"]}""", LlmErrorKind.BadRequest, null, "one; two" },
            {
                "code and error as texts",
                400,
                """{"code":"wrong_thing","error":"It is the wrong thing."}""",
                LlmErrorKind.BadRequest,
                "wrong_thing",
                "It is the wrong thing."
            },
            {
                "problem details",
                400,
                """{"type":"https://example.org/probs/x","title":"Bad Request","status":400,"detail":"The field is required.","traceId":"00-1"}""",
                LlmErrorKind.BadRequest,
                null,
                "The field is required."
            },
            {
                "problem title",
                500,
                """{"type":"about:blank","title":"Internal Server Error","status":500}""",
                LlmErrorKind.ServerError,
                null,
                "Internal Server Error"
            },
            {
                "oauth",
                401,
                """{"error":"invalid_client","error_description":"The client is not known."}""",
                LlmErrorKind.Authentication,
                "invalid_client",
                "The client is not known."
            },
            {
                "baidu",
                400,
                """{"error_code":336003,"error_msg":"the max input characters is 20000"}""",
                LlmErrorKind.BadRequest,
                "336003",
                "the max input characters is 20000"
            },
            { "error is true", 500, """{"error":true,"message":"Something."}""", LlmErrorKind.ServerError, null, "Something." },
            { "error is null, then said", 500, """{"error":null,"message":"Something."}""", LlmErrorKind.ServerError, null, "Something." },
            {
                "two errors, the second null",
                429,
                """{"error":{"message":"first","code":"rate_limit_exceeded"},"error":null}""",
                LlmErrorKind.RateLimited,
                "rate_limit_exceeded",
                "first"
            },
            { "message is a number", 400, """{"error":{"message":42}}""", LlmErrorKind.BadRequest, null, ": 42." },
            {
                "message is an object without text",
                400,
                """{"error":{"message":{"a":1}}}""",
                LlmErrorKind.BadRequest,
                null,
                "its error has no message"
            },
            {
                "message is false",
                400,
                """{"error":{"message":false,"type":"t"}}""",
                LlmErrorKind.BadRequest,
                "t",
                "its error has no message"
            },
            {
                "an event of a stream",
                400,
                "event: error\ndata: {\"error\":{\"message\":\"No such tool.\",\"type\":\"invalid_request_error\"}}\n\n",
                LlmErrorKind.BadRequest,
                "invalid_request_error",
                "No such tool."
            },
            {
                "an event with comments",
                400,
                "id:1\nevent:error\n:HTTP_STATUS/400\ndata:{\"code\":\"DataInspectionFailed\",\"message\":\"Input data may contain inappropriate content.\"}\n\n",
                LlmErrorKind.ContentFiltered,
                "DataInspectionFailed",
                "Input data may contain"
            },
            {
                "html",
                502,
                "<!DOCTYPE html>\n<html><head><TITLE class=x>502 Bad\n Gateway</TITLE></head><body>cloud secrets</body></html>",
                LlmErrorKind.ServerError,
                null,
                "a web page titled '502 Bad Gateway'"
            },
            {
                "html of a firewall",
                403,
                "<html><head><title>Attention Required!</title></head>",
                LlmErrorKind.PermissionDenied,
                null,
                "a web page titled 'Attention Required!'"
            },
            { "html without title", 503, "<html><body>x</body></html>", LlmErrorKind.Overloaded, null, "a web page arrived" },
            {
                "xml",
                403,
                "<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>",
                LlmErrorKind.PermissionDenied,
                null,
                "a web page arrived"
            },
            { "empty", 500, "", LlmErrorKind.ServerError, null, "did not say why" },
            { "blank", 429, " \r\n\n ", LlmErrorKind.RateLimited, null, "did not say why" },
            { "null", 500, "null", LlmErrorKind.ServerError, null, "did not say why" },
            { "empty object", 500, "{}", LlmErrorKind.ServerError, null, "its error has no message" },
            {
                "cut in the middle",
                429,
                """{"error":{"message":"Rate limit reached","type":"insufficient_qu""",
                LlmErrorKind.RateLimited,
                null,
                "its error could not be read as JSON"
            },
            {
                "plain text",
                503,
                "upstream connect error or disconnect/reset before headers",
                LlmErrorKind.Overloaded,
                null,
                "upstream connect error"
            },
            { "byte order mark", 400, "\uFEFF{\"error\":\"x y z\"}", LlmErrorKind.BadRequest, null, "x y z" },
            { "blank lines before", 400, "\n\n\n{\"error\":\"x y z\"}", LlmErrorKind.BadRequest, null, "x y z" },
        };

    [Theory]
    [MemberData(nameof(Shapes))]
    [Case(138)]
    public void Read_KnownErrorShape_ReturnsKindCodeAndMessage(
        string name,
        int status,
        string body,
        LlmErrorKind kind,
        string? code,
        string said
    )
    {
        var error = ErrorReader.Read(status, [], Encoding.UTF8.GetBytes(body));

        Assert.True(kind == error.Kind, $"{name}: {error.Kind}");
        Assert.Equal(code, error.ProviderCode);
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
        Assert.Equal(status, error.Status);
        Assert.Equal(LlmPhase.AwaitHeaders, error.Phase);
        Assert.Contains($"(status {status})", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Read_TruncatedErrorBody_ReturnsError(string name, int status, string body, LlmErrorKind kind, string? code, string said)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(body);
        for (int length = 0; length < bytes.Length; length++)
        {
            var error = ErrorReader.Read(status, [], bytes.AsSpan(0, length));
            Assert.True(error.Status == status, $"{name} {kind} {code} {said} cut at {length}");
        }
    }

    [Fact]
    public void Read_HtmlBody_IsNotInMessage()
    {
        var error = ErrorReader.Read(502, [], "<html><head><title>Bad</title></head><body>internal-host-17</body></html>"u8);

        Assert.DoesNotContain("internal-host-17", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("<", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_LongHtmlTitle_IsTruncatedTo120Characters()
    {
        var error = ErrorReader.Read(502, [], Encoding.UTF8.GetBytes($"<title>{new string('t', 5000)}</title>"));

        Assert.Contains($"'{new string('t', 119)}…'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_InvalidUtf8_IsReplaced()
    {
        byte[] body = [.. "{\"error\":{\"message\":\"a"u8, 0xFF, 0xC3, .. "b\",\"\xFF"u8, 0xFE, .. "\":1,\"code\":\"x\"}}"u8];

        var error = ErrorReader.Read(400, [], body);

        Assert.Contains("a\uFFFD\uFFFDb", error.Message, StringComparison.Ordinal);
        Assert.Equal("x", error.ProviderCode);
    }

    [Fact]
    public void Read_LoneSurrogates_AreReplacedInValuesAndSkippedInNames()
    {
        var error = ErrorReader.Read(400, [], """{"\ud83d":1,"error":{"\ude00x":2,"message":"a \ud83d b \ude00 c","code":"x"}}"""u8);

        Assert.Contains("a \uFFFD b \uFFFD c", error.Message, StringComparison.Ordinal);
        Assert.Equal("x", error.ProviderCode);
    }

    [Fact]
    [Case(72)]
    public void Read_DeepNesting_IsClassifiedByStatus()
    {
        string deep = string.Concat(Enumerable.Repeat("{\"error\":", 5000));

        Assert.Equal(LlmErrorKind.RateLimited, ErrorReader.Read(429, [], Encoding.UTF8.GetBytes(deep)).Kind);
    }

    [Fact]
    public void Read_ManyNestedErrors_StopsAtDepthLimit()
    {
        string body = "\"bottom\"";
        for (int i = 0; i < 30; i++)
            body = $$"""{"error":{{body}}}""";

        Assert.Contains(
            "its error has no message",
            ErrorReader.Read(400, [], Encoding.UTF8.GetBytes(body)).Message,
            StringComparison.Ordinal
        );
    }

    [Fact]
    [Case(138)]
    public void Read_HugeMessage_IsTruncatedToErrorTextLimit()
    {
        string body = $$$"""{"error":{"message":"{{{new string('m', 900_000)}}}"}}""";

        var error = ErrorReader.Read(400, [], Encoding.UTF8.GetBytes(body));
        var small = ErrorReader.Read(400, [], Encoding.UTF8.GetBytes(body), new LlmLimits { ErrorTextCharacters = 20 });

        Assert.Contains(new string('m', 511) + "…", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(new string('m', 512), error.Message, StringComparison.Ordinal);
        Assert.Contains(": " + new string('m', 19) + "…", small.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(new string('m', 20), small.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_BodyLargerThan1MiB_IsClassifiedByStatus()
    {
        string body = $$$"""{"error":{"message":"{{{new string('m', 1 << 20)}}}"}}""";

        var error = ErrorReader.Read(503, [], Encoding.UTF8.GetBytes(body));

        Assert.Equal(LlmErrorKind.Overloaded, error.Kind);
        Assert.DoesNotContain("mmm", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_AwsErrorTypeHeader_IsUsedAsCode()
    {
        var error = ErrorReader.Read(
            403,
            [new("x-amzn-ErrorType", "ExpiredTokenException:http://internal.amazon.com/coral/")],
            """{"message":"No."}"""u8
        );

        Assert.Equal(LlmErrorKind.Authentication, error.Kind);
        Assert.Equal("ExpiredTokenException", error.ProviderCode);
    }

    [Theory]
    [InlineData("""{"type":"error","error":{"type":"api_error","message":"x"},"request_id":"req_7"}""", null, "req_7")]
    [InlineData("""{"error":{"message":"x"},"requestId":"abc"}""", null, "abc")]
    [InlineData("""{"error":{"message":"x"},"request_id":"inner"}""", "outer", "outer")]
    [InlineData("""{"error":{"message":"x"}}""", null, null)]
    public void Read_RequestId_IsReadFromHeadersThenBody(string body, string? header, string? expected)
    {
        KeyValuePair<string, string>[] headers = header is null ? [] : [new("X-Request-Id", header)];

        Assert.Equal(expected, ErrorReader.Read(500, headers, Encoding.UTF8.GetBytes(body)).RequestId);
    }

    [Fact]
    public void Read_RequestIdWithControlCharacters_IsEscaped() =>
        Assert.Equal("a\\u001B[31mb", ErrorReader.Read(500, [], """{"request_id":"a\u001b[31mb"}"""u8).RequestId);

    [Theory]
    [InlineData(401, "Check the API key.")]
    [InlineData(404, "Check the model's name and the base URL.")]
    [InlineData(402, "Check the account's plan and credit.")]
    [InlineData(413, "Send less, or smaller images and files.")]
    public void Read_RequestRejected_MessageContainsAdvice(int status, string advice) =>
        Assert.EndsWith(advice, ErrorReader.Read(status, [], """{"error":"No"}"""u8).Message, StringComparison.Ordinal);

    [Fact]
    public void Read_RateLimitError_WritesMessageAsSentences() =>
        Assert.Equal(
            "The service's rate limit for requests or tokens is reached (status 429): Slow down. The service asks to wait 1.5 s.",
            ErrorReader.Read(429, [new("retry-after-ms", "1500")], """{"error":{"message":"Slow\r\n down"}}"""u8).Message
        );
}
