using System.Text;
using RawLlm.Protocols;
using RawLlm.Tests.Recorded;
using RawLlm.Tests.Support;
using RawLlm.Tests.Wire;

namespace RawLlm.Tests.Protocols.Errors;

/// <summary>Errors as individual services, gateways and servers word them; the meaning of each row was decided by hand.</summary>
public sealed class ServiceErrorTests
{
    public static TheoryData<string, int, string, LlmErrorKind, bool> Refusals =>
        new()
        {
            // OpenCode answers 401 to anything that is wrong with an account or a model.
            {
                "opencode without a way to pay",
                401,
                """{"type":"error","error":{"type":"CreditsError","message":"No payment method. Add a payment method here: https://opencode.ai/billing"}}""",
                LlmErrorKind.QuotaExhausted,
                false
            },
            {
                "opencode limit of a workspace",
                401,
                """{"type":"error","error":{"type":"MonthlyLimitError","message":"Your workspace has reached its monthly spending limit of $20."}}""",
                LlmErrorKind.QuotaExhausted,
                false
            },
            {
                "opencode limit of a user",
                401,
                """{"type":"error","error":{"type":"UserLimitError","message":"You have reached your monthly spending limit of $20."}}""",
                LlmErrorKind.QuotaExhausted,
                false
            },
            {
                "opencode model",
                401,
                """{"type":"error","error":{"type":"ModelError","message":"Model foo is not supported"}}""",
                LlmErrorKind.NotFound,
                false
            },
            {
                "opencode subscription",
                429,
                """{"type":"error","error":{"type":"GoUsageLimitError","message":"Subscription quota exceeded. Retry in 3hr 20min."},"metadata":{"limitName":"weekly"}}""",
                LlmErrorKind.QuotaExhausted,
                false
            },
            {
                "fireworks failure that blames the request",
                400,
                """{"error":{"object":"error","type":"invalid_request_error","code":"invalid_request_error","message":"Floating point NaN (not-a-number) is detected in generation. Please try again."}}""",
                LlmErrorKind.ServerError,
                true
            },
            {
                "kimi requests at once",
                403,
                """{"error":{"message":"You've reached your concurrent request limit. Please wait for your ongoing requests to finish and try again.","type":"permission_error"},"type":"error"}""",
                LlmErrorKind.RateLimited,
                true
            },
            // MiniMax.
            {
                "minimax input",
                422,
                """{"type":"error","error":{"type":"unprocessable_entity_error","message":"input new_sensitive (1026)","http_code":"422"},"request_id":"x"}""",
                LlmErrorKind.ContentFiltered,
                false
            },
            {
                "minimax output",
                422,
                """{"type":"error","error":{"type":"unprocessable_entity_error","message":"output new_sensitive (1027)","http_code":"422"},"request_id":"x"}""",
                LlmErrorKind.ContentFiltered,
                false
            },
            // GLM.
            {
                "glm unsafe",
                400,
                """{"contentFilter":[{"level":1,"role":"user"}],"error":{"code":"1301","message":"系统检测到输入或生成内容可能包含不安全或敏感内容"}}""",
                LlmErrorKind.ContentFiltered,
                false
            },
            {
                "glm unsafe on messages",
                400,
                """{"type":"error","error":{"type":"invalid_request_error","message":"[1301][System detected potentially unsafe or sensitive content in input or generation.][2026]"},"request_id":"2026"}""",
                LlmErrorKind.ContentFiltered,
                false
            },
            { "glm too long", 400, """{"error":{"code":"1261","message":"输入超长"}}""", LlmErrorKind.ContextLengthExceeded, false },
            { "glm model", 400, """{"error":{"code":"1211","message":"模型不存在，请检查模型代码。"}}""", LlmErrorKind.NotFound, false },
            {
                "glm limit of a day",
                429,
                """{"error":{"code":"1304","message":"Daily call limit for this API reached. For more requests, please contact customer service"}}""",
                LlmErrorKind.QuotaExhausted,
                false
            },
            {
                "glm traffic",
                429,
                """{"error":{"code":"1312","message":"This model is currently experiencing high traffic."}}""",
                LlmErrorKind.Overloaded,
                true
            },
            // Gateways that put their own words before those of the service.
            {
                "portkey credit",
                400,
                """{"error":{"message":"anthropic error: Your credit balance is too low to access the Anthropic API.","type":"invalid_request_error","param":null,"code":null},"provider":"anthropic"}""",
                LlmErrorKind.QuotaExhausted,
                false
            },
            {
                "portkey context",
                400,
                """{"error":{"message":"vertex-ai error: Input is too long for requested model.","type":null,"param":null,"code":null},"provider":"vertex-ai"}""",
                LlmErrorKind.ContextLengthExceeded,
                false
            },
            {
                "portkey guardrail",
                446,
                """{"error":{"message":"The guardrail checks defined in the config failed.","type":"hooks_failed","param":null,"code":null},"hook_results":{"before_request_hooks":[{"verdict":false}]}}""",
                LlmErrorKind.ContentFiltered,
                false
            },
            {
                "litellm two classes",
                400,
                """{"error":{"message":"litellm.BadRequestError: AzureException BadRequestError - The response was filtered due to the prompt triggering Azure OpenAI's content management policy.","type":null,"param":null,"code":"400"}}""",
                LlmErrorKind.ContentFiltered,
                false
            },
            {
                "litellm class with an underscore",
                400,
                """{"error":{"message":"litellm.BadRequestError: Vertex_aiException - Input is too long for requested model.","type":null,"param":null,"code":"400"}}""",
                LlmErrorKind.ContextLengthExceeded,
                false
            },
            {
                "litellm class with digits",
                400,
                """{"error":{"message":"litellm.BadRequestError: AI21Exception - Input is too long for requested model.","type":null,"param":null,"code":"400"}}""",
                LlmErrorKind.ContextLengthExceeded,
                false
            },
            {
                "litellm model",
                400,
                """{"error":{"message":"{'error': '/chat/completions: Invalid model name passed in model=xyz. Call `/v1/models` to view available models for your key.'}","type":"invalid_request_error","param":"None","code":"400"}}""",
                LlmErrorKind.NotFound,
                false
            },
            {
                "upstream with its code",
                400,
                """{"type":"error","error":{"type":"invalid_request_error","message":"Error from provider (Console Go): Upstream request failed: [insufficient_quota] No more."}}""",
                LlmErrorKind.QuotaExhausted,
                false
            },
            // Credit and quota.
            { "siliconflow balance", 403, """{"code":30001,"message":"No.","data":null}""", LlmErrorKind.QuotaExhausted, false },
            {
                "siliconflow balance in words",
                403,
                """{"message":"Sorry, your account balance is insufficient"}""",
                LlmErrorKind.QuotaExhausted,
                false
            },
            {
                "novita balance",
                403,
                """{"code":403,"reason":"NOT_ENOUGH_BALANCE","message":"none","metadata":{"reason":"none"}}""",
                LlmErrorKind.QuotaExhausted,
                false
            },
            {
                "fireworks suspended",
                412,
                """{"error":{"message":"Account x is suspended, possibly due to reaching the monthly spending limit or failure to pay past invoices.","object":"error","type":"invalid_request_error","code":"PRECONDITION_FAILED"}}""",
                LlmErrorKind.QuotaExhausted,
                false
            },
            {
                "watsonx",
                403,
                """{"errors":[{"code":"token_quota_reached","message":"This service call failed because the token quota has been reached"}],"trace":"t","status_code":403}""",
                LlmErrorKind.QuotaExhausted,
                false
            },
            {
                "copilot",
                429,
                """{"error":{"message":"You have exceeded your monthly quota","code":"quota_exceeded"}}""",
                LlmErrorKind.QuotaExhausted,
                false
            },
            {
                "cloudflare neurons",
                429,
                """{"errors":[{"message":"AiError: AiError: you have used up your daily free allocation of 10,000 neurons, please upgrade to Cloudflare's Workers Paid plan if you would like to continue usage. (0)","code":4006}],"success":false,"result":{},"messages":[]}""",
                LlmErrorKind.QuotaExhausted,
                false
            },
            {
                "cohere trial",
                429,
                """{"message":"You are using a Trial key, which is limited to 1000 API calls / month. You can continue to use the Trial key for free or upgrade to a Production key."}""",
                LlmErrorKind.QuotaExhausted,
                false
            },
            {
                "github models of a day",
                429,
                """{"error":{"code":"RateLimitReached","message":"Rate limit of 8 per 86400s exceeded for UserByModelByDay. Please wait 35642 seconds before retrying."}}""",
                LlmErrorKind.QuotaExhausted,
                false
            },
            {
                "azure api management calls",
                403,
                """{ "statusCode": 403, "message": "Out of call volume quota. Quota will be replenished in 06:41:12." }""",
                LlmErrorKind.QuotaExhausted,
                false
            },
            {
                "azure api management bytes",
                403,
                """{ "statusCode": 403, "message": "Out of bandwidth quota. Quota will be replenished in 22.14:18:12." }""",
                LlmErrorKind.QuotaExhausted,
                false
            },
            {
                "anthropic plan",
                400,
                """{"type":"error","error":{"type":"invalid_request_error","message":"Third-party apps now draw from your extra usage, not your plan limits. Add more at claude.ai/settings/usage and keep going."}}""",
                LlmErrorKind.QuotaExhausted,
                false
            },
            {
                "new-api around new-api",
                500,
                """{"type":"error","error":{"type":"<nil>","message":"您的余额不足 (request id: 2025)"},"request_id":"x"}""",
                LlmErrorKind.QuotaExhausted,
                false
            },
            {
                "new-api with the user before",
                403,
                """{"error":{"message":"用户 x：您的余额不足，请充值","type":"new_api_error"}}""",
                LlmErrorKind.QuotaExhausted,
                false
            },
            {
                "venice without a key",
                402,
                """{"error":"Authentication required","code":"PAYMENT_REQUIRED"}""",
                LlmErrorKind.Authentication,
                false
            },
            // Alibaba and SenseNova use one code for what passes within a minute and for what is used up.
            {
                "alibaba tokens of a minute",
                429,
                """{"error":{"message":"Allocated quota exceeded, please increase your quota limit.","type":"insufficient_quota","param":null,"code":"insufficient_quota"},"id":"c1"}""",
                LlmErrorKind.RateLimited,
                true
            },
            {
                "alibaba tokens of a minute in the words of another",
                429,
                """{"error":{"message":"You exceeded your current quota, please check your plan and billing details. For more information on this error, read the docs: https://help.aliyun.com/zh/model-studio/error-code","type":"insufficient_quota","code":"insufficient_quota"}}""",
                LlmErrorKind.RateLimited,
                true
            },
            {
                "sensenova",
                429,
                """{"error":{"message":"inference exceeds tpm/rpm limit","type":"insufficient_quota","code":"insufficient_quota"}}""",
                LlmErrorKind.RateLimited,
                true
            },
            {
                "alibaba free tokens",
                429,
                """{"code":"Throttling.AllocationQuota","message":"Free allocated quota exceeded."}""",
                LlmErrorKind.QuotaExhausted,
                false
            },
            {
                "alibaba not bought",
                429,
                """{"code":"CommodityNotPurchased","message":"Commodity has not purchased yet."}""",
                LlmErrorKind.QuotaExhausted,
                false
            },
            {
                "alibaba prepaid",
                429,
                """{"code":"PrepaidBillOverdue","message":"The prepaid bill is overdue."}""",
                LlmErrorKind.QuotaExhausted,
                false
            },
            {
                "alibaba postpaid",
                429,
                """{"code":"PostpaidBillOverdue","message":"The postpaid bill is overdue."}""",
                LlmErrorKind.QuotaExhausted,
                false
            },
            {
                "alibaba roles",
                400,
                """{"error":{"code":"ServiceUnavailableError","message":"Role must be user or assistant and Content length must be greater than 0"}}""",
                LlmErrorKind.BadRequest,
                false
            },
            {
                "alibaba too long",
                400,
                """{"error":{"code":"invalid_parameter_error","message":"<400> InternalError.Algo.InvalidParameter: Total message token length exceed model limit (10000000 tokens)."}}""",
                LlmErrorKind.ContextLengthExceeded,
                false
            },
            // Qianfan, ModelScope, Copilot.
            {
                "qianfan tokens",
                400,
                """{"error":{"code":"tokens_too_long","message":"Prompt tokens too long","type":"invalid_request_error"},"id":"as-1"}""",
                LlmErrorKind.ContextLengthExceeded,
                false
            },
            {
                "qianfan unsafe prompt",
                403,
                """{"error":{"code":"system_unsafe","message":"the content of the system field is invalid","type":"unsafe_request"},"id":"as-1"}""",
                LlmErrorKind.ContentFiltered,
                false
            },
            {
                "qianfan unsafe picture",
                400,
                """{"error":{"code":"image_url_unsafe","message":"the content of image_url is invalid","type":"unsafe_request"},"id":"as-1"}""",
                LlmErrorKind.ContentFiltered,
                false
            },
            {
                "qianfan overdue",
                403,
                """{"error":{"code":"account_overdue","message":"account overdue","type":"invalid_request_error"},"id":"as-1"}""",
                LlmErrorKind.QuotaExhausted,
                false
            },
            {
                "modelscope day",
                429,
                """{"error":{"message":"You have exceeded today's quota for model Qwen/Qwen3-32B, please try again tomorrow"}}""",
                LlmErrorKind.QuotaExhausted,
                false
            },
            {
                "copilot week",
                429,
                """{"error":{"message":"Sorry, you have been rate-limited.","code":"user_weekly_rate_limited"}}""",
                LlmErrorKind.QuotaExhausted,
                false
            },
            // Conversations that are too long, as other servers word it.
            {
                "watsonx too long",
                400,
                """{"errors":[{"code":"invalid_input_argument","message":"Invalid input argument for Model 'meta-llama/llama-2-70b-chat': the number of input tokens 4098 cannot exceed the total tokens limit 4096 for this model"}],"trace":"t","status_code":400}""",
                LlmErrorKind.ContextLengthExceeded,
                false
            },
            {
                "nim too long",
                400,
                """{"error":{"message":"max_tokens must be at least 1, got -46771. (parameter=max_tokens, value=-46771)","type":"BadRequestError","code":400}}""",
                LlmErrorKind.ContextLengthExceeded,
                false
            },
            {
                "tensorrt too long",
                400,
                """{"object":"error","message":"The sum of prompt length (4000) and query length (0) max_tokens (2048) should not exceed max_seq_len (4096)","type":"BadRequestError","param":null,"code":400}""",
                LlmErrorKind.ContextLengthExceeded,
                false
            },
            {
                "siliconflow too long",
                400,
                """{"code":20015,"message":"length of prompt_tokens (57535) must be less than max_seq_len (32768).","data":null}""",
                LlmErrorKind.ContextLengthExceeded,
                false
            },
            { "glm too long without its code", 400, """{"error":{"message":"Prompt 超长"}}""", LlmErrorKind.ContextLengthExceeded, false },
            // Plans and budgets.
            {
                "alibaba plan",
                429,
                """{"request_id":"1bd488ef","code":"Throttling.AllocationQuota","message":"Your token-plan quota has been exhausted."}""",
                LlmErrorKind.QuotaExhausted,
                false
            },
            {
                "alibaba plan of a week",
                429,
                """{"code":"Throttling.AllocationQuota","message":"Your token-plan 1-week quota has been exhausted. The quota will reset at 08-12 14:52:00 UTC.","request_id":"6d9552e4-9982-4e67-9dbe-532c342c3de6"}""",
                LlmErrorKind.QuotaExhausted,
                false
            },
            {
                "alibaba coding plan",
                429,
                """{"code":"Throttling.AllocationQuota","message":"month allocated quota exceeded"}""",
                LlmErrorKind.QuotaExhausted,
                false
            },
            {
                "alibaba plan without its code",
                429,
                """{"error":{"message":"Your token-plan quota has been exhausted.","type":"rate_limit_error","code":null}}""",
                LlmErrorKind.QuotaExhausted,
                false
            },
            {
                "volcengine plan of a month",
                429,
                """{"error":{"code":"AccountQuotaExceeded","message":"You have exceeded the monthly usage quota. It will reset at 2026-08-25 23:59:59 +0800 CST. We recommend upgrading your plan for more quota, or waiting for the reset.","param":"","type":"TooManyRequests"}}""",
                LlmErrorKind.QuotaExhausted,
                false
            },
            {
                "volcengine overdue",
                403,
                """{"error":{"code":"OperationDenied.ServiceOverdue","message":"Operation is denied because your account balance is overdue, please go to the Volc Trading Center to recharge in order to continue using the service.","param":"","type":"Forbidden"}}""",
                LlmErrorKind.QuotaExhausted,
                false
            },
            {
                "claude long context",
                429,
                """{"type":"error","error":{"type":"rate_limit_error","message":"Extra usage is required for long context requests."}}""",
                LlmErrorKind.QuotaExhausted,
                false
            },
            {
                "claude long context by credit",
                429,
                """{"type":"error","error":{"type":"rate_limit_error","message":"Usage credits are required for long context requests."}}""",
                LlmErrorKind.QuotaExhausted,
                false
            },
            {
                "opencode older subscription",
                429,
                """{"type":"error","error":{"type":"SubscriptionUsageLimitError","message":"Subscription quota exceeded. You can continue using free models."}}""",
                LlmErrorKind.QuotaExhausted,
                false
            },
            {
                "opencode free",
                429,
                """{"type":"error","error":{"type":"FreeUsageLimitError","message":"Rate limit exceeded. Please try again later."}}""",
                LlmErrorKind.QuotaExhausted,
                false
            },
            {
                "opencode black",
                429,
                """{"type":"error","error":{"type":"BlackUsageLimitError","message":"Words."}}""",
                LlmErrorKind.QuotaExhausted,
                false
            },
            {
                "glm limit of five hours",
                429,
                """{"error":{"code":"1316","message":"Usage limit reached for the past 5 hours. Insufficient balance for extra usage. Resets at 2025-06-01."}}""",
                LlmErrorKind.QuotaExhausted,
                false
            },
            {
                "glm limit of five hours on messages",
                429,
                """{"type":"error","error":{"type":"rate_limit_error","message":"[1316][Usage limit reached for the past 5 hours. Insufficient balance for extra usage. Resets at 2026-09-28 23:07:07][2026]"},"request_id":"06"}""",
                LlmErrorKind.QuotaExhausted,
                false
            },
            {
                "glm limit of a week on messages",
                429,
                """{"type":"error","error":{"type":"rate_limit_error","message":"[1317][Usage limit reached for the past 7 days. Insufficient balance for extra usage. Resets at 2026-09-28][2]"},"request_id":"06"}""",
                LlmErrorKind.QuotaExhausted,
                false
            },
            {
                "glm limit of a week",
                429,
                """{"error":{"code":"1317","message":"Usage limit reached for the past 7 days. Insufficient balance for extra usage."}}""",
                LlmErrorKind.QuotaExhausted,
                false
            },
            {
                "glm package of a company",
                429,
                """{"error":{"code":"1314","message":"Your enterprise package has expired."}}""",
                LlmErrorKind.QuotaExhausted,
                false
            },
            { "glm highest of its limits", 429, """{"error":{"code":"1321","message":"Words."}}""", LlmErrorKind.QuotaExhausted, false },
            {
                "minimax plan",
                429,
                """{"type":"error","error":{"type":"rate_limit_error","message":"Token Plan usage limit reached: Upgrade your Token Plan or purchase Credits for more usage. (2056)"},"request_id":"06cd2b0d6d5bff0be2821ef3b318dccd"}""",
                LlmErrorKind.QuotaExhausted,
                false
            },
            {
                "minimax plan in chinese",
                429,
                """{"type":"error","error":{"type":"rate_limit_error","message":"已达到 Token Plan 用量上限：请升级 Token Plan 套餐或购买积分补充用量 (2056)"},"request_id":"06"}""",
                LlmErrorKind.QuotaExhausted,
                false
            },
            {
                "minimax plan in chinese by now",
                429,
                """{"type":"error","error":{"type":"rate_limit_error","message":"当前已达到 Token Plan 用量上限 (2067)"},"request_id":"06"}""",
                LlmErrorKind.QuotaExhausted,
                false
            },
            {
                "cloudbase",
                429,
                """{"code":"EXCEED_TOKEN_QUOTA_LIMIT","message":"Token usage exceeded quota limit."}""",
                LlmErrorKind.QuotaExhausted,
                false
            },
            {
                "huawei plan",
                403,
                """{"error":{"code":"ModelArts.81022","message":"Your Token plan quota has been exhausted. You can upgrade to a higher-tier plan or wait for the quota reset in the next billing cycle.","type":"Forbidden"}}""",
                LlmErrorKind.QuotaExhausted,
                false
            },
            {
                "openrouter budget",
                403,
                """{"error":{"message":"Budget limit exceeded (monthly limit)","code":403,"metadata":{"limit_source":"openrouter_guardrail_budget","limit_usd":5,"spend_usd":5,"resets_at":"2026-12-01T00:00:00Z"}}}""",
                LlmErrorKind.QuotaExhausted,
                false
            },
            {
                "openrouter budget of a key",
                403,
                """{"error":{"message":"API key budget limit exceeded (monthly limit). Contact your org admin.","code":403}}""",
                LlmErrorKind.QuotaExhausted,
                false
            },
            {
                "openrouter budget of a member",
                403,
                """{"error":{"message":"Org member budget limit exceeded (monthly limit). Contact your org admin.","code":403}}""",
                LlmErrorKind.QuotaExhausted,
                false
            },
            {
                "openrouter budget in flight",
                402,
                """{"error":{"message":"This request would exceed your available credits given your current in-flight requests. Retry after in-flight requests settle, or add credits.","code":402,"metadata":{"reason":"in_flight_budget_exhausted","limit_source":"openrouter_in_flight_budget","remedy_hint":"Retry after your in-flight requests settle (see the Retry-After header).","headers":{"Retry-After":"120"}}}}""",
                LlmErrorKind.RateLimited,
                true
            },
            {
                "openrouter budget that one request exceeds",
                402,
                """{"error":{"message":"This request would exceed your available credits given your current in-flight requests. Retry after in-flight requests settle, or add credits.","code":402,"metadata":{"reason":"weight_exceeds_budget","limit_source":"openrouter_in_flight_budget","remedy_hint":"Retry after your in-flight requests settle (see the Retry-After header).","headers":{"Retry-After":"120"}}}}""",
                LlmErrorKind.QuotaExhausted,
                false
            },
            // Filters.
            {
                "stepfun",
                451,
                """{"error":{"message":"The content you provided or machine outputted is blocked.","type":"censorship_blocked"}}""",
                LlmErrorKind.ContentFiltered,
                false
            },
            {
                "stepfun behind openrouter",
                451,
                """{"error":{"message":"Provider returned error","code":451,"metadata":{"raw":"{\"error\":{\"message\":\"The content you provided or machine outputted is blocked.\",\"type\":\"censorship_blocked\"}}","provider_name":"StepFun","is_byok":false}},"user_id":"user_3"}""",
                LlmErrorKind.ContentFiltered,
                false
            },
            {
                "tencent",
                451,
                """{"error":{"type":"content_filter_error","code":"451001","message":"content was filtered by safety policy","source":"gateway","request_id":"r"}}""",
                LlmErrorKind.ContentFiltered,
                false
            },
            {
                "zenmux",
                403,
                """{"error":{"code":"403","type":"safety_check_failed","message":"The input was blocked by the upstream safety policy"}}""",
                LlmErrorKind.ContentFiltered,
                false
            },
            {
                "volcengine input",
                400,
                """{"error":{"code":"InputTextRiskDetection","message":"The request could not be processed because the input text includes sensitive content that violates ContentSecurityDetection.ARK","param":"","type":"BadRequest"}}""",
                LlmErrorKind.ContentFiltered,
                false
            },
            {
                "volcengine output",
                400,
                """{"error":{"code":"OutputTextRiskDetection","message":"The request could not be processed because the output text includes sensitive content","param":"","type":"BadRequest"}}""",
                LlmErrorKind.ContentFiltered,
                false
            },
            {
                "volcengine policy",
                400,
                """{"error":{"code":"InputTextSensitiveContentDetected.PolicyViolation","message":"The request failed because the input text may violate platform rules.","param":"","type":"BadRequest"}}""",
                LlmErrorKind.ContentFiltered,
                false
            },
            {
                "volcengine person",
                400,
                """{"error":{"code":"InputImageSensitiveContentDetected.PrivacyInformation","message":"The request failed because the input image may contain real person.","param":"","type":"BadRequest"}}""",
                LlmErrorKind.ContentFiltered,
                false
            },
            {
                "volcengine severe",
                400,
                """{"error":{"code":"SensitiveContentDetected.SevereViolation","message":"Words.","type":"BadRequest"}}""",
                LlmErrorKind.ContentFiltered,
                false
            },
            {
                "new-api words",
                400,
                """{"error":{"message":"user sensitive words detected: x","type":"new_api_error","param":"","code":"sensitive_words_detected"}}""",
                LlmErrorKind.ContentFiltered,
                false
            },
            {
                "new-api prompt",
                400,
                """{"error":{"message":"request blocked","type":"new_api_error","code":"prompt_blocked"}}""",
                LlmErrorKind.ContentFiltered,
                false
            },
            {
                "mimo",
                421,
                """{"error":{"code":"421","message":"Moderation Block","param":"The request was blocked by content moderation","type":""}}""",
                LlmErrorKind.ContentFiltered,
                false
            },
            {
                "databricks guard of the input",
                400,
                """{"error_code":"BAD_REQUEST","message":"{\"usage\":{\"prompt_tokens\":14,\"completion_tokens\":0,\"total_tokens\":14},\"input_guardrail\":[{\"flagged\":false,\"pii_detection\":true}],\"finishReason\":\"input_guardrail_triggered\"}"}""",
                LlmErrorKind.ContentFiltered,
                false
            },
            {
                "databricks guard of the output",
                400,
                """{"error_code":"BAD_REQUEST","message":"{\"output_guardrail\":[{\"flagged\":true}],\"finishReason\":\"output_guardrail_triggered\"}"}""",
                LlmErrorKind.ContentFiltered,
                false
            },
            {
                "databricks guard by its name",
                400,
                """{"error_code":"BAD_REQUEST","message":"Request blocked by input guardrail 'databricks_demo'"}""",
                LlmErrorKind.ContentFiltered,
                false
            },
            {
                "cloudflare guard of the prompt",
                424,
                """{"name":"AiGatewayError","internalCode":2016,"httpCode":424,"error":[{"code":2016,"message":"Prompt blocked due to security configurations"}],"success":false}""",
                LlmErrorKind.ContentFiltered,
                false
            },
            {
                "cloudflare guard of the response",
                424,
                """{"name":"AiGatewayError","internalCode":2017,"httpCode":424,"error":[{"code":2017,"message":"Response blocked due to security configurations"}],"success":false}""",
                LlmErrorKind.ContentFiltered,
                false
            },
            {
                "cloudflare guard with another status",
                422,
                """{"error":[{"code":2017,"message":"Prompt blocked due to security configurations"}],"success":false,"name":"AiGatewayError","internalCode":2017,"httpCode":422}""",
                LlmErrorKind.ContentFiltered,
                false
            },
            {
                "cloudflare loss of data in the request",
                424,
                """{"name":"AiGatewayError","internalCode":2030,"httpCode":424,"error":[{"code":2030,"message":"Request content blocked due to DLP policy violations"}],"success":false}""",
                LlmErrorKind.ContentFiltered,
                false
            },
            {
                "cloudflare loss of data in the response",
                424,
                """{"errors":[{"code":2030,"message":"Response content blocked due to DLP policy violations"}],"success":false,"result":{},"messages":[]}""",
                LlmErrorKind.ContentFiltered,
                false
            },
            // Models that do not exist.
            {
                "github models unknown",
                400,
                """{"error":{"code":"unknown_model","message":"Unknown model: xxx","details":"Unknown model: xxx"}}""",
                LlmErrorKind.NotFound,
                false
            },
            {
                "github models unavailable",
                400,
                """{"error":{"code":"unavailable_model","message":"Unavailable model: xxx","details":"Unavailable model: xxx"}}""",
                LlmErrorKind.NotFound,
                false
            },
            {
                "copilot model",
                400,
                """{"error":{"message":"The requested model is not supported.","code":"model_not_supported","param":"model","type":"invalid_request_error"}}""",
                LlmErrorKind.NotFound,
                false
            },
            {
                "groq model that is gone",
                400,
                """{"error":{"message":"The model `x` has been decommissioned and is no longer supported.","type":"invalid_request_error","code":"model_decommissioned"}}""",
                LlmErrorKind.NotFound,
                false
            },
            {
                "deepseek model",
                400,
                """{"error":{"message":"Model Not Exist","type":"invalid_request_error","param":null,"code":"invalid_request_error"}}""",
                LlmErrorKind.NotFound,
                false
            },
            { "siliconflow model", 400, """{"code":20012,"message":"模型不存在","data":null}""", LlmErrorKind.NotFound, false },
            {
                "siliconflow model in words",
                400,
                """{"message":"Model does not exist. Please check it carefully."}""",
                LlmErrorKind.NotFound,
                false
            },
            {
                "databricks endpoint",
                400,
                """{"error_code":"RESOURCE_DOES_NOT_EXIST","message":"Endpoint x does not exist"}""",
                LlmErrorKind.NotFound,
                false
            },
            {
                "cloudflare model",
                400,
                """{"errors":[{"message":"AiError: No such model @cf/x or task","code":5007}],"success":false,"result":{},"messages":[]}""",
                LlmErrorKind.NotFound,
                false
            },
            { "hugging face model", 400, """{"error":"Model x/y-1.5 does not exist"}""", LlmErrorKind.NotFound, false },
            { "model in quotes", 400, """{"error":"The requested model 'x' does not exist"}""", LlmErrorKind.NotFound, false },
            {
                "novita",
                429,
                """{"message":"server overload, please try again later","type":"server_overload"}""",
                LlmErrorKind.Overloaded,
                true
            },
            {
                "cloudflare capacity",
                429,
                """{"errors":[{"message":"AiError: Capacity temporarily exceeded, please try again.","code":3040}],"success":false,"result":{},"messages":[]}""",
                LlmErrorKind.Overloaded,
                true
            },
            {
                "iflytek through one-api",
                500,
                """{"error":{"message":"Xunfei claude request failed with Sid: cht000d4817@dx19f0 code: 10012, msg: EngineInternalError:The system is busy, please try again later., timeStamp:02:04:58.461","type":"one_api_error","code":"10012"},"type":"error"}""",
                LlmErrorKind.Overloaded,
                true
            },
            {
                "together context",
                403,
                """{"error":{"message":"too long","type":"invalid_request_error","code":"context_length_exceeded"}}""",
                LlmErrorKind.ContextLengthExceeded,
                false
            },
            // AWS and Google.
            {
                "aws signature",
                403,
                """{"message":"The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method."}""",
                LlmErrorKind.Authentication,
                false
            },
            {
                "aws clock",
                403,
                """{"message":"Signature expired: 20250101T000000Z is now earlier than 20250101T000500Z (20250101T001000Z - 5 min.)"}""",
                LlmErrorKind.Authentication,
                false
            },
            { "aws without a key", 403, """{"message":"Missing Authentication Token"}""", LlmErrorKind.Authentication, false },
            {
                "bedrock country",
                400,
                """{"message":"Access to Anthropic models is not allowed from unsupported countries, regions, or territories."}""",
                LlmErrorKind.PermissionDenied,
                false
            },
            {
                "gemini bytes",
                400,
                """{"error":{"code":400,"message":"Request payload size exceeds the limit: 20971520 bytes.","status":"INVALID_ARGUMENT"}}""",
                LlmErrorKind.RequestTooLarge,
                false
            },
            {
                "gemini key that leaked",
                403,
                """{"error":{"code":403,"message":"Your API key was reported as leaked. Please use another API key.","status":"PERMISSION_DENIED"}}""",
                LlmErrorKind.Authentication,
                false
            },
        };

