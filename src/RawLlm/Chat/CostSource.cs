using System.Text.Json.Serialization;

namespace RawLlm;

/// <summary>Where a <see cref="Cost"/> comes from.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<CostSource>))]
public enum CostSource
{
    /// <summary>The service reported what it charged.</summary>
    Reported,

    /// <summary>It was calculated from the tokens and a <see cref="PriceTable"/>.</summary>
    Table,
}
