using System.Text.Json;

namespace RawLlm.Protocols;

/// <summary>The identity of an answer: its ID, its model, and the seed for IDs that the service leaves out.</summary>
internal struct AnswerIdentity
{
    private bool _isSeeded;
    private bool _isChanged;

    /// <summary>
    /// The first ID that is not empty; null until one arrives. Azure (2024) starts with an event whose ID and model are empty.
    /// </summary>
    public string? Id { get; private set; }

    /// <summary>The first model name that is not empty; null until one arrives.</summary>
    public string? Model { get; private set; }

    /// <summary>The seed from which <see cref="GeneratedId"/> creates IDs.</summary>
    public uint Seed { get; private set; }

    /// <summary>Takes the seed from the first body of the answer.</summary>
    /// <returns>True for the first body.</returns>
    public bool Begin(ReadOnlySpan<byte> data)
    {
        if (_isSeeded)
            return false;
        _isSeeded = true;
        Seed = GeneratedId.Seed(data);
        return true;
    }

    /// <summary>Reads the ID.</summary>
    /// <returns>
    /// False if the ID differs from the first one. After content has arrived, this happens only once: a gateway has joined two answers, or
    /// gives each chunk its own ID (Perplexity and Cerebras did, 2025).
    /// </returns>
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
            Model = StringCache.Get(model);
    }

    /// <summary>Restores the ID and the model after a body that turned out not to belong to the answer.</summary>
    public void Restore(in AnswerIdentity before) => (Id, Model) = (before.Id, before.Model);
}