    [Fact]
    public void Read_FilteredAzureAnswer_ReturnsCodeAndMessageOfChoice()
    {
        var error = ErrorReader.Read(
            400,
            [],
            """{"id":"chatcmpl-802d5a802bf84292896e446052595","model":"","choices":[{"index":0,"message":{"role":"assistant","content":""},"finish_reason":"content_filter","content_filter_results":{"error":{"code":"content_filter","message":"Response content blocked by label 'MultiSeverity_ViolenceScore'."}}}],"usage":{"prompt_tokens":55,"total_tokens":55},"created":1789466192,"object":"chat.completion","prompt_filter_results":null}"""u8
        );

        Assert.Equal((LlmErrorKind.ContentFiltered, "content_filter", false), (error.Kind, error.ProviderCode, error.IsRetryable));
        Assert.Contains(": Response content blocked by label 'MultiSeverity_ViolenceScore'.", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Refusals))]
    public void Read_ServiceError_ReturnsKindAndIsRetryable(string name, int status, string body, LlmErrorKind kind, bool isRetryable)
    {
        var error = ErrorReader.Read(status, [], Encoding.UTF8.GetBytes(body));

        Assert.True((kind, isRetryable) == (error.Kind, error.IsRetryable), $"{name}: {error.Kind}, {error.IsRetryable}");
    }

    public static TheoryData<string, string, LlmErrorKind, bool> ErrorsOfSuccess =>
        new()
        {
            {
                "minimax requests",
                """{"choices":null,"base_resp":{"status_code":1002,"status_msg":"RPM"}}""",
                LlmErrorKind.RateLimited,
                true
            },
            {
                "minimax tokens",
                """{"choices":null,"base_resp":{"status_code":1039,"status_msg":"token limit"}}""",
                LlmErrorKind.RateLimited,
                true
            },
            {
                "minimax key",
                """{"choices":null,"base_resp":{"status_code":1004,"status_msg":"no key"}}""",
                LlmErrorKind.Authentication,
                false
            },
            {
                "minimax input",
                """{"choices":null,"input_sensitive":true,"base_resp":{"status_code":1026,"status_msg":"input"}}""",
                LlmErrorKind.ContentFiltered,
                false
            },
            {
                "minimax output",
                """{"choices":null,"base_resp":{"status_code":1027,"status_msg":"output"}}""",
                LlmErrorKind.ContentFiltered,
                false
            },
            {
                "minimax output in words",
                """{"type":"error","error":{"type":"api_error","message":"output new_sensitive (1027)","http_code":"500"},"request_id":"x"}""",
                LlmErrorKind.ContentFiltered,
                false
            },
            {
                "minimax parameters",
                """{"choices":null,"base_resp":{"status_code":2013,"status_msg":"invalid params, top_p"}}""",
                LlmErrorKind.BadRequest,
                false
            },
            {
                "minimax model",
                """{"choices":null,"base_resp":{"status_code":2013,"status_msg":"invalid params, unknown model 'x'"}}""",
                LlmErrorKind.NotFound,
                false
            },
            {
                "glm unsafe",
                """{"error":{"code":"1301","message":"系统检测到输入或生成内容可能包含不安全或敏感内容"},"contentFilter":[{"level":1,"role":"assistant"}]}""",
                LlmErrorKind.ContentFiltered,
                false
            },
            {
                "iflytek input",
                """{"code":10013,"message":"输入内容审核不通过，涉嫌违规，请重新调整输入内容","sid":"cha000b0003@dx1905cd86d6bb86d552"}""",
                LlmErrorKind.ContentFiltered,
                false
            },
            {
                "iflytek output",
                """{"code":10014,"message":"输出内容涉及敏感信息，审核不通过，后续结果无法展示给用户","sid":"cha000b"}""",
                LlmErrorKind.ContentFiltered,
                false
            },
            {
                "iflytek conversation",
                """{"code":10019,"message":"本次会话内容有涉及违规信息的倾向","sid":"cha000b"}""",
                LlmErrorKind.ContentFiltered,
                false
            },
            {
                "fireworks failure that blames the request",
                """{"error":{"object":"error","type":"invalid_request_error","code":"invalid_request_error","message":"Floating point NaN (not-a-number) is detected in generation. Please try again."}}""",
                LlmErrorKind.ServerError,
                true
            },
            {
                "kimi requests at once",
                """{"error":{"message":"You've reached your concurrent request limit. Please wait for your ongoing requests to finish and try again.","type":"permission_error"},"type":"error"}""",
                LlmErrorKind.RateLimited,
                true
            },
            {
                "iflytek too long",
                """{"code":10907,"message":"token数量超过上限。对话历史+问题的字数太多，需要精简输入","sid":"cha000b"}""",
                LlmErrorKind.ContextLengthExceeded,
                false
            },
            {
                "iflytek while it answers",
                """{"code":10007,"message":"用户流量受限：服务正在处理用户当前的问题，需等待处理完成后再发送新的请求","sid":"cha000b"}""",
                LlmErrorKind.RateLimited,
                true
            },
            {
                "iflytek requests of a second",
                """{"code":11202,"message":"授权错误：秒级流控超限。秒级并发超过授权路数限制","sid":"cha000b"}""",
                LlmErrorKind.RateLimited,
                true
            },
            {
                "iflytek requests at once",
                """{"code":11203,"message":"授权错误：并发流控超限。并发路数超过授权路数限制","sid":"cha000b"}""",
                LlmErrorKind.RateLimited,
                true
            },
            {
                "iflytek limit of a day",
                """{"code":11201,"message":"授权错误：日流控超限。超过当日最大访问量的限制","sid":"cha000b"}""",
                LlmErrorKind.QuotaExhausted,
                false
            },
            {
                "iflytek capacity",
                """{"code":10008,"message":"服务容量不足，联系工作人员","sid":"cha000b"}""",
                LlmErrorKind.Overloaded,
                true
            },
            {
                "iflytek engine",
                """{"code":10010,"message":"RecvFromEngineError:Engine Busy","sid":"cha000b"}""",
                LlmErrorKind.Overloaded,
                true
            },
            {
                "iflytek engine behind its session",
                """{"error":{"code":10010,"message":"Xunfei request failed with Sid: cht000b2978@dx19db9f55b66b87f700 code: 10010, msg: RecvFromEngineError:Engine Busy, timeStamp:18:51:18.058"}}""",
                LlmErrorKind.Overloaded,
                true
            },
            {
                "iflytek service behind its session",
                """{"error":{"code":10110,"message":"Xunfei request failed with Sid: cht000e7eef@dx19efa253ca2ba60322 code: 10110, msg: ServiceIsBusyError:Engine Busy, timeStamp:23:00:05.958"}}""",
                LlmErrorKind.Overloaded,
                true
            },
            {
                "iflytek busy by a code of its engine",
                """{"error":{"code":10012,"message":"Xunfei request failed with Sid: cht000d448b@dx19f3d101493ba5e452 code: 10012, msg: EngineInternalError:1105|{\"Code\":1105,\"Message\":\"The system is busy, please try again later.\"}, timeStamp:00:00:00"}}""",
                LlmErrorKind.Overloaded,
                true
            },
            {
                "iflytek busy on messages",
                """{"type":"error","error":{"message":"Xunfei claude request failed with Sid: cht000dd27a@dx code: 10012, msg: EngineInternalError:1105|{\"Code\":1105,\"Message\":\"The system is busy, please try again later.\"}, timeStamp:17:50:17.382","type":"api_error"}}""",
                LlmErrorKind.Overloaded,
                true
            },
            {
                "iflytek busy in words",
                """{"error":{"code":10012,"message":"Xunfei request failed with Sid: cht000dc15e@dx19efff4a635b894652 code: 10012, msg: EngineInternalError:The system is busy, please try again later., timeStamp:02:04:58.461"}}""",
                LlmErrorKind.Overloaded,
                true
            },
            {
                "iflytek requests behind its session",
                """{"error":{"code":11210,"message":"Xunfei request failed with Sid: cht000b@dx19 code: 11210, msg: NotEnoughCvError"}}""",
                LlmErrorKind.RateLimited,
                true
            },
            {
                "iflytek picture",
                """{"error":{"code":10012,"message":"Xunfei claude request failed with Sid: cht000d38d1@dx19f03008e55b8ab162 code: 10012, msg: EngineInternalError:error, status code: 400, status: 400 Bad Request, message: Invalid content type. image_url is only supported by certain models, timeStamp:16:16:37.896"}}""",
                LlmErrorKind.BadRequest,
                false
            },
            {
                "iflytek wrong request",
                """{"error":{"code":10012,"message":"Xunfei request failed with Sid: cht000dfd38@dx19e7ceb963cb958402 code: 10012, msg: EngineInternalError:Bad Request, timeStamp:15:24:36.601"}}""",
                LlmErrorKind.BadRequest,
                false
            },
            {
                "iflytek too long by a reason",
                """{"error":{"code":10012,"message":"Xunfei request failed with Sid: cht000d99f7@dx19f0dd14b94ba5b432 code: 10012, msg: EngineInternalError:error, status code: 400, status: 400 Bad Request, message: provider error: finish_reason=model_context_window_exceeded, timeStamp:18:40:51.623"}}""",
                LlmErrorKind.ContextLengthExceeded,
                false
            },
            {
                "go's library, its status",
                """{"error":{"message":"error, status code: 503, status: 503 Service Unavailable, message: Words."}}""",
                LlmErrorKind.Overloaded,
                true
            },
            {
                "vercel around an error",
                """{"error":{"code":"error","message":"Stream error occurred","name":"AI_TypeValidationError","value":{"error":{"message":"Output data may contain inappropriate content.","code":"data_inspection_failed"}}}}""",
                LlmErrorKind.ContentFiltered,
                false
            },
            {
                "vercel around what tells nothing",
                """{"error":{"code":"error","message":"Stream error occurred","name":"AI_TypeValidationError","value":{"type":"ping","message":"Insufficient balance"}}}""",
                LlmErrorKind.ServerError,
                true
            },
            {
                "moonshot",
                """{"error":{"message":"Your account org-x request reached max organization concurrency: 1, please try again after 1 seconds","type":"rate_limit_reached_error"}}""",
                LlmErrorKind.RateLimited,
                true
            },
            {
                "qianfan limit of a day",
                """{"error_code":17,"error_msg":"Open api daily request limit reached"}""",
                LlmErrorKind.QuotaExhausted,
                false
            },
            {
                "qianfan requests of a second",
                """{"error_code":18,"error_msg":"Open api qps request limit reached"}""",
                LlmErrorKind.RateLimited,
                true
            },
            {
                "qianfan key",
                """{"error_code":110,"error_msg":"Access token invalid or no longer valid"}""",
                LlmErrorKind.Authentication,
                false
            },
            {
                "qianfan busy",
                """{"error_code":336100,"error_msg":"Try again. Service is busy now.","id":"as"}""",
                LlmErrorKind.Overloaded,
                true
            },
            {
                "qianfan requests of a minute",
                """{"error_code":336501,"error_msg":"Rate limit reached for RPM"}""",
                LlmErrorKind.RateLimited,
                true
            },
            {
                "alibaba plan",
                """{"request_id":"534126b0","code":"Throttling","message":"Your token-plan quota has been exhausted."}""",
                LlmErrorKind.QuotaExhausted,
                false
            },
            {
                "stepfun",
                """{"error":{"message":"The content you provided or machine outputted is blocked.","type":"censorship_blocked"}}""",
                LlmErrorKind.ContentFiltered,
                false
            },
            {
                "openrouter budget in flight",
                """{"error":{"message":"This request would exceed your available credits given your current in-flight requests. Retry after in-flight requests settle, or add credits.","code":402,"metadata":{"reason":"in_flight_budget_exhausted","limit_source":"openrouter_in_flight_budget","remedy_hint":"Retry after your in-flight requests settle (see the Retry-After header).","headers":{"Retry-After":"120"}}}}""",
                LlmErrorKind.RateLimited,
                true
            },
            {
                "python, filtered",
                """{"error": {"message": "Error code: 400 - {'error': {'message': \"The response was filtered due to the prompt triggering Azure OpenAI's content management policy. Please modify your prompt and retry.\", 'type': None, 'param': 'prompt', 'code': 'content_filter', 'status': 400, 'innererror': {'code': 'ResponsibleAIPolicyViolation', 'content_filter_result': {'jailbreak': {'filtered': True, 'detected': True}}}}}"}}""",
                LlmErrorKind.ContentFiltered,
                false
            },
            {
                "python, its status",
                """{"error":{"message":"Error code: 503 - {'error': {'message': 'Words.'}}"}}""",
                LlmErrorKind.Overloaded,
                true
            },
            { "python, its status alone", """{"error":{"message":"Error code: 422"}}""", LlmErrorKind.BadRequest, false },
            {
                "python within a class",
                """{"error":{"message":"openai.NotFoundError: Error code: 404 - {'detail': 'Not Found'}"}}""",
                LlmErrorKind.NotFound,
                false
            },
            {
                "python, no status",
                """{"error":{"message":"Error code: 4040 - {'detail': 'Not Found'}"}}""",
                LlmErrorKind.ServerError,
                true
            },
            {
                "python, quoted",
                """{"error":{"message":"Tool said: Error code: 404 - {'detail': 'Not Found'}"}}""",
                LlmErrorKind.ServerError,
                true
            },
            {
                "aws fault",
                """{"Output":{"__type":"com.amazon.coral.service#UnknownOperationException"},"Version":"1.0"}""",
                LlmErrorKind.NotFound,
                false
            },
            { "aws fault alone", """{"__type":"com.amazon.coral.service#UnknownOperationException"}""", LlmErrorKind.NotFound, false },
        };

    [Theory]
    [MemberData(nameof(ErrorsOfSuccess))]
    public void ReadInBody_ServiceError_ReturnsKindAndIsRetryable(string name, string body, LlmErrorKind kind, bool isRetryable)
    {
        var error = ErrorReader.ReadInBody(Encoding.UTF8.GetBytes(body), inStream: false);

        Assert.True((kind, isRetryable) == (error.Kind, error.IsRetryable), $"{name}: {error.Kind}, {error.IsRetryable}");
    }

    public static TheoryData<string, int, string, long?, long?> Overflows =>
        new()
        {
            {
                "bedrock mantle",
                400,
                """{"error":{"message":"prompt tokens (300000) exceed model maximum (262144)","type":"invalid_request_error","code":"validation_error"}}""",
                300000,
                262144
            },
            { "deepinfra", 400, """{"error":{"message":"Requested input length 99009 exceeds maximum input length 8192"}}""", 99009, 8192 },
            {
                "ds4 by its code",
                400,
                """{"error":{"message":"Prompt tokens (2000) exceeds context size (1000)","type":"context_exceeded","n_prompt_tokens":2000,"n_ctx":1000}}""",
                2000,
                1000
            },
            {
                "ds4 by its code alone",
                400,
                """{"error":{"message":"Words.","type":"context_exceeded","n_prompt_tokens":2000,"n_ctx":1000}}""",
                2000,
                1000
            },
            {
                "anthropic by its bytes",
                413,
                """{"type":"error","error":{"type":"invalid_request_error","message":"Request size exceeds model context window"},"request_id":"req_011CSPWKXCRRY6RUpJykZ77v"}""",
                null,
                null
            },
            {
                "sambanova",
                400,
                """{"error":{"code":null,"message":"The maximum context length of DeepSeek-V3-0324 is 32768. However, answering your request will take 39732 tokens. Please reduce the length of the messages or the specified max_completion_tokens value.","param":null,"type":"invalid_request_error"}}""",
                39732,
                32768
            },
            {
                "foundry local",
                400,
                """{"error":{"message":"This request requires 11244 total tokens (9196 input + 2048 output), which exceeds the model's maximum context length of 8192 tokens.","type":"invalid_request_error"}}""",
                11244,
                8192
            },
            {
                "iflytek",
                400,
                """{"error":{"code":10012,"message":"Xunfei request failed with Sid: cht000e9545 code: 10012, msg: EngineInternalError:error, status code: 400, message: InternalError.Algo.InvalidParameter: Range of input length should be [1, 202745]"}}""",
                null,
                202745
            },
            {
                "iflytek with its limit",
                400,
                """{"error":{"code":10012,"message":"Xunfei request failed with Sid: cht000d5627@dx19f06c95e3ab828262 code: 10012, msg: EngineInternalError:error, status code: 400, status: 400 Bad Request, message: input token limit is 202752, timeStamp:09:54:52.353"}}""",
                null,
                202752
            },
            {
                "ds4",
                400,
                """{"error":{"message":"Prompt has 102304 tokens, but the configured context size is 100000 tokens"}}""",
                102304,
                100000
            },
            {
                "rkllm",
                400,
                """{"error":{"message":"Prompt is 11543 tokens but the model context window is 4096 tokens."}}""",
                11543,
                4096
            },
            { "tabby", 422, """{"detail":"Prompt length 5000 is greater than max_seq_len 4096"}""", 5000, 4096 },
            { "opencode", 400, """{"error":{"message":"tokens in request more than max tokens allowed"}}""", null, null },
            {
                "azure",
                400,
                """{"error":{"message":"Input tokens exceed the configured limit of 272000 tokens. Your messages resulted in 290000 tokens. Please reduce the length of the messages."}}""",
                290000,
                272000
            },
            { "moonshot", 400, """{"error":{"message":"Input token length too long"}}""", null, null },
            {
                "prompt and window",
                400,
                """{"detail":"Prompt too long: 41911 tokens exceeds max context window of 32768 tokens"}""",
                41911,
                32768
            },
            {
                "together",
                403,
                """{"error":{"message":"`inputs` tokens + `max_new_tokens` must be <= 4097. Given: 4000 `inputs` tokens and 512 `max_new_tokens`","code":null}}""",
                4512,
                4097
            },
            {
                "portkey",
                400,
                """{"error":{"message":"anthropic error: prompt is too long: 200001 tokens > 200000 maximum","type":"invalid_request_error"},"provider":"anthropic"}""",
                200001,
                200000
            },
            {
                "litellm two classes",
                400,
                """{"error":{"message":"litellm.BadRequestError: AzureException BadRequestError - Input tokens exceed the configured limit of 272000 tokens. Your messages resulted in 509178 tokens.","code":"400"}}""",
                509178,
                272000
            },
            {
                "litellm class with an underscore",
                400,
                """{"error":{"message":"litellm.BadRequestError: Vertex_aiException BadRequestError - {\"error\":{\"code\":400,\"message\":\"The input token count (1196265) exceeds the maximum number of tokens allowed (1048575).\",\"status\":\"INVALID_ARGUMENT\"}}","code":"400"}}""",
                1196265,
                1048575
            },
            {
                "litellm bytes with line ends",
                400,
                """{"error":{"message":"litellm.BadRequestError: VertexAIException BadRequestError - b'{\\n  \"error\": {\\n    \"code\": 400,\\n    \"message\": \"The input token count (1196265) exceeds the maximum number of tokens allowed (1048575).\",\\n    \"status\": \"INVALID_ARGUMENT\"\\n  }\\n}\\n'","code":"400"}}""",
                1196265,
                1048575
            },
            {
                "litellm bytes with escapes",
                400,
                """{"error":{"message":"litellm.BadRequestError: OpenAIException - b'{\"error\":{\"param\":\"\\xe4\\xbd\\xa0\\\\\"\",\"message\":\"This model\\'s maximum context length is 4097 tokens. However, you requested 5000 tokens\"}}'","code":"400"}}""",
                5000,
                4097
            },
            {
                "details",
                400,
                """{"detail":"Invalid request. Please check the parameters and try again. Details: The input (514881 tokens) is longer than the model's context length (262144 tokens)."}""",
                514881,
                262144
            },
            {
                "provider and upstream",
                400,
                """{"type":"error","error":{"type":"invalid_request_error","message":"Error from provider (Console Go): Upstream request failed: [invalid_request_error] This model's maximum context length is 163840 tokens. However, you requested 170000 tokens (138000 in the messages, 32000 in the completion)."}}""",
                170000,
                163840
            },
            {
                "kimi code",
                401,
                """{"error":{"type":"authentication_error","message":"k3-256k supports only 256K context."},"type":"error"}""",
                null,
                null
            },
            {
                "deepseek",
                400,
                """{"error":{"message":"Input token exceed the limit (request id: 2026091012232219399237c955d568bTYJlzPo)","type":"api_error","param":"","code":"quota_limit_reached"}}""",
                null,
                null
            },
            {
                "kimi input",
                400,
                """{"error":{"message":"Invalid request: input token exceed the limit","type":"invalid_request_error"}}""",
                null,
                null
            },
            {
                "kimi length",
                400,
                """{"error":{"message":"Invalid request: Input token length too long","type":"invalid_request_error"}}""",
                null,
                null
            },
            {
                "volcengine multi-modal",
                400,
                """{"error":{"code":"InvalidParameter","message":"Total tokens of multi-modal content and text exceed max message tokens. Request id: 02","param":"","type":"BadRequest"}}""",
                null,
                null
            },
            {
                "prompt behind words",
                400,
                """{"type":"error","error":{"type":"api_error","message":"The request is invalid: Prompt exceeds max length. Please check the request body, required fields, and request format. (request id: 2026)"}}""",
                null,
                null
            },
            {
                "threshold",
                400,
                """{"error":{"type":"<nil>","message":"{\"message\":\"Input content length exceeds threshold.\",\"reason\":\"CONTENT_LENGTH_EXCEEDS_THRESHOLD\"} (request id: 2026)"}}""",
                null,
                null
            },
            {
                "omniroute",
                400,
                """{"error":{"message":"Request requires approximately 278690 tokens, but the largest known context limit in this combo is 272000 tokens. Reduce or compact the request context.","code":400}}""",
                278690,
                272000
            },
            {
                "python in litellm, azure",
                400,
                """{"error": {"message": "litellm.BadRequestError: AzureException BadRequestError - Error code: 400 - {'error': {'message': \"This model's maximum context length is 128000 tokens. However, your messages resulted in 130000 tokens.\", 'type': 'invalid_request_error', 'param': 'messages', 'code': 'context_length_exceeded'}}", "type": null, "param": null, "code": "400"}}""",
                130000,
                128000
            },
            {
                "python in litellm, openai",
                400,
                """{"error": {"message": "litellm.BadRequestError: OpenAIException - Error code: 400 - {'error': {'message': \"This model's maximum context length is 128000 tokens. However, your messages resulted in 130000 tokens.\", 'type': 'invalid_request_error', 'param': 'messages', 'code': 'context_length_exceeded'}}", "type": null, "param": null, "code": "400"}}""",
                130000,
                128000
            },
            {
                "python in a detail",
                400,
                """{"detail": "Error code: 400 - {'error': {'message': \"This model's maximum context length is 128000 tokens. However, your messages resulted in 130000 tokens.\", 'type': 'invalid_request_error', 'param': 'messages', 'code': 'context_length_exceeded'}}"}""",
                130000,
                128000
            },
            {
                "python in a text",
                400,
                """{"error": "Error code: 400 - {'error': {'message': \"This model's maximum context length is 128000 tokens. However, your messages resulted in 130000 tokens.\", 'type': 'invalid_request_error', 'param': 'messages', 'code': 'context_length_exceeded'}}"}""",
                130000,
                128000
            },
            {
                "python with escapes",
                400,
                """{"error":{"message":"Error code: 400 - {'error': {'param': 'a\\'b\"\\\\\\x07\\xe9\\U0001f600\\q', 'n': -1.5e3, 'list': [True, False], 'message': 'This model\\'s maximum context length is 128000 tokens. However, your messages resulted in 130000 tokens.\\n'}} and more"}}""",
                130000,
                128000
            },
            {
                "provider without a name",
                400,
                """{"error":{"code":"invalid_request_error","message":"Error from provider: This model's maximum context length is 163840 tokens. However, you requested 170000 tokens."}}""",
                170000,
                163840
            },
        };

    [Theory]
    [MemberData(nameof(Overflows))]
    public void Read_ContextOverflowOfService_ReturnsTokenCounts(string name, int status, string body, long? requested, long? maximum)
    {
        var error = ErrorReader.Read(status, [], Encoding.UTF8.GetBytes(body));

        Assert.True(error.Kind == LlmErrorKind.ContextLengthExceeded, $"{name}: {error.Kind}");
        Assert.Equal((requested, maximum), (error.RequestedTokens, error.MaximumTokens));
    }

    [Theory]
    [InlineData(
        """{"error":{"message":"Requested input length 99009 exceeds maximum input length 8192"}}""",
        LlmErrorKind.ContextLengthExceeded
    )]
    [InlineData(
        """{"type":"error","error":{"type":"api_error","message":"output new_sensitive (1027)","http_code":"500"}}""",
        LlmErrorKind.ContentFiltered
    )]
    public void Read_Status500WithRequestError_SetsCause(string body, LlmErrorKind cause)
    {
        var error = ErrorReader.Read(500, [], Encoding.UTF8.GetBytes(body));

        Assert.Equal((LlmErrorKind.ServerError, cause), (error.Kind, error.CauseKind));
    }

    [Fact]
    public void Read_500WithFailurePhrase_HasNoCause()
    {
        var error = ErrorReader.Read(500, [], """{"error":{"message":"Floating point NaN (not-a-number) is detected in generation."}}"""u8);

        Assert.Equal((LlmErrorKind.ServerError, true, null), (error.Kind, error.IsRetryable, error.CauseKind));
    }

    [Theory]
    [InlineData(
        """{"error":{"message":"litellm.ServiceUnavailableError: litellm.MidStreamFallbackError: litellm.APIConnectionError: APIConnectionError: OpenAIException - Requested token count exceeds the model's maximum context length of 131072 tokens.","type":null,"param":null,"code":"503"}}""",
        LlmErrorKind.ContextLengthExceeded
    )]
    [InlineData(
        """{"error":{"code":"model_not_found","message":"No available channel for model gpt-5.5 under group codex (distributor) (request id: x)","type":"new_api_error"}}""",
        LlmErrorKind.NotFound
    )]
    [InlineData("""{"error":{"message":"Words.","type":"insufficient_quota"}}""", LlmErrorKind.QuotaExhausted)]
    [InlineData("""{"error":{"message":"Incorrect API key provided: sk-x"}}""", LlmErrorKind.Authentication)]
    [InlineData(
        """{"error":{"message":"Output blocked by content filtering policy","type":"service_unavailable"}}""",
        LlmErrorKind.ContentFiltered
    )]
    [InlineData("""{"error":{"message":"Words.","type":"service_unavailable"}}""", null)]
    [InlineData("""{"error":{"message":"Floating point NaN (not-a-number) is detected in generation."}}""", null)]
    [InlineData("""{"error":{"message":"Words.","type":"permission_error"}}""", null)]
    public void Read_Status503WithRequestError_ReturnsOverloadedWithCause(string body, LlmErrorKind? cause)
    {
        var error = ErrorReader.Read(503, [], Encoding.UTF8.GetBytes(body));

        Assert.Equal((LlmErrorKind.Overloaded, true, cause), (error.Kind, error.IsRetryable, error.CauseKind));
        Assert.Equal(cause is not null, error.Message.Contains("It blames ", StringComparison.Ordinal));
        Assert.Equal(
            cause is LlmErrorKind.QuotaExhausted or LlmErrorKind.Authentication,
            error.Message.Contains("It blames the account or its API key", StringComparison.Ordinal)
        );
        Assert.Equal(cause == LlmErrorKind.ContextLengthExceeded ? 131072L : null, error.MaximumTokens);
    }

    [Fact]
    public void ReadInBody_Code503WithRequestError_SetsCause()
    {
        byte[] body = Encoding.UTF8.GetBytes(
            """{"error":{"message":"litellm.ServiceUnavailableError: litellm.MidStreamFallbackError: litellm.APIConnectionError: APIConnectionError: OpenAIException - Requested token count exceeds the model's maximum context length of 131072 tokens.","type":null,"param":null,"code":"503"}}"""
        );

        var inStream = ErrorReader.ReadInBody(body, inStream: true);
        var whole = ErrorReader.ReadInBody(body, inStream: false);

        Assert.Equal(
            (LlmErrorKind.StreamError, LlmErrorKind.ContextLengthExceeded, false),
            (inStream.Kind, inStream.CauseKind, inStream.IsRetryable)
        );
        Assert.Equal((LlmErrorKind.Overloaded, LlmErrorKind.ContextLengthExceeded, true), (whole.Kind, whole.CauseKind, whole.IsRetryable));
    }

    /// <summary>The same numbers and words if they belong to no known service, or mean something else.</summary>
    public static TheoryData<string, int, string, LlmErrorKind> LookAlikes =>
        new()
        {
            {
                "glm number beside a param",
                400,
                """{"error":{"message":"Wrong.","type":"invalid_request_error","param":null,"code":"1301"}}""",
                LlmErrorKind.BadRequest
            },
            { "glm number outside of an error", 400, """{"object":"error","message":"Wrong.","code":"1301"}""", LlmErrorKind.BadRequest },
            { "glm number that is a number", 400, """{"error":{"message":"Wrong.","code":1301}}""", LlmErrorKind.BadRequest },
            { "minimax number outside of its place", 400, """{"status_code":1026,"status_msg":"Wrong."}""", LlmErrorKind.BadRequest },
            { "siliconflow number without its place", 403, """{"code":30001,"message":"Wrong."}""", LlmErrorKind.PermissionDenied },
            { "siliconflow number as text", 400, """{"code":"20012","message":"Wrong.","data":null}""", LlmErrorKind.BadRequest },
            { "qianfan number without its place", 400, """{"error_code":110,"message":"Wrong."}""", LlmErrorKind.BadRequest },
            {
                "novita limit of a minute",
                429,
                """{"code":429,"reason":"TOKEN_LIMIT_EXCEEDED","message":"token limit exceeded","metadata":{}}""",
                LlmErrorKind.RateLimited
            },
            {
                "cohere limit of a minute",
                429,
                """{"message":"You are using a Trial key, which is limited to 20 API calls / minute. You can continue to use the Trial key for free."}""",
                LlmErrorKind.RateLimited
            },
            {
                "github models of a minute",
                429,
                """{"error":{"code":"RateLimitReached","message":"Rate limit of 10 per 60s exceeded for UserByModelByMinute. Please wait 35 seconds before retrying."}}""",
                LlmErrorKind.RateLimited
            },
            {
                "opencode type elsewhere",
                400,
                """{"type":"error","error":{"type":"ModelError","message":"Wrong."}}""",
                LlmErrorKind.BadRequest
            },
            {
                "opencode key",
                401,
                """{"type":"error","error":{"type":"AuthError","message":"Invalid API key."}}""",
                LlmErrorKind.Authentication
            },
            {
                "provider's words without a provider",
                400,
                """{"error":{"message":"anthropic error: Insufficient balance"}}""",
                LlmErrorKind.BadRequest
            },
            {
                "words that begin with something else",
                400,
                """{"error":{"message":"upstream error in 'Error from provider: Insufficient balance'"}}""",
                LlmErrorKind.BadRequest
            },
            { "balance that is quoted", 400, """{"error":{"message":"Invalid content: '余额不足'"}}""", LlmErrorKind.BadRequest },
            { "balance within quotes", 400, """{"error":{"message":"内容「余额不足」无效"}}""", LlmErrorKind.BadRequest },
            {
                "model that lacks something",
                400,
                """{"error":{"message":"Model x has a parameter that does not exist"}}""",
                LlmErrorKind.BadRequest
            },
            {
                "python text about something else",
                400,
                """{"error":{"message":"{'error': 'got Invalid model name passed in model=x'}"}}""",
                LlmErrorKind.BadRequest
            },
            { "402 as ever", 402, """{"error":"Insufficient USD or Diem balance to complete request."}""", LlmErrorKind.QuotaExhausted },
            { "421 as ever", 421, """{"error":{"message":"Misdirected"}}""", LlmErrorKind.BadRequest },
            {
                "412 as ever",
                412,
                """{"error":{"message":"Account x is suspended","code":"PRECONDITION_FAILED"}}""",
                LlmErrorKind.BadRequest
            },
            {
                "alibaba limit of a minute",
                429,
                """{"code":"Throttling.AllocationQuota","message":"Allocated quota exceeded, please increase your quota limit."}""",
                LlmErrorKind.RateLimited
            },
            {
                "credit in the words of the first",
                429,
                """{"error":{"message":"You exceeded your current quota, please check your plan and billing details.","type":"insufficient_quota","code":"insufficient_quota"}}""",
                LlmErrorKind.QuotaExhausted
            },
            {
                "alibaba requests at once",
                429,
                """{"code":"Throttling.AllocationQuota","message":"concurrency allocated quota exceeded"}""",
                LlmErrorKind.RateLimited
            },
            {
                "volcengine requests",
                429,
                """{"error":{"code":"RateLimitExceeded","message":"Words.","type":"TooManyRequests"}}""",
                LlmErrorKind.RateLimited
            },
            {
                "451 of a country",
                451,
                """{"error":{"message":"Unavailable for legal reasons.","type":"invalid_request_error"}}""",
                LlmErrorKind.PermissionDenied
            },
            { "451 as a page", 451, "<html><title>Unavailable</title></html>", LlmErrorKind.PermissionDenied },
            {
                "401 as ever",
                401,
                """{"error":{"type":"authentication_error","message":"The key supports only 256K context."}}""",
                LlmErrorKind.Authentication
            },
            {
                "glm number of a limit beside a param",
                400,
                """{"error":{"message":"Wrong.","param":null,"code":"1316"}}""",
                LlmErrorKind.BadRequest
            },
            {
                "python that is no dictionary",
                400,
                """{"error":{"message":"Error code: 400 - {'error', 'context_length_exceeded'}"}}""",
                LlmErrorKind.BadRequest
            },
            {
                "python that is cut",
                400,
                """{"error":{"message":"Error code: 400 - {'error': {'code': 'context_length_exceeded'"}}""",
                LlmErrorKind.BadRequest
            },
            { "iflytek number without its session", 400, """{"code":10013,"message":"Wrong."}""", LlmErrorKind.BadRequest },
            { "iflytek number in an error", 400, """{"error":{"code":10013,"message":"Wrong.","sid":"x"}}""", LlmErrorKind.BadRequest },
            { "iflytek number as text", 400, """{"code":"10013","message":"Wrong.","sid":"x"}""", LlmErrorKind.BadRequest },
            {
                "iflytek words without a session",
                400,
                """{"error":{"message":"Xunfei request failed. code: 10110, msg: Insufficient balance"}}""",
                LlmErrorKind.BadRequest
            },
            {
                "iflytek words that are quoted",
                400,
                """{"error":{"message":"Tool said: Xunfei request failed with Sid: x code: 10110, msg: Busy"}}""",
                LlmErrorKind.BadRequest
            },
            {
                "guard's reason in an answer's words",
                400,
                """{"error":{"message":"Wrong.","finish_reason":"content_filter"}}""",
                LlmErrorKind.BadRequest
            },
            {
                "424 as ever",
                424,
                """{"message":"The system encountered an unexpected error during processing."}""",
                LlmErrorKind.ServerError
            },
            {
                "413 as ever",
                413,
                """{"error":{"type":"request_too_large","message":"Request exceeds the maximum size"}}""",
                LlmErrorKind.RequestTooLarge
            },
            {
                "value that is no error",
                400,
                """{"error":{"message":"Wrong.","value":{"code":"context_length_exceeded","message":"Quoted."}}}""",
                LlmErrorKind.BadRequest
            },
            {
                "brackets around what is no code",
                400,
                """{"error":{"message":"[insufficient quota] is no name"}}""",
                LlmErrorKind.BadRequest
            },
        };

    [Theory]
    [MemberData(nameof(LookAlikes))]
    public void Read_MessageResemblingOtherError_ReturnsKindOfStatus(string name, int status, string body, LlmErrorKind kind)
    {
        var error = ErrorReader.Read(status, [], Encoding.UTF8.GetBytes(body));

        Assert.True(kind == error.Kind, $"{name}: {error.Kind}");
    }

    [Fact]
    public void RetryAfter_GitHubModelsMessage_IsRead() =>
        Assert.Equal(
            TimeSpan.FromSeconds(35642),
            ErrorReader
                .Read(
                    429,
                    [],
                    """{"error":{"code":"RateLimitReached","message":"Rate limit of 8 per 86400s exceeded for UserByModelByDay. Please wait 35642 seconds before retrying."}}"""u8
                )
                .RetryAfter
        );

    [Theory]
    [InlineData("06:41:12.", 24_072d)]
    [InlineData("5.03:23:11", 444_191d)]
    [InlineData("22.14:18:12. Ask for more.", 1_952_292d)]
    [InlineData("10675199.00:00:00", 3650d * 86_400)]
    [InlineData("99999999999.00:00:00", null)]
    [InlineData("25:00:00", null)]
    [InlineData("5 minutes.", 300d)]
    [InlineData("5.", null)]
    [InlineData("a while", null)]
    [InlineData("", null)]
    public void RetryAfter_AzureApiManagementMessage_IsRead(string clock, double? seconds)
    {
        var error = ErrorReader.Read(
            403,
            [],
            Encoding.UTF8.GetBytes($$"""{"statusCode":403,"message":"Out of call volume quota. Quota will be replenished in {{clock}}"}""")
        );

        Assert.Equal((LlmErrorKind.QuotaExhausted, false, seconds), (error.Kind, error.IsRetryable, error.RetryAfter?.TotalSeconds));
    }

    [Fact]
    public void RetryAfter_SenseNovaMessage_IsRead() =>
        Assert.Equal(
            TimeSpan.FromSeconds(37),
            ErrorReader
                .Read(429, [], """{"error":{"message":"inference exceeds tpm/rpm limit, reset after 37s","code":"insufficient_quota"}}"""u8)
                .RetryAfter
        );

    [Theory]
    [InlineData(
        "rpc error: code = Internal desc = request (12012 tokens) exceeds the available context size (8192 tokens), try increasing it"
    )]
    [InlineData(
        "model inference failed: rpc error: code = Internal desc = request (12012 tokens) exceeds the available context size (8192 tokens), try increasing it"
    )]
    public void Read_ContextOverflowInGrpcError_ReturnsCauseAndTokenCounts(string message)
    {
        var error = ErrorReader.Read(500, [], Encoding.UTF8.GetBytes($$$"""{"error":{"code":500,"message":"{{{message}}}","type":""}}"""));

        Assert.Equal(
            (LlmErrorKind.ServerError, LlmErrorKind.ContextLengthExceeded, 12012L, 8192L),
            (error.Kind, error.CauseKind, error.RequestedTokens, error.MaximumTokens)
        );
    }

    [Fact]
    public void RetryAfter_CreditsHeldByInFlightRequests_IsReadFromBody() =>
        Assert.Equal(
            TimeSpan.FromSeconds(120),
            ErrorReader
                .Read(
                    402,
                    [],
                    """{"error":{"message":"This request would exceed your available credits given your current in-flight requests. Retry after in-flight requests settle, or add credits.","code":402,"metadata":{"reason":"in_flight_budget_exhausted","limit_source":"openrouter_in_flight_budget","remedy_hint":"Retry after your in-flight requests settle (see the Retry-After header).","headers":{"Retry-After":"120"}}}}"""u8
                )
                .RetryAfter
        );

    // Cline (2026) wraps whole answers; others wrap them in the same way.
    [Theory]
    [InlineData("""{"success":true,"data":{"choices":[{"index":0,"message":{"content":"Hi"},"finish_reason":"stop"}]}}""")]
    [InlineData("""{"success":true,"message":"Done.","data":{}}""")]
    [InlineData("""{"code":0,"msg":"success","data":{}}""")]
    [InlineData("""{"code":200,"message":"OK","data":{}}""")]
    [InlineData("""{"status":"success","data":{}}""")]
    [InlineData("""{"foo":1}""")]
    [InlineData("{}")]
    public void ReadReply_NeitherAnswerNorError_ReturnsMalformedResponse(string body)
    {
        var error = Decoded.Whole(WireProtocols.Get("chat-completions"), Encoding.UTF8.GetBytes(body)).Error;

        Assert.Equal(
            (LlmErrorKind.MalformedResponse, false, "The answer contains no choices."),
            (error?.Kind, error?.IsRetryable, error?.Message)
        );
    }

    [Theory]
    [InlineData("""{"success":false,"data":null}""")]
    [InlineData("""{"code":1,"data":null}""")]
    [InlineData("""{"status":"failed"}""")]
    [InlineData("""{"status":500}""")]
    [InlineData("""{"message":"It broke."}""")]
    [InlineData("""{"error":true}""")]
    public void ReadReply_FailureFlagWithoutMessage_ReturnsServerError(string body)
    {
        var error = Decoded.Whole(WireProtocols.Get("chat-completions"), Encoding.UTF8.GetBytes(body)).Error;

        Assert.Equal((LlmErrorKind.ServerError, true), (error?.Kind, error?.IsRetryable));
    }

    public static TheoryData<string, string> Faults()
    {
        var rows = new TheoryData<string, string>();
        foreach (
            string protocol in (string[])["anthropic", "chat-completions", "converse", "bedrock-invoke", "responses", "gemini", "ollama"]
        )
        {
            rows.Add(protocol, """{"Output":{"__type":"com.amazon.coral.service#UnknownOperationException"},"Version":"1.0"}""");
            rows.Add(protocol, """{"__type":"com.amazon.coral.service#UnknownOperationException"}""");
        }
        return rows;
    }

    [Theory]
    [MemberData(nameof(Faults))]
    public void ReadReply_UnknownAwsOperation_AdvisesToCheckModelAndBaseUrl(string protocol, string body)
    {
        var error = Decoded.Whole(WireProtocols.Get(protocol), Encoding.UTF8.GetBytes(body)).Error;

        Assert.NotNull(error);
        Assert.Equal((LlmErrorKind.NotFound, false, "UnknownOperationException"), (error.Kind, error.IsRetryable, error.ProviderCode));
        Assert.EndsWith("Check the model's name and the base URL.", error.Message, StringComparison.Ordinal);
    }
}
