using System.Reflection;

namespace RawLlm.Tests;

public sealed class LlmClientOptionsTests
{
    [Fact]
    public void ToString_Options_SaysAllMembersInTheirOrder()
    {
        var options = new LlmClientOptions { Strict = true };
        var members = typeof(LlmClientOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance).Select(member => $"{member.Name} = {member.GetValue(options)}");
        Assert.Equal($"LlmClientOptions {{ {string.Join(", ", members)} }}", options.ToString());
    }

    [Fact]
    public void Prices_NotGiven_AreTheBuiltInOnes()
    {
        Assert.Same(PriceTable.BuiltIn, LlmClientOptions.Default.Prices);
        Assert.Same(PriceTable.BuiltIn, (LlmClientOptions.Default with { Strict = true }).Prices);
        Assert.Same(PriceTable.Empty, new LlmClientOptions { Prices = PriceTable.Empty }.Prices);
        Assert.Equal(LlmClientOptions.Default with { Prices = PriceTable.BuiltIn }, LlmClientOptions.Default);
    }
}
