using System.Globalization;
using System.Text;
using RawLlm.Protocols;
using RawLlm.Tests.Support;
using Xunit.Abstractions;

namespace RawLlm.Tests.Protocols.Errors;

/// <summary>Every recorded error of every service; the meaning of each row was decided by hand.</summary>
public sealed class RecordedErrorTests(ITestOutputHelper output)
{
    /// <summary>
    /// File, status (the manifest's, or the body's own if the manifest has none), kind, and the beginning of the service's message.
    /// </summary>
    public static TheoryData<string, int, LlmErrorKind, string> Recorded =>
        new()
        {
            {
                "anthropic/0xPlaygrounds-rig__error_identity_edge-streaming_connect_4xx_matches_blocking_richness.error.json",
                404,
                LlmErrorKind.NotFound,
                "model: claude-nonexistent-model-for-error-edge"
            },
            {
                "anthropic/0xPlaygrounds-rig__response_identity_edge-provider_error_response_surfaces_cleanly.error.json",
                404,
                LlmErrorKind.NotFound,
                "model: claude-nonexistent-model-for-identity-edge"
            },
            {
                "anthropic/0xPlaygrounds-rig__strict_schema_matrix-boolean_root_schema_is_rejected_for_tool_input.error.json",
                400,
                LlmErrorKind.BadRequest,
                "tools.0.custom.input_schema: Input does not match the expect"
            },
            {
                "anthropic/0xPlaygrounds-rig__strict_schema_matrix-boolean_true_subschema_is_rejected_by_strict_compiler.error.json",
                400,
                LlmErrorKind.BadRequest,
                "tools.0.custom: For 'object' type, property 'properties' is "
            },
            {
                "anthropic/0xPlaygrounds-rig__strict_schema_matrix-recursive_ref_is_rejected_by_strict_compiler.error.json",
                400,
                LlmErrorKind.BadRequest,
                "tools.0.custom: Invalid schema: Circular reference detected "
            },
            {
                "anthropic/0xPlaygrounds-rig__strict_schema_matrix-scalar_root_ref_is_rejected_for_tool_input.error.json",
                400,
                LlmErrorKind.BadRequest,
                "tools.0.custom.input_schema.type: Input should be 'object'"
            },
            {
                "anthropic/DataDog-dd-trace-py__anthropic_completion_invalid_api_key.error.json",
                401,
                LlmErrorKind.Authentication,
                "invalid x-api-key"
            },
            {
                "anthropic/Mirascope-mirascope__anthropic-handles-empty-string-content.error.json",
                400,
                LlmErrorKind.BadRequest,
                "messages.0: all messages must have non-empty content except "
            },
            {
                "anthropic/pydantic-pydantic-ai__test_anthropic-test_anthropic_explicit_effort_xhigh_unsupported_model_errors.error.json",
                400,
                LlmErrorKind.BadRequest,
                "This model does not support effort level 'xhigh'. Supported "
            },
            {
                "anthropic/pydantic-pydantic-ai__test_model_name_suggestions-test_model_name_suggestion-anthropic.error.json",
                404,
                LlmErrorKind.NotFound,
                "model: claude-sonet-4-5"
            },
            {
                "azure-ai-foundry/crmne-ruby_llm__chat_real_error_scenarios_azure_grok-4-1-fast-non-reasoning_handles_con-f5f0e48b.error.json",
                429,
                LlmErrorKind.RateLimited,
                "Your requests to grok-4-1-fast-non-reasoning for grok-4-1-fa"
            },
            {
                "azure-openai/crewAIInc-crewAI__test_openai_is_default_provider_without_explicit_llm_set_on_agent.error.json",
                404,
                LlmErrorKind.NotFound,
                "Resource not found"
            },
            {
                "bedrock/DataDog-dd-trace-py__bedrock_converse_error.error.json",
                403,
                LlmErrorKind.Authentication,
                "The security token included in the request is expired"
            },
            {
                "bedrock/crmne-ruby_llm__chat_real_error_scenarios_bedrock_amazon_nova-2-lite-v1_0_handles_conte-d8b25788.error.json",
                400,
                LlmErrorKind.ContextLengthExceeded,
                "The model returned the following errors: Input Tokens Exceed"
            },
            {
                "bedrock/open-telemetry-opentelemetry-python-contrib__test_converse_stream_with_invalid_model.error.json",
                400,
                LlmErrorKind.NotFound,
                "The provided model identifier is invalid."
            },
            {
                "bedrock/posit-dev-chatlas__test_provider_bedrock-test_anthropic_images.error.json",
                400,
                LlmErrorKind.BadRequest,
                "messages.0.content.1.image.source.base64.data: URL sources a"
            },
            {
                "bedrock/pydantic-pydantic-ai__test_multimodal_tool_returns-test_multimodal_tool_return_matrix-direct--2b9d8703.error.json",
                400,
                LlmErrorKind.BadRequest,
                "The model returned the following errors: Malformed input req"
            },
            {
                "bedrock/tmc-langchaingo__TestAmazonNova.error.json",
                403,
                LlmErrorKind.PermissionDenied,
                "You don't have access to the model with the specified model "
            },
            {
                "cohere/crmne-ruby_llm__chat_error_handling_with_cohere_command-a-03-2025_raises_appropriate_auth_error.error.json",
                401,
                LlmErrorKind.Authentication,
                "Incorrect API key provided: ***********. You can find your A"
            },
            {
                "cohere/traceloop-openllmetry__test_agent_with_multiple_tools.error-6.json",
                404,
                LlmErrorKind.NotFound,
                "model 'command-r-plus' was removed on September 15, 2025. Se"
            },
            {
                "cohere/traceloop-openllmetry__test_agent_with_multiple_tools.error.json",
                404,
                LlmErrorKind.NotFound,
                "model 'command-r' was removed on September 15, 2025. See htt"
            },
            {
                "deepseek/0xPlaygrounds-rig__wire_shape_matrix-blocking_audio_part_reaches_the_wire.error.json",
                400,
                LlmErrorKind.BadRequest,
                "Failed to deserialize the JSON body into the target type: me"
            },
            {
                "deepseek/0xPlaygrounds-rig__wire_shape_matrix-chat_completion_rejects_an_unknown_model_with_the_pro-7e6b594e.error.json",
                400,
                LlmErrorKind.NotFound,
                "The supported API model names are deepseek-v4-pro or deepsee"
            },
            {
                "doubleword/0xPlaygrounds-rig__error_matrix-invalid_key_blocking.error.json",
                403,
                LlmErrorKind.PermissionDenied,
                "Forbidden"
            },
            {
                "google-gemini/0xPlaygrounds-rig__error_envelope-nonexistent_model_error_preserves_status_and_body.error.json",
                404,
                LlmErrorKind.NotFound,
                "models/gemini-nonexistent-rig-test is not found for API vers"
            },
            {
                "google-gemini/FirebaseExtended-vertexai-sdk-test-data__streaming-failure-image-rejected.error.json",
                400,
                LlmErrorKind.BadRequest,
                "Request contains an invalid argument."
            },
            {
                "google-gemini/FirebaseExtended-vertexai-sdk-test-data__unary-failure-unknown-model.error.json",
                404,
                LlmErrorKind.NotFound,
                "models/gemini-5.0-flash is not found for API version v1, or "
            },
            {
                "google-gemini/braintrustdata-braintrust-sdk-python__test_error_handling.error.json",
                404,
                LlmErrorKind.NotFound,
                "models/there-is-no-such-model is not found for API version v"
            },
            {
                "google-gemini/crmne-ruby_llm__chat_real_error_scenarios_gemini_gemini-2_5-flash_handles_context_lengt-3c7852d1.error.json",
                429,
                LlmErrorKind.RateLimited,
                "You exceeded your current quota, please check your plan and "
            },
            {
                "google-gemini/tmc-langchaingo__TestGoogleAIErrorHandling.error.json",
                403,
                LlmErrorKind.PermissionDenied,
                "Method doesn't allow unregistered callers (callers without e"
            },
            {
                "google-gemini/vercel-ai__google-429-retry-info.error.json",
                429,
                LlmErrorKind.RateLimited,
                "You exceeded your current quota, please check your plan."
            },
            {
                "google-vertex/FirebaseExtended-vertexai-sdk-test-data__streaming-failure-http-error.error.json",
                400,
                LlmErrorKind.BadRequest,
                "$grpcMessage"
            },
            {
                "google-vertex/FirebaseExtended-vertexai-sdk-test-data__streaming-failure-unknown-model.error.json",
                404,
                LlmErrorKind.NotFound,
                "models/unknown is not found for API version v1, or is not su"
            },
            {
                "google-vertex/FirebaseExtended-vertexai-sdk-test-data__unary-failure-firebasevertexai-api-not-enabled.error.json",
                403,
                LlmErrorKind.PermissionDenied,
                "Vertex AI in Firebase API has not been used in project test-"
            },
            {
                "google-vertex/FirebaseExtended-vertexai-sdk-test-data__unary-failure-http-error.error.json",
                400,
                LlmErrorKind.BadRequest,
                "$grpcMessage"
            },
            {
                "google-vertex/FirebaseExtended-vertexai-sdk-test-data__unary-failure-iam-permission-denied.error.json",
                403,
                LlmErrorKind.PermissionDenied,
                "Permission 'aiplatform.endpoints.predict' denied on resource"
            },
            {
                "google-vertex/FirebaseExtended-vertexai-sdk-test-data__unary-failure-image-rejected.error.json",
                400,
                LlmErrorKind.BadRequest,
                "Request contains an invalid argument."
            },
            {
                "google-vertex/FirebaseExtended-vertexai-sdk-test-data__unary-failure-invalid-context-cache-id.error.json",
                400,
                LlmErrorKind.BadRequest,
                "Invalid CachedContent name: 1234567890."
            },
            {
                "google-vertex/FirebaseExtended-vertexai-sdk-test-data__unary-failure-model-not-found.error.json",
                404,
                LlmErrorKind.NotFound,
                "models/test-model-name is not found for API version v1beta, "
            },
            {
                "google-vertex/FirebaseExtended-vertexai-sdk-test-data__unary-failure-quota-exceeded.error.json",
                429,
                LlmErrorKind.RateLimited,
                "Quota exceeded for quota metric 'Generate Content API reques"
            },
            {
                "google-vertex/FirebaseExtended-vertexai-sdk-test-data__unary-failure-unsupported-user-location.error.json",
                400,
                LlmErrorKind.PermissionDenied,
                "User location is not supported for the API use."
            },
            {
                "google-vertex/crmne-ruby_llm__chat_real_error_scenarios_vertexai_gemini-2_5-flash_handles_context_len-db733eb4.error.json",
                400,
                LlmErrorKind.ContextLengthExceeded,
                "The input token count (1250074) exceeds the maximum number o"
            },
            {
                "google-vertex/open-telemetry-opentelemetry-python-contrib__test_generate_content_invalid_role.error.json",
                400,
                LlmErrorKind.BadRequest,
                "Please use a valid role: user, model."
            },
            {
                "groq/pydantic-pydantic-ai__test_groq-test_tool_regular_error.error.json",
                404,
                LlmErrorKind.NotFound,
                "The model `non-existent` does not exist or you do not have a"
            },
            {
                "groq/pydantic-pydantic-ai__test_groq-test_tool_use_failed_error.error.json",
                400,
                LlmErrorKind.ToolCallMalformed,
                "Tool call validation failed: tool call validation failed: pa"
            },
            {
                "llama.cpp/0xPlaygrounds-rig__error_matrix-missing_api_key_is_401.error.json",
                401,
                LlmErrorKind.Authentication,
                "Invalid API Key"
            },
            {
                "llama.cpp/0xPlaygrounds-rig__error_matrix-tools_without_jinja.error.json",
                500,
                LlmErrorKind.ServerError,
                "tools param requires --jinja flag"
            },
            {
                "llama.cpp/0xPlaygrounds-rig__multimodal_matrix-image_without_mmproj.error.json",
                500,
                LlmErrorKind.ServerError,
                "image input is not supported - hint: if this is unexpected, "
            },
            {
                "llama.cpp/0xPlaygrounds-rig__multimodal_matrix-malformed_data_uri.error.json",
                400,
                LlmErrorKind.BadRequest,
                "Failed to load image or audio file"
            },
            {
                "mistral/0xPlaygrounds-rig__response_identity_edge-blocking_error_carries_the_correlation_id.error.json",
                400,
                LlmErrorKind.NotFound,
                "Invalid model: definitely-not-a-model"
            },
            {
                "ollama/Arize-ai-openinference__test_chat_error_records_model_name.error.json",
                404,
                LlmErrorKind.NotFound,
                "model 'nonexistent-model:latest' not found"
            },
            {
                "openai/0xPlaygrounds-rig__error_envelope-nonexistent_model_error_preserves_status_and_body.error.json",
                400,
                LlmErrorKind.NotFound,
                "The requested model 'gpt-4o-mini-nonexistent-rig-test' does "
            },
            {
                "openai/0xPlaygrounds-rig__error_identity_edge-chat_completions_validation_error_carries_identity.error.json",
                400,
                LlmErrorKind.BadRequest,
                "Invalid 'temperature': decimal above maximum value. Expected"
            },
            {
                "openai/0xPlaygrounds-rig__error_identity_edge-nonexistent_previous_response_reference_carries_identity.error.json",
                400,
                LlmErrorKind.BadRequest,
                "Previous response with id 'resp_REDACTED_1' not found."
            },
            {
                "openai/Arize-ai-openinference__test_async_pipeline_with_chat_prompt_builder_and_chat_generator_produce-4d9ab854.error.json",
                401,
                LlmErrorKind.Authentication,
                "Incorrect API key provided: sk-. You can find your API key a"
            },
            {
                "openai/DataDog-dd-trace-py__chat_completion_error.error.json",
                401,
                LlmErrorKind.Authentication,
                "Incorrect API key provided: <not-a-r****key>. You can find y"
            },
            {
                "openai/DataDog-dd-trace-py__openai_completions_post_48ee296c.error.json",
                400,
                LlmErrorKind.BadRequest,
                "Invalid token in prompt: 123456. Minimum value is 0, maximum"
            },
            {
                "openai/DataDog-dd-trace-py__response_create_error.error.json",
                400,
                LlmErrorKind.NotFound,
                "The requested model 'invalid-model' does not exist."
            },
            {
                "openai/Mirascope-mirascope__openai_responses-encodes-thoughts-as-text-for-model-consumption.error.json",
                400,
                LlmErrorKind.BadRequest,
                "Unsupported value: 'minimal' is not supported with the 'o4-m"
            },
            {
                "openai/braintrustdata-braintrust-sdk-python__test_openai_client_async_error.error.json",
                404,
                LlmErrorKind.NotFound,
                "The model `non-existent-model` does not exist or you do not "
            },
            {
                "openai/envoyproxy-ai-gateway__chat-bad-request.error.json",
                400,
                LlmErrorKind.BadRequest,
                "Unsupported parameter: 'max_tokens' is not supported with th"
            },
            {
                "openai/envoyproxy-ai-gateway__chat-no-messages.error.json",
                400,
                LlmErrorKind.BadRequest,
                "Invalid 'messages': empty array. Expected an array with mini"
            },
            {
                "openai/envoyproxy-ai-gateway__chat-unknown-model.error.json",
                404,
                LlmErrorKind.NotFound,
                "The model `gpt-4.1-nano-wrong` does not exist or you do not "
            },
            {
                "openai/envoyproxy-ai-gateway__completion-bad-request.error.json",
                400,
                LlmErrorKind.BadRequest,
                "Invalid 'max_tokens': integer below minimum value. Expected "
            },
            {
                "openai/open-telemetry-opentelemetry-python-contrib__test_async_chat_completion_404.error.json",
                404,
                LlmErrorKind.NotFound,
                "The model `this-model-does-not-exist` does not exist or you "
            },
            {
                "openai/openai-openai-dotnet__CanDeleteResponse.error.json",
                404,
                LlmErrorKind.NotFound,
                "Response with id 'resp_012716c47e5818750068c9ef3acb74819590c"
            },
            {
                "openai/openai-openai-dotnet__GetChatCompletionMessagesWithBasicUsageAsync.error.json",
                404,
                LlmErrorKind.NotFound,
                "Completion chatcmpl-CGScqVRG7d2bOzdXz0RrZVOWZny6y not found"
            },
            {
                "openai/openai-openai-dotnet__GetChatCompletionMessagesWithCombinedOptionsAsync.error.json",
                404,
                LlmErrorKind.NotFound,
                "Completion chatcmpl-CGSd25Le6WgUMeVTOtUV2Xn7qmgYe not found"
            },
            {
                "openai/openai-openai-dotnet__GetChatCompletionMessagesWithOrderFiltering.error.json",
                404,
                LlmErrorKind.NotFound,
                "Completion chatcmpl-CGSa1bjbdwlYaeeCEEQwZc1fMfb2q not found"
            },
            {
                "openai/openai-openai-dotnet__GetChatCompletionMessagesWithPaginationAsync.error.json",
                404,
                LlmErrorKind.NotFound,
                "Completion chatcmpl-CTxQ9xDPuU9DITliWXiujUzs5HHSp not found"
            },
            {
                "openai/openai-openai-dotnet__GetChatCompletionsWithEmptyOptionsAsync.error.json",
                404,
                LlmErrorKind.NotFound,
                "Completion chatcmpl-CGSeTawmszFg8VtfREOanMqFQprzh not found"
            },
            {
                "openai/openai-openai-dotnet__GetChatCompletionsWithMinimalLimitsAsync.error.json",
                404,
                LlmErrorKind.NotFound,
                "Completion chatcmpl-CGSegUtT4zf5dgBVVAyO5kiBIsHHh not found"
            },
            {
                "openai/openai-openai-dotnet__StoredChatCompletionsWork.error.json",
                404,
                LlmErrorKind.NotFound,
                "Completion chatcmpl-CGSbhP05yVK6UddcCirjjbqYBCuqe not found"
            },
            {
                "openai/posit-dev-chatlas__test_parallel_chat_errors-test_parallel_chat_error_continue_mode.error.json",
                401,
                LlmErrorKind.Authentication,
                "Incorrect API key provided: test. You can find your API key "
            },
            {
                "openai/pydantic-pydantic-ai__test_model_name_suggestions-test_model_name_suggestion-openai-chat.error.json",
                404,
                LlmErrorKind.NotFound,
                "The model `gpt-5.2-proo` does not exist or you do not have a"
            },
            {
                "openai/pydantic-pydantic-ai__test_multimodal_tool_returns-test_multimodal_tool_return_matrix-direct--76cf3ef0.error.json",
                400,
                LlmErrorKind.BadRequest,
                "The file type you uploaded is not supported. Please try agai"
            },
            {
                "openai/pydantic-pydantic-ai__test_openai-test_openai_web_search_tool_model_not_supported.error.json",
                400,
                LlmErrorKind.BadRequest,
                "Web search options not supported with this model."
            },
            {
                "openai/pydantic-pydantic-ai__test_openai_responses-test_openai_responses_model_http_error.error.json",
                400,
                LlmErrorKind.BadRequest,
                "Invalid 'temperature': decimal below minimum value. Expected"
            },
            {
                "openai/pydantic-pydantic-ai__test_openai_responses-test_openai_responses_thinking_with_modified_history.error.json",
                400,
                LlmErrorKind.BadRequest,
                "Item 'rs_68c42de022c881948db7ed1cc2529f2e0202c9ad459e0d23' o"
            },
            {
                "openai/traceloop-openllmetry__test_vision.error.json",
                400,
                LlmErrorKind.BadRequest,
                "Error while downloading https://source.unsplash.com/8xznAGy4"
            },
            {
                "openai/vercel-ai__gpt-image-response-format-error.error.json",
                400,
                LlmErrorKind.BadRequest,
                "Unknown parameter: 'response_format'."
            },
            {
                "openai/vercel-ai__openai-error.1.error.json",
                429,
                LlmErrorKind.QuotaExhausted,
                "You exceeded your current quota, please check your plan and "
            },
            {
                "openrouter/crewAIInc-crewAI__test_agent_knowledege_with_crewai_knowledge.error.json",
                401,
                LlmErrorKind.Authentication,
                "No cookie auth credentials found"
            },
            {
                "openrouter/pydantic-pydantic-ai__test_openrouter-test_openrouter_errors_raised.error.json",
                429,
                LlmErrorKind.RateLimited,
                "Provider returned error"
            },
            {
                "perplexity/crmne-ruby_llm__chat_error_handling_with_perplexity_sonar_raises_appropriate_auth_error.error.json",
                401,
                LlmErrorKind.Authentication,
                "Invalid API key provided. Ensure your API key is correct and"
            },
        };

