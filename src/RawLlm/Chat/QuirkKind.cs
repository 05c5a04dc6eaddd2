using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>What was odd about an answer, or left out of a request, and tolerated. Values are added as services are: treat an unknown one as any other deviation.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<QuirkKind>))]
public enum QuirkKind
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The body ended without the blank line that ends an event; the event was whole and was taken.</summary>
    UnterminatedEvent,

    /// <summary>An event carried no data.</summary>
    EmptyEvent,

    /// <summary>The stream ended cleanly and complete, but without its end marker.</summary>
    MissingSentinel,

    /// <summary>The end marker came without any finish reason.</summary>
    NoFinishReason,

    /// <summary>The finish reason is not known here.</summary>
    UnknownFinishReason,

    /// <summary>A second finish reason came.</summary>
    RepeatedFinishReason,

    /// <summary>An answer is said to have ended as usual, and beside it that it failed; it ended with <see cref="StopReason.Error"/>.</summary>
    FailureMasked,

    /// <summary>Content came after the finish reason.</summary>
    ContentAfterFinish,

    /// <summary><c>choices</c> is null or absent.</summary>
    ChoicesMissing,

    /// <summary>A choice has no number.</summary>
    ChoiceIndexMissing,

    /// <summary><c>delta</c> is null or absent, or the deltas left out some of what is said at the end.</summary>
    DeltaMissing,

    /// <summary>A whole message stands where, or beside where, a delta belongs.</summary>
    MessageInStream,

    /// <summary>A role is null, empty or unknown, or not that of the model, whose words are passed over then.</summary>
    RoleInvalid,

    /// <summary>Content is a list of parts where the wire says text.</summary>
    ContentAsParts,

    /// <summary>A value of an unexpected JSON type was passed over.</summary>
    UnexpectedType,

    /// <summary>Usage is an empty object.</summary>
    UsageEmpty,

    /// <summary>A number of the usage is not a whole number in range.</summary>
    UsageNumberInvalid,

    /// <summary>The usage does not add up, or is zero for an answer that has content.</summary>
    UsageInconsistent,

    /// <summary>A tool call has no index.</summary>
    ToolIndexMissing,

    /// <summary>One index carries several tool calls.</summary>
    ToolIndexReused,

    /// <summary>One tool call came under several indexes.</summary>
    ToolIndexChanged,

    /// <summary>The first tool call does not have index 0, or numbers are left out.</summary>
    ToolIndexSparse,

    /// <summary>A tool call came without an id; one was made.</summary>
    ToolIdMissing,

    /// <summary>The id of a tool call was repeated on later fragments.</summary>
    ToolIdRepeated,

    /// <summary>The id of a tool call changed on later fragments; the first was kept.</summary>
    ToolIdChanged,

    /// <summary>Two tool calls had one id; the later one was given another.</summary>
    ToolIdShared,

    /// <summary>The name of a tool call came after its id or its arguments.</summary>
    ToolNameLate,

    /// <summary>The name of a tool call was empty, or changed, on later fragments; the first was kept, or, before the arguments, its pieces were joined.</summary>
    ToolNameChanged,

    /// <summary>A tool call never got a name.</summary>
    ToolNameMissing,

    /// <summary>Arguments came as a JSON value where the wire says text.</summary>
    ToolArgumentsAsObject,

    /// <summary>Arguments came as text inside text.</summary>
    ToolArgumentsAsText,

    /// <summary>The arguments were said twice: whole again at the end, or as an empty object before they came. What was too much was dropped.</summary>
    ToolArgumentsRepeated,

    /// <summary>The arguments of a finished tool call are not JSON; the call is marked incomplete.</summary>
    ToolArgumentsInvalid,

    /// <summary>Arguments could not be read as an object.</summary>
    ToolArgumentsUnreadable,

    /// <summary>A call of the older, single-function form came.</summary>
    LegacyFunctionCall,

    /// <summary>Text holds bytes that are not UTF-8; they were replaced.</summary>
    InvalidUtf8,

    /// <summary>Half of a surrogate pair stood alone; it was replaced.</summary>
    LoneSurrogate,

    /// <summary>An error came after the answer had ended.</summary>
    ErrorAfterEnd,

    /// <summary>The service named another id or model while it answered.</summary>
    IdentityChanged,

    /// <summary>A stream was asked for and a whole answer came.</summary>
    StreamDowngraded,

    /// <summary>A whole answer was asked for and a stream came.</summary>
    StreamUnasked,

    /// <summary>The media type of the answer is missing or not the wire's own.</summary>
    UnexpectedContentType,

    /// <summary>An event of a type that is not known here was passed over.</summary>
    UnknownEvent,

    /// <summary>An event does not say to which part of the answer it belongs; the latest was taken.</summary>
    PartIndexMissing,

    /// <summary>Events came in an order that the wire does not allow.</summary>
    EventOrder,

    /// <summary>A part of the conversation, or an option, that this wire or service cannot carry was left out of the request.</summary>
    LeftOut,

    /// <summary>A part of the request was changed to what the service takes, such as the form of an id.</summary>
    Adapted,

    /// <summary>
    /// The request went out more often than the client sent it: by a handler that tries again as well, whose tries multiply with the client's, or
    /// by the platform where a server had provably not looked at it.
    /// </summary>
    SentAgain,

    /// <summary>
    /// The service could not verify or read thoughts of the conversation, and was asked once more without what the model's answers want back: another region or key had given them, or
    /// they were changed.
    /// </summary>
    ThoughtsRefused,

    /// <summary>An answer that was to be JSON alone stood in a code fence.</summary>
    ReplyInFence,

    /// <summary>A member that the schema of an answer requires was left out; it may be null, or has a default.</summary>
    ReplyMemberMissing,

    /// <summary>A value of an answer had another form than its schema says, such as a number as text, and was taken for what it means.</summary>
    ReplyValueConverted,

    /// <summary>Thoughts were said once more: in the text, between tags, where <c>ThoughtTag</c> of the protocol takes them out; or whole at the end of the answer, where they were dropped.</summary>
    ThoughtsRepeated,
    /// <summary>
    /// The request offered tools, and the text of the answer has the marker with which some models begin a tool call: the server does not parse the calls of its model.
    /// Reported for whole answers and by tool loops.
    /// </summary>
    ToolCallAsText,
}
