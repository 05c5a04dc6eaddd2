using Microsoft.Extensions.AI;
using RawLlm.Extensions.AI.Tests.Support;

namespace RawLlm.Extensions.AI.Tests;

/// <summary>How answers are mapped, streamed and whole, and how they fail.</summary>
public sealed class AnswersTests
{
    private static readonly LlmClientOptions AtNoon = new() { Time = new FixedTime() };

    // Code that invokes functions cannot build arguments from JSON that is not an object.
    [Theory]
    [InlineData("[\\\"tmp\\\"]")]
    [InlineData("5")]
    public async Task ToolCall_ArgumentsAreNoObject_IsInformationalOnly(string arguments)
    {
        using var service = new TestService().Json(
            $$$$"""{"id":"c","model":"m","choices":[{"index":0,"message":{"role":"assistant","tool_calls":[{"id":"a","type":"function","function":{"name":"delete","arguments":"{{{{arguments}}}}"}}]},"finish_reason":"tool_calls"}]}"""
        );
        using var client = service.Client(Providers.OpenAI);
        using var chat = client.AsChatClient();

        var call = (FunctionCallContent)Assert.Single(Assert.Single((await chat.GetResponseAsync("Hi")).Messages).Contents);

        Assert.Equal((true, null), (call.InformationalOnly, call.Arguments));
        Assert.NotNull(call.Exception);
    }