    [Theory]
    [MemberData(nameof(Recorded))]
    public void Read_RecordedError_ReturnsKindAndMessage(string file, int status, LlmErrorKind kind, string said)
    {
        if (Load(file) is not { } body)
            return;

        var error = ErrorReader.Read(status, [], body);

        Assert.Equal(kind, error.Kind);
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void RecordedErrors_TestData_ContainsEveryErrorOfManifest()
    {
        if (Folder() is not { } folder)
            return;
        var listed = Recorded.ToDictionary(row => (string)row[0]!, row => (int)row[1]!);
        foreach (
            string[] row in File.ReadLines(Path.Combine(folder, "MANIFEST.tsv"))
                .Skip(1)
                .Select(line => line.Split('\t'))
                .Where(row => row[1] == "error")
        )
        {
            Assert.True(listed.TryGetValue(row[0], out int status), row[0]);
            if (row[5] != "-")
                Assert.Equal(int.Parse(row[5], CultureInfo.InvariantCulture), status);
        }
    }

    /// <summary>The last event of recorded streams that failed after a success status.</summary>
    public static TheoryData<string, string, LlmErrorKind, string?, string> InStreams =>
        new()
        {
            {
                "openai/prism-php-prism__stream-rate-limited-1.sse",
                "\"type\":\"error\"",
                LlmErrorKind.RateLimited,
                "rate_limit_exceeded",
                "Request too large for gpt-4o"
            },
            {
                "openai/prism-php-prism__stream-rate-limited-1.sse",
                "\"response.failed\"",
                LlmErrorKind.RateLimited,
                "rate_limit_exceeded",
                "Request too large for gpt-4o"
            },
            {
                "openai/prism-php-prism__stream-unknown-error-responses-1.sse",
                "\"type\":\"error\"",
                LlmErrorKind.ServerError,
                "unknown-error",
                "Foobar"
            },
            {
                "openai/vercel-ai__openai-error.1.sse",
                "\"type\":\"error\"",
                LlmErrorKind.QuotaExhausted,
                "insufficient_quota",
                "You exceeded your current quota"
            },
            {
                "openai/vercel-ai__openai-error.1.sse",
                "\"response.failed\"",
                LlmErrorKind.QuotaExhausted,
                "insufficient_quota",
                "You exceeded your current quota"
            },
            {
                "openrouter/pydantic-pydantic-ai__test_openrouter-test_openrouter_stream_error.sse",
                "\"error\":{",
                LlmErrorKind.BadRequest,
                "400",
                "Token limit reached"
            },
        };

    [Theory]
    [MemberData(nameof(InStreams))]
    public void ReadInBody_RecordedEvent_ReturnsCause(string file, string mark, LlmErrorKind cause, string? code, string said)
    {
        if (Load(file) is not { } body)
            return;
        string line = Encoding
            .UTF8.GetString(body)
            .Split('\n')
            .Last(l => l.StartsWith("data:", StringComparison.Ordinal) && l.Contains(mark, StringComparison.Ordinal));

        var error = ErrorReader.ReadInBody(Encoding.UTF8.GetBytes(line[5..]), inStream: true);

        Assert.Equal((LlmErrorKind.StreamError, cause, code), (error.Kind, error.CauseKind, error.ProviderCode));
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_RecordedRetryInfo_SetsRetryAfter()
    {
        if (Load("google-gemini/vercel-ai__google-429-retry-info.error.json") is not { } body)
            return;

        Assert.Equal(TimeSpan.FromSeconds(34.4), ErrorReader.Read(429, [], body).RetryAfter);
    }

    private byte[]? Load(string file) => Folder() is { } folder ? File.ReadAllBytes(Path.Combine(folder, "streams", file)) : null;

    private string? Folder()
    {
        if (Folders.Wire is null)
            output.WriteLine("Not applicable: the recordings are not here.");
        return Folders.Wire;
    }
}
