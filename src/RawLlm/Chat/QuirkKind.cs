using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>
/// A tolerated deviation in an answer, or a change to a request. Values are added as services are: treat an unknown one as any other
/// deviation.
/// </summary>
[JsonConverter(typeof(JsonStringEnumConverter<QuirkKind>))]
public enum QuirkKind
{
    /// <summary>No deviation.</summary>
    None,

    /// <summary>The body ended without the blank line that ends an event; the event was complete and was used.</summary>
    UnterminatedEvent,

    /// <summary>An event contained no data.</summary>
    EmptyEvent,

    /// <summary>The stream ended cleanly and completely, but without its end mark.</summary>
    MissingSentinel,

    /// <summary>The answer ended without a finish reason.</summary>
    NoFinishReason,

    /// <summary>The finish reason is unknown.</summary>
    UnknownFinishReason,

    /// <summary>A second finish reason arrived.</summary>
    RepeatedFinishReason,

    /// <summary>
    /// The service reported both a normal end and a failure, a cutoff or a block; the answer ended with the latter, such as
    /// <see cref="StopReason.Error"/>.
    /// </summary>
    FailureMasked,

    /// <summary>Content arrived after the finish reason.</summary>
    ContentAfterFinish,

    /// <summary><c>choices</c> is null or missing.</summary>
    ChoicesMissing,

    /// <summary>A choice has no index, or that of another choice.</summary>
    ChoiceIndexMissing,

    /// <summary><c>delta</c> is null or missing, or the deltas omitted content that arrived at the end.</summary>
    DeltaMissing,

    /// <summary>A whole message arrived instead of a delta, or together with one.</summary>
    MessageInStream,

    /// <summary>A role is null, empty or not a string; or it is not the model's, and its content was ignored.</summary>
    RoleInvalid,

    /// <summary>Content is a list of parts, although the wire prescribes text.</summary>
    ContentAsParts,

    /// <summary>A value has an unexpected JSON type or form; it was ignored, or read as what it means.</summary>
    UnexpectedType,

    /// <summary>The usage is an empty object.</summary>
    UsageEmpty,

    /// <summary>A count of the usage is not an integer in the valid range; it was ignored, or read as what it means.</summary>
    UsageNumberInvalid,

    /// <summary>The usage does not add up, or is zero for an answer with content.</summary>
    UsageInconsistent,

    /// <summary>A tool call has no index.</summary>
    ToolIndexMissing,

    /// <summary>Several tool calls have the same index.</summary>
    ToolIndexReused,

    /// <summary>One tool call arrived under several indexes.</summary>
    ToolIndexChanged,

    /// <summary>The first tool call does not have index 0, or indexes are skipped.</summary>
    ToolIndexSparse,

    /// <summary>A tool call arrived without an ID; one was generated.</summary>
    ToolIdMissing,

    /// <summary>The ID of a tool call was repeated on later fragments.</summary>
    ToolIdRepeated,

    /// <summary>The ID of a tool call changed on later fragments; the first one was kept.</summary>
    ToolIdChanged,

    /// <summary>Two tool calls had the same ID; the later one received another.</summary>
    ToolIdShared,

    /// <summary>The name of a tool call arrived after its ID or its arguments.</summary>
    ToolNameLate,

    /// <summary>
    /// The name of a tool call was empty or changed on later fragments. The first one was kept, or, before the arguments, its pieces were
    /// joined.
    /// </summary>
    ToolNameChanged,

    /// <summary>A tool call never received a name.</summary>
    ToolNameMissing,

    /// <summary>Arguments arrived as a JSON value, although the wire prescribes text.</summary>
    ToolArgumentsAsObject,

    /// <summary>Arguments arrived as a JSON string that contains their text.</summary>
    ToolArgumentsAsText,

    /// <summary>
    /// Arguments arrived twice: completely again at the end, or as an empty object before or after the real ones. The duplicate was
    /// dropped.
    /// </summary>
    ToolArgumentsRepeated,

    /// <summary>The arguments of a finished tool call are not JSON; the call is marked as incomplete.</summary>
    ToolArgumentsInvalid,

    /// <summary>Arguments could not be read as an object.</summary>
    ToolArgumentsUnreadable,

    /// <summary>A call arrived in the older form with a single function.</summary>
    LegacyFunctionCall,

    /// <summary>Text contains bytes that are not UTF-8; they were replaced.</summary>
    InvalidUtf8,

    /// <summary>Text contains half of a surrogate pair; it was replaced.</summary>
    LoneSurrogate,

    /// <summary>An error arrived after the answer had ended.</summary>
    ErrorAfterEnd,

    /// <summary>The service changed the ID or the model during the answer.</summary>
    IdentityChanged,

    /// <summary>A stream was requested, but a whole answer arrived.</summary>
    StreamDowngraded,

    /// <summary>A whole answer was requested, but a stream arrived.</summary>
    StreamUnrequested,

    /// <summary>
    /// The media type of the answer is missing or not the wire's own, or the stream contains JSON without the wire's framing.
    /// </summary>
    UnexpectedContentType,

    /// <summary>An event of an unknown type was ignored.</summary>
    UnknownEvent,

    /// <summary>An event does not say which part of the answer it belongs to; it was assigned to the latest.</summary>
    PartIndexMissing,

    /// <summary>Events arrived in an order that the wire does not allow.</summary>
    EventOrder,

    /// <summary>A part of the conversation, or an option, that this wire or service cannot carry was left out of the request.</summary>
    LeftOut,

    /// <summary>A part of the request was changed to what the service accepts, such as the format of an ID.</summary>
    Adapted,

    /// <summary>
    /// The request went out more often than the client sent it: through an HTTP handler that also retries, which multiplies the attempts,
    /// or through .NET, after a server had provably not processed it.
    /// </summary>
    SentAgain,

    /// <summary>
    /// The service could not verify or read reasoning in the conversation, and the request was sent again without the data that the model's
    /// answers require back: another region or key had produced that data, or it was changed.
    /// </summary>
    ReasoningRefused,

    /// <summary>An answer that should be only JSON was wrapped in a code fence.</summary>
    ReplyInFence,

    /// <summary>A member that the answer's schema requires is missing; it may be null, or has a default.</summary>
    ReplyMemberMissing,

    /// <summary>
    /// A value of an answer has a different form than its schema prescribes, such as a number as text, and was converted.
    /// </summary>
    ReplyValueConverted,

    /// <summary>
    /// Reasoning was repeated: in the text, between tags, where it stays unless <c>ReasoningTag</c>
    /// of the protocol removes it; or completely at the end of the answer, where it was dropped.
    /// </summary>
    ReasoningRepeated,

    /// <summary>
    /// The request offered tools, and the text of the answer has the marker with which some models begin a tool call: the server does not
    /// parse the calls of its model. Reported for whole answers and by tool loops.
    /// </summary>
    ToolCallAsText,

    /// <summary>
    /// The service refused this member of the request, or its value, and the request was sent again without it or with another in its
    /// place, as later requests to the model will be (<c>LlmClientOptions.AdaptToRefusals</c>).
    /// </summary>
    MemberRefused,
}
