using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>Which answer it is: its id, the model that gave it, and the seed of the ids that it leaves out.</summary>
internal struct AnswerIdentity
{
    private bool _isSeeded;
    private bool _isChanged;

    /// <summary>The first id that is not empty; Azure (2024) begins with an event in which id and model are.</summary>
    public string? Id { get; private set; }

    /// <summary>The first model that is not empty.</summary>
    public string? Model { get; private set; }

    /// <summary>What <see cref="MadeId"/> makes ids from.</summary>
    public uint Seed { get; private set; }

    /// <summary>Takes the seed from the first body of the answer.</summary>
    /// <returns>True for that body.</returns>
    public bool Begin(ReadOnlySpan<byte> data)
    {
        if (_isSeeded)
            return false;
        _isSeeded = true;
        Seed = MadeId.Seed(data);
        return true;
    }

    /// <summary>Reads the id.</summary>
    /// <returns>False where it is another one than before. Behind content that is said once: a gateway has joined two answers, or gives each chunk an id of its own (Perplexity and Cerebras did, 2025).</returns>
    public bool ReadId(scoped ref Utf8JsonReader reader, EventBuffer events)
    {
        if (_isChanged)
        {
            events.Ignore(ref reader);
            return true;
        }
        JsonText id = default;
        WireJson.ReadTextIfAny(ref reader, ref id);
        if (id.IsEmpty)
            return true;
        if (Id is null)
        {
            Id = id.ToString();
            return true;
        }
        if (id.Is(Id))
            return true;
        _isChanged = events.HasContent;
        if (_isChanged)
            events.Note(QuirkKind.IdentityChanged, "id");
        return false;
    }

    /// <summary>Reads the model.</summary>
    public void ReadModel(scoped ref Utf8JsonReader reader, EventBuffer events)
    {
        if (Model is not null)
        {
            events.Ignore(ref reader);
            return;
        }
        JsonText model = default;
        WireJson.ReadTextIfAny(ref reader, ref model);
        if (!model.IsEmpty)
            Model = KnownText.Get(model);
    }

    /// <summary>Takes back what a body said that turned out to be none of the answer's.</summary>
    public void Restore(in AnswerIdentity before) => (Id, Model) = (before.Id, before.Model);
}
