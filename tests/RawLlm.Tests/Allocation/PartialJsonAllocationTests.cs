using System.Text;

namespace RawLlm.Tests.Allocation;

/// <summary>Showing JSON while it arrives allocates nothing per fragment.</summary>
[Collection(AllocationCollection.Name)]
public sealed class PartialJsonAllocationTests
{
    [Fact]
    public void PartialJson_ReusedAfterClear_AllocatesNothing()
    {
        byte[] text = Encoding.UTF8.GetBytes(
            """{"city":"Z\u00fcrich and \ud83d\ude00","a.b":[{"x":1.5e3},[true,null,"日本"]],"note":"@"}""".Replace(
                "@",
                new string('n', 5000)
            )
        );
        var json = new PartialJson();
        Run(json, text);
        long least = long.MaxValue;
        for (int i = 0; i < 5 && least > 0; i++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            Run(json, text);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.Equal(0, least);
        Assert.Equal(PartialJsonState.Complete, json.State);
    }

    private static void Run(PartialJson json, byte[] text)
    {
        json.Clear();
        int bytes = 0;
        for (int at = 0; at < text.Length; at += 3)
        {
            json.Append(text.AsSpan(at, Math.Min(3, text.Length - at)));
            while (json.Read())
                bytes += json.Current.Text.Length + (json.Current.Is("note"u8) ? 1 : 0);
        }
        Assert.True(bytes > 5000);
    }
}