    [Fact]
    public async Task Media_InStream_AreYieldedCompleteWithAudioLast()
    {
        using var service = new TestService().Sse(
            """
            {"id":"c1","model":"m","choices":[{"index":0,"delta":{"images":[{"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo="}}]}}]}
            {"id":"c1","model":"m","choices":[{"index":0,"delta":{"audio":{"id":"a1","transcript":"Hi ","data":"AAAB"}}}]}
            {"id":"c1","model":"m","choices":[{"index":0,"delta":{"content":"Here"}}]}
            {"id":"c1","model":"m","choices":[{"index":0,"delta":{"audio":{"transcript":"there","data":"AAIA"}},"finish_reason":"stop"}]}
            [DONE]
            """
        );
        using var client = service.Client(Providers.OpenAI);
        using var chat = client.AsChatClient();

        var response = await chat.GetStreamingResponseAsync("Hi").ToChatResponseAsync();

        var contents = Assert.Single(response.Messages).Contents.OfType<DataContent>().ToList();
        Assert.Equal(["image/png", "audio/pcm"], contents.Select(content => content.MediaType));
        Assert.Equal([0, 0, 1, 0, 2, 0], contents[1].Data.ToArray());
        Assert.Equal("Hi there", Assert.IsType<FilePart>(contents[1].RawRepresentation).Transcript);
        Assert.Equal("Here", response.Text);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Phase_OfText_IsInAdditionalProperties(bool isStream)
    {
        const string Item =
            """{"id":"m1","type":"message","status":"completed","role":"assistant","phase":"commentary","content":[{"type":"output_text","text":"I look.","annotations":[]}]}""";
        using var service = isStream
            ? new TestService().Sse(
                $$$"""
                {"type":"response.output_item.added","output_index":0,"item":{"id":"m1","type":"message","status":"in_progress","role":"assistant","phase":"commentary","content":[]}}
                {"type":"response.output_text.delta","item_id":"m1","output_index":0,"content_index":0,"delta":"I look."}
                {"type":"response.output_item.done","output_index":0,"item":{{{Item}}}}
                {"type":"response.completed","response":{"id":"r","object":"response","status":"completed","model":"m","output":[{{{Item}}}]}}
                """
            )
            : new TestService().Json($$$"""{"id":"r","object":"response","status":"completed","model":"m","output":[{{{Item}}}]}""");
        using var client = service.Client(Providers.OpenAIResponses);
        using var chat = client.AsChatClient();

        var response = isStream ? await chat.GetStreamingResponseAsync("Hi").ToChatResponseAsync() : await chat.GetResponseAsync("Hi");

        var text = Assert.Single(Assert.Single(response.Messages).Contents.OfType<TextContent>());
        Assert.Equal(("I look.", TextPart.Commentary), (text.Text, text.AdditionalProperties?[LlmAdapterKeys.Phase]));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Citations_InAnswer_BecomeAnnotationsAndAreNotSentBack(bool isStream)
    {
        const string Sources =
            """[{"type":"url_citation","url_citation":{"url":"https://a.example/","title":"A","content":"Of a.","start_index":2,"end_index":6}},{"type":"url_citation","url_citation":{"url":"nowhere","title":"N"}}]""";
        using var service = isStream
            ? new TestService().Sse(
                $$$"""
                {"id":"c1","model":"m","choices":[{"index":0,"delta":{"reasoning_content":"Hm."}}]}
                {"id":"c1","model":"m","choices":[{"index":0,"delta":{"content":"😀 Ma"}}]}
                {"id":"c1","model":"m","choices":[{"index":0,"delta":{"content":"tz https://a.example/ did.","annotations":{{{Sources}}}}}]}
                {"id":"c1","model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}
                [DONE]
                """
            )
            : new TestService().Json(
                $$$"""{"id":"c1","model":"m","choices":[{"index":0,"message":{"role":"assistant","reasoning_content":"Hm.","content":"😀 Matz https://a.example/ did.","annotations":{{{Sources.Replace("2,\"end_index\":6", "7,\"end_index\":25", StringComparison.Ordinal)}}}},"finish_reason":"stop"}]}"""
            );
        using var client = service.Client(Providers.OpenAI);
        using var chat = client.AsChatClient();

        var response = isStream ? await chat.GetStreamingResponseAsync("Hi").ToChatResponseAsync() : await chat.GetResponseAsync("Hi");

        var message = Assert.Single(response.Messages);
        Assert.Equal("😀 Matz https://a.example/ did.", message.Text);
        Assert.Equal(isStream ? 3 : 2, message.Contents.Count);
        var cited = message.Contents[^1];
        Assert.Equal(isStream ? typeof(AIContent) : typeof(TextContent), cited.GetType());
        var annotations = cited.Annotations!.Cast<CitationAnnotation>().ToList();
        Assert.Equal(
            [("https://a.example/", "A", "Of a."), (null, "N", null)],
            annotations.Select(annotation => (annotation.Url?.ToString(), annotation.Title, annotation.Snippet))
        );
        Assert.Equal("nowhere", Assert.IsType<Citation>(annotations[1].RawRepresentation).Url);
        Assert.Null(annotations[1].AnnotatedRegions);
        if (!isStream)
        {
            var region = Assert.IsType<TextSpanAnnotatedRegion>(Assert.Single(annotations[0].AnnotatedRegions!));
            Assert.Equal("https://a.example/", message.Text[region.StartIndex!.Value..region.EndIndex!.Value]);
        }
        foreach (var said in (ChatMessage[])[message, Stored.AsJson(message)])
        {
            var notes = new List<Quirk>();
            var read = Assert.Single(MessageReader.Read([said], AIJsonUtilities.DefaultOptions, notes));
            Assert.Equal([typeof(ReasoningPart), typeof(TextPart)], read.Parts.Select(part => part.GetType()));
            Assert.Empty(notes);
        }
    }

    [Fact]
    public async Task Citation_OfSecondTextInStream_HasRegionRelativeToItsText()
    {
        using var service = new TestService().Sse(
            """
            {"type":"message_start","message":{"id":"m1","type":"message","role":"assistant","model":"m","content":[],"usage":{"input_tokens":1,"output_tokens":1}}}
            {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}
            {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"So: "}}
            {"type":"content_block_stop","index":0}
            {"type":"content_block_start","index":1,"content_block":{"type":"text","text":"","citations":[]}}
            {"type":"content_block_delta","index":1,"delta":{"type":"citations_delta","citation":{"type":"char_location","cited_text":"Rain.","document_index":0,"document_title":"D","start_char_index":0,"end_char_index":5}}}
            {"type":"content_block_delta","index":1,"delta":{"type":"text_delta","text":"it rains."}}
            {"type":"content_block_stop","index":1}
            {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":5}}
            {"type":"message_stop"}
            """
        );
        using var client = service.Client(Providers.Anthropic);
        using var chat = client.AsChatClient();

        var response = await chat.GetStreamingResponseAsync("Hi").ToChatResponseAsync();

        var contents = Assert.Single(response.Messages).Contents;
        var annotation = Assert.IsType<CitationAnnotation>(
            Assert.Single(Assert.Single(contents, content => content.Annotations is { Count: > 0 }).Annotations!)
        );
        Assert.Equal(("D", "Rain.", null), (annotation.Title, annotation.Snippet, annotation.Url));
        var region = Assert.IsType<TextSpanAnnotatedRegion>(Assert.Single(annotation.AnnotatedRegions!));
        Assert.Equal((0, "it rains.".Length, 1), (region.StartIndex, region.EndIndex, ((Citation)annotation.RawRepresentation!).PartIndex));
        Assert.Equal("So: it rains.", response.Text);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task RateLimits_InHeaders_AreInAdditionalProperties(bool isStream)
    {
        using var service = (
            isStream
                ? new TestService().Sse("""{"choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":"stop"}]}""" + "\n[DONE]")
                : new TestService().Json("""{"choices":[{"index":0,"message":{"content":"Hi"},"finish_reason":"stop"}]}""")
        )
            .With("x-ratelimit-limit-requests", "60")
            .With("x-ratelimit-remaining-requests", "59")
            .With("x-ratelimit-reset-requests", "1.5s");
        using var client = service.Client(Providers.OpenAI);
        using var chat = client.AsChatClient();

        var properties = isStream
            ? (await chat.GetStreamingResponseAsync("Hi").ToChatResponseAsync()).Messages[0].AdditionalProperties
            : (await chat.GetResponseAsync("Hi")).AdditionalProperties;

        Assert.Equal("""{"requests":{"limit":60,"remaining":59,"reset_after_seconds":1.5}}""", properties![LlmAdapterKeys.RateLimits]);
    }

    [Fact]
    public async Task Usage_SumsOverflow_AreNull()
    {
        using var service = new TestService().Json(
            $$$"""
            {"id":"m","type":"message","role":"assistant","model":"c","content":[{"type":"text","text":"Yes."}],"stop_reason":"end_turn",
             "usage":{"input_tokens":{{{long.MaxValue}}},"cache_read_input_tokens":{{{long.MaxValue}}},"cache_creation_input_tokens":2,"output_tokens":20}}
            """
        );
        using var client = service.Client(Providers.Anthropic, options: AtNoon);
        using var chat = client.AsChatClient();

        var usage = (await chat.GetResponseAsync("Hi")).Usage!;

        Assert.Equal(
            (null, 20, null, long.MaxValue),
            (usage.InputTokenCount, usage.OutputTokenCount, usage.TotalTokenCount, usage.CachedInputTokenCount)
        );
    }

    [Fact]
    public async Task Reply_NonStreaming_KeepsAllFields()
    {
        using var service = new TestService().Json(
            """
            {"id":"msg_1","type":"message","role":"assistant","model":"claude-x","content":[
                {"type":"thinking","thinking":"Hm.","signature":"c2ln"},{"type":"redacted_thinking","data":"EmwK"},{"type":"text","text":"Yes."},
                {"type":"tool_use","id":"t1","name":"f","input":{"x":null}}],
             "stop_reason":"tool_use","usage":{"input_tokens":10,"cache_read_input_tokens":5,"cache_creation_input_tokens":2,"output_tokens":20}}
            """
        );
        using var client = service.Client(Providers.Anthropic, options: AtNoon);
        using var chat = client.AsChatClient();

        var response = await chat.GetResponseAsync("Hi");

        Assert.Equal(("msg_1", "claude-x", null), (response.ResponseId, response.ModelId, response.ConversationId));
        Assert.Equal(FixedTime.Noon, response.CreatedAt);
        Assert.Equal(ChatFinishReason.ToolCalls, response.FinishReason);
        Assert.Equal("tool_use", response.AdditionalProperties![LlmAdapterKeys.StopReason]);
        Assert.Equal("anthropic", response.AdditionalProperties[LlmAdapterKeys.Provider]);
        var reply = Assert.IsType<ChatReply>(response.RawRepresentation);
        var contents = Assert.Single(response.Messages).Contents;
        Assert.Equal(
            [typeof(TextReasoningContent), typeof(AIContent), typeof(TextContent), typeof(FunctionCallContent)],
            contents.Select(content => content.GetType())
        );
        Assert.Equal("Hm.", ((TextReasoningContent)contents[0]).Text);
        var call = (FunctionCallContent)contents[3];
        Assert.Equal(("t1", "f"), (call.CallId, call.Name));
        Assert.Null(Assert.Single(call.Arguments!).Value);
        // The wire does not count cached tokens as input (10); Microsoft.Extensions.AI does.
        Assert.Equal(
            (17, 20, 37, 5),
            (
                response.Usage!.InputTokenCount,
                response.Usage.OutputTokenCount,
                response.Usage.TotalTokenCount,
                response.Usage.CachedInputTokenCount
            )
        );
        Assert.Equal(2, response.Usage.AdditionalCounts!["cache_write_tokens"]);
        Assert.Same(
            reply.Message,
            Assert.Single(
                MessageReader.Read([.. response.Messages, new ChatMessage(ChatRole.Tool, [])], AIJsonUtilities.DefaultOptions, []),
                message => message.Role == Role.Assistant
            )
        );
    }

    [Fact]
    public async Task Stream_WithTextAndToolCalls_YieldsUpdatePerPieceAndCompleteCalls()
    {
        using var service = new TestService().Sse(
            """
            {"id":"c1","model":"gpt-x","choices":[]}
            {"id":"c1","model":"gpt-x","choices":[{"index":0,"delta":{"reasoning_content":"Hm."}}]}
            {"id":"c1","model":"gpt-x","choices":[{"index":0,"delta":{"content":"I "}}]}
            {"id":"c1","model":"gpt-x","choices":[{"index":0,"delta":{"content":"look."}}]}
            {"id":"c1","model":"gpt-x","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\":"}}]}}]}
            {"id":"c1","model":"gpt-x","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"b","function":{"name":"f","arguments":"{}"}}]}}]}
            {"id":"c1","model":"gpt-x","choices":[{"index":0,"delta":{"tool_calls":[{"id":"a","function":{"arguments":"1}"}}]}}]}
            {"id":"c1","model":"gpt-x","choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}
            {"id":"c1","model":"gpt-x","choices":[],"usage":{"prompt_tokens":10,"completion_tokens":7,"total_tokens":17,"prompt_tokens_details":{"cached_tokens":4,"audio_tokens":5},"completion_tokens_details":{"reasoning_tokens":3,"audio_tokens":6,"accepted_prediction_tokens":1,"rejected_prediction_tokens":2}}}
            [DONE]
            """
        );
        using var client = service.Client(Providers.DeepSeek, options: AtNoon);
        using var chat = client.AsChatClient();

        var updates = new List<ChatResponseUpdate>();
        await foreach (var update in chat.GetStreamingResponseAsync("Hi"))
            updates.Add(update);

        Assert.Equal(["Hm.", "I ", "look."], updates.Take(3).Select(update => update.Contents[0].ToString()));
        // Two calls with the same index are still two calls.
        var calls = updates.SelectMany(update => update.Contents).OfType<FunctionCallContent>().ToList();
        Assert.Equal([("a", 1), ("b", 0)], calls.Select(call => (call.CallId, call.Arguments!.Count)).Order());
        var usage = Assert.Single(updates.SelectMany(update => update.Contents).OfType<UsageContent>()).Details;
        Assert.Equal(
            (10, 7, 17, 4, 3),
            (usage.InputTokenCount, usage.OutputTokenCount, usage.TotalTokenCount, usage.CachedInputTokenCount, usage.ReasoningTokenCount)
        );
#pragma warning disable MEAI001
        Assert.Equal((5, 6), (usage.InputAudioTokenCount, usage.OutputAudioTokenCount));
#pragma warning restore MEAI001
        Assert.Equal(["accepted_prediction_tokens", "rejected_prediction_tokens"], usage.AdditionalCounts!.Keys.Order());
        Assert.Equal((1, 2), (usage.AdditionalCounts!["accepted_prediction_tokens"], usage.AdditionalCounts["rejected_prediction_tokens"]));
        Assert.Single(updates.Select(update => update.MessageId).Distinct());
        Assert.All(updates, update => Assert.Equal((ChatRole.Assistant, FixedTime.Noon), (update.Role, update.CreatedAt)));
        Assert.All(updates, update => Assert.Equal(("c1", "gpt-x"), (update.ResponseId, update.ModelId)));
        Assert.All(updates.SkipLast(1), update => Assert.Null(update.FinishReason));
        Assert.Equal(
            (ChatFinishReason.ToolCalls, "c1", "gpt-x"),
            (updates[^1].FinishReason!.Value, updates[^1].ResponseId, updates[^1].ModelId)
        );
        var response = updates.ToChatResponse();
        var message = Assert.Single(response.Messages);
        Assert.Equal("I look.", response.Text);
        Assert.Equal(
            [typeof(TextReasoningContent), typeof(TextContent), typeof(FunctionCallContent), typeof(FunctionCallContent)],
            message.Contents.Select(content => content.GetType())
        );
        Assert.Equal("tool_calls", message.AdditionalProperties![LlmAdapterKeys.StopReason]);
        Assert.Equal("deepseek", message.AdditionalProperties[LlmAdapterKeys.Provider]);
    }

    [Fact]
    public async Task Stream_EndsEarly_ThrowsWithoutFinishReason()
    {
        using var service = new TestService().Sse(
            """
            {"id":"c1","model":"m","choices":[{"index":0,"delta":{"content":"Half"}}]}
            {"id":"c1","model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\":"}}]}}]}
            """
        );
        using var client = service.Client(Providers.OpenAI);
        using var chat = client.AsChatClient();
        var updates = new List<ChatResponseUpdate>();

        var error = await Assert.ThrowsAsync<LlmException>(async () =>
        {
            await foreach (var update in chat.GetStreamingResponseAsync("Hi"))
                updates.Add(update);
        });

        Assert.Equal((LlmErrorKind.StreamTruncated, true), (error.Kind, error.OutputCommitted));
        Assert.Equal("Half", Assert.Single(updates).Text);
    }

    [Fact]
    public async Task Stream_TruncatedAtTokenLimit_YieldsOpenCallAsInformationalOnly()
    {
        using var service = new TestService().Sse(
            """
            {"id":"c1","model":"m","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"f","arguments":"{\"x\":"}}]}}]}
            {"id":"c1","model":"m","choices":[{"index":0,"delta":{},"finish_reason":"length"}]}
            [DONE]
            """
        );
        using var client = service.Client(Providers.OpenAI);
        using var chat = client.AsChatClient();

        var response = await chat.GetStreamingResponseAsync("Hi").ToChatResponseAsync();

        var call = Assert.IsType<FunctionCallContent>(Assert.Single(response.Messages[0].Contents));
        Assert.Equal((true, null), (call.InformationalOnly, call.Arguments));
        Assert.Equal(LlmErrorKind.ToolCallMalformed, Assert.IsType<LlmException>(call.Exception).Kind);
        Assert.Equal("{\"x\":", ((ToolCallPart)call.RawRepresentation!).Call.Arguments);
    }

    [Fact]
    public async Task Refusal_StreamingAndNonStreaming_IsErrorContentAndIsSentBackAsRefusal()
    {
        using var service = new TestService()
            .Sse(
                """
                {"id":"c1","model":"m","choices":[{"index":0,"delta":{"refusal":"I can"}}]}
                {"id":"c1","model":"m","choices":[{"index":0,"delta":{"refusal":"not."},"finish_reason":"stop"}]}
                [DONE]
                """
            )
            .Json(
                """{"id":"c2","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":null,"refusal":"I cannot."},"finish_reason":"stop"}]}"""
            );
        using var client = service.Client(Providers.OpenAI);
        using var chat = client.AsChatClient();

        foreach (
            var response in new[] { await chat.GetStreamingResponseAsync("Hi").ToChatResponseAsync(), await chat.GetResponseAsync("Hi") }
        )
        {
            Assert.Equal(ChatFinishReason.ContentFilter, response.FinishReason);
            var refusal = Assert.IsType<ErrorContent>(Assert.Single(response.Messages[0].Contents));
            Assert.Equal(("I cannot.", "Refusal"), (refusal.Message, refusal.ErrorCode));
            Assert.Equal(
                [new RefusalPart("I cannot.")],
                MessageReader.Read(response.Messages.Select(Stored.AsJson), AIJsonUtilities.DefaultOptions, [])[0].Parts
            );
        }
    }

    [Theory]
    [InlineData(StopReason.EndTurn, "x", "stop")]
    [InlineData(StopReason.StopSequence, "x", "stop")]
    [InlineData(StopReason.MaxTokens, "x", "length")]
    [InlineData(StopReason.ContextOverflow, "x", "length")]
    [InlineData(StopReason.ToolUse, "x", "tool_calls")]
    [InlineData(StopReason.ContentFilter, "x", "content_filter")]
    [InlineData(StopReason.Refusal, "x", "content_filter")]
    [InlineData(StopReason.Paused, "pause_turn", "pause_turn")]
    [InlineData(StopReason.Error, null, "error")]
    [InlineData(StopReason.Unknown, "eos", "eos")]
    [InlineData(StopReason.Unknown, null, null)]
    public void StopReason_OfEachKind_MapsToFinishReasonOrRawValue(StopReason reason, string? raw, string? expected) =>
        Assert.Equal(expected, FinishReasons.Read(reason, raw)?.Value);

    [Fact]
    public async Task Quirks_InRequestAndAnswer_AreBothRecorded()
    {
        using var service = new TestService().Json(
            """{"id":"c","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Yes."},"finish_reason":"eh"}]}"""
        );
        using var client = service.Client(Providers.OpenAI);
        using var chat = client.AsChatClient();

        var response = await chat.GetResponseAsync([
            new(ChatRole.User, "Hi"),
            new(ChatRole.Assistant, [new AIContent(), new TextContent("Hm")]),
            new(ChatRole.User, "So?"),
        ]);

        Assert.Equal(
            "LeftOut at messages[1].contents[0]; UnknownFinishReason at choices[].finish_reason",
            response.AdditionalProperties![LlmAdapterKeys.Quirks]
        );
    }

    [Fact]
    public async Task Error_FromService_ThrowsLlmException()
    {
        using var service = new TestService().Json(
            """{"error":{"message":"no such key","type":"invalid_request_error"}}""",
            System.Net.HttpStatusCode.Unauthorized
        );
        using var client = service.Client(Providers.OpenAI);
        using var chat = client.AsChatClient();

        Assert.Equal(LlmErrorKind.Authentication, (await Assert.ThrowsAsync<LlmException>(() => chat.GetResponseAsync("Hi"))).Kind);
    }

    private sealed class FixedTime : TimeProvider
    {
        public static readonly DateTimeOffset Noon = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Noon;
    }
}
