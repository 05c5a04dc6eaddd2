using System.Buffers;
using RawLlm.Framing;
using RawLlm.Tests.Support;

namespace RawLlm.Tests.Framing;

public sealed class ByteWindowTests
{
    [Fact]
    public void Unread_RandomWritesAndConsumes_MatchesQueue()
    {
        var random = new SplitMix64(4711);
        var expected = new Queue<byte>();
        using var window = new ByteWindow();
        byte next = 0;
        for (int step = 0; step < 20_000; step++)
        {
            int count = random.Below(random.Below(20) == 0 ? 5000 : 40);
            if (random.Below(2) == 0)
            {
                var free = random.Below(2) == 0 ? window.GetSpan(count) : window.GetMemory(count).Span;
                Assert.True(free.Length >= Math.Max(1, count));
                for (int i = 0; i < count; i++)
                {
                    free[i] = ++next;
                    expected.Enqueue(next);
                }
                window.Advance(count);
            }
            else
            {
                count = Math.Min(count, expected.Count);
                Assert.True(window.Unread[..count].SequenceEqual([.. expected.Take(count)]));
                for (int i = 0; i < count; i++)
                    expected.Dequeue();
                window.Consume(count);
                if (random.Below(10) == 0)
                    window.ReleaseIfEmpty();
            }
            Assert.Equal(expected.Count, window.UnreadLength);
        }
        Assert.True(window.Unread.SequenceEqual([.. expected]));
    }

    [Fact]
    public void Append_ToEmptyWindow_NeitherCopiesNorModifiesBytes()
    {
        byte[] array = [0, 1, 2, 3, 4, 0];
        using var window = new ByteWindow();
        window.Append(array.AsMemory(1, 4));
        Assert.True(window.Unread.Overlaps(array, out int start) && start == -1);
        window.Consume(2);

        window.GetSpan(2)[..2].Fill(9);
        window.Advance(2);

        Assert.Equal([3, 4, 9, 9], window.Unread.ToArray());
        Assert.Equal([0, 1, 2, 3, 4, 0], array);
    }

    [Fact]
    public void Append_WithUnreadBytes_IsAddedAfterThem()
    {
        byte[] array = [4, 5];
        using var window = Filled(3);
        byte[] before = window.Unread.ToArray();
        window.Append(array);
        Assert.Equal([.. before, 4, 5], window.Unread.ToArray());
        Assert.False(window.Unread.Overlaps(array));
    }

    [Fact]
    public void Append_CompletelyConsumed_IsNotOverwritten()
    {
        byte[] array = [1, 2];
        using var window = new ByteWindow();
        window.Append(array);
        Assert.Throws<ArgumentOutOfRangeException>(() => window.Advance(1));
        window.Consume(2);
        window.GetSpan(1)[0] = 9;
        Assert.Equal([1, 2], array);
    }

    [Fact]
    public void Append_WindowDisposed_DoesNotReturnArrayToPool()
    {
        byte[] array = new byte[4096];
        new ByteWindow().Append(array);
        var window = new ByteWindow();
        window.Append(array);
        window.Dispose();
        Assert.NotSame(array, ArrayPool<byte>.Shared.Rent(array.Length));
        Assert.Throws<ObjectDisposedException>(() => window.Append(array));
    }

    [Fact]
    public void GetSpan_HalfConsumed_MovesBytesInsteadOfGrowing()
    {
        using var window = new ByteWindow();
        int size = window.GetSpan(4096).Length;
        window.Advance(size);
        window.Consume(size / 2);

        Assert.Equal(size - size / 2, window.GetSpan(1).Length);
    }

    [Fact]
    public void GetSpan_NoSizeHint_ReturnsNonEmptySpan()
    {
        using var window = new ByteWindow();

        Assert.NotEqual(0, window.GetSpan().Length);
        Assert.NotEqual(0, window.GetMemory().Length);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(4)]
    [InlineData(int.MaxValue)]
    [InlineData(int.MinValue)]
    public void Consume_MoreThanUnread_Throws(int count)
    {
        using var window = Filled(3);

        Assert.Throws<ArgumentOutOfRangeException>(() => window.Consume(count));
        Assert.Equal(3, window.UnreadLength);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(int.MaxValue)]
    public void Advance_MoreThanFree_Throws(int count)
    {
        using var window = Filled(3);

        Assert.Throws<ArgumentOutOfRangeException>(() => window.Advance(count));
        Assert.Equal(3, window.UnreadLength);
    }

    [Fact]
    public void Advance_BeforeGetSpan_Throws()
    {
        using var window = new ByteWindow();

        Assert.Throws<ArgumentOutOfRangeException>(() => window.Advance(1));
    }

    [Fact]
    public void ReleaseIfEmpty_WithUnreadBytes_KeepsThem()
    {
        using var window = Filled(3);

        window.ReleaseIfEmpty();

        Assert.Equal(3, window.UnreadLength);
    }

    [Fact]
    public void ReleaseIfEmpty_WhenEmpty_ReturnsArrayOnce()
    {
        using var window = Filled(3);
        window.Consume(3);

        window.ReleaseIfEmpty();
        window.ReleaseIfEmpty();

        AssertPoolHoldsNoArrayTwice();
        Assert.NotEqual(0, window.GetSpan(1).Length);
    }

    [Fact]
    public void Dispose_Twice_ReturnsArrayOnce()
    {
        var window = Filled(3);

        window.Dispose();
        window.Dispose();
        window.ReleaseIfEmpty();

        AssertPoolHoldsNoArrayTwice();
        Assert.Equal(0, window.UnreadLength);
        Assert.Throws<ObjectDisposedException>(() =>
        {
            window.GetSpan(1);
        });
        Assert.Throws<ObjectDisposedException>(() =>
        {
            window.GetMemory(1);
        });
    }

    [Fact]
    public void GetSpan_UpToCeiling_AllocatesAtMostTwiceCeiling()
    {
        const int Ceiling = 32 << 20;
        using (var warm = new ByteWindow(Ceiling))
            Fill(warm, 2 << 20);
        using var window = new ByteWindow(Ceiling);
        long before = GC.GetAllocatedBytesForCurrentThread();

        Fill(window, Ceiling + 1);

        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.InRange(allocated, Ceiling, 2L * Ceiling + (4 << 20));
        Assert.Equal(Ceiling + 1, window.UnreadLength);
    }

    [Fact]
    public void GetSpan_BeyondCeiling_StillReturnsSpan()
    {
        using var window = new ByteWindow(ceiling: 100);
        Fill(window, 100_000);

        Assert.True(window.GetSpan(50_000).Length >= 50_000);
        Assert.Equal(100_000, window.UnreadLength);
    }

    [Fact]
    public void GetSpan_NearCeiling_MovesUnreadBytesWithoutNewArray()
    {
        const int Ceiling = 8 << 20;
        using var window = new ByteWindow(Ceiling);
        Fill(window, 5 << 20);
        window.Consume(10_000);
        long before = GC.GetAllocatedBytesForCurrentThread();

        Fill(window, (3 << 20) + 5_000);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 10);
    }

    [Fact]
    public void GetMemory_LargerThanMaxArrayLength_ThrowsInvalidOperation()
    {
        using var window = Filled(1);
        Assert.Throws<InvalidOperationException>(() => window.GetMemory(int.MaxValue));
        Assert.Equal(1, window.UnreadLength);
    }

    [Fact]
    public void Ceiling_MaximumValue_LeavesRoomForRead()
    {
        using var window = new ByteWindow(int.MaxValue);
        Assert.InRange(window.Ceiling, 1, Array.MaxLength - 4096);
    }

    private static ByteWindow Filled(int count)
    {
        var window = new ByteWindow();
        Fill(window, count);
        return window;
    }

    private static void Fill(ByteWindow window, int count)
    {
        while (count > 0)
        {
            int piece = Math.Min(count, window.GetSpan(4096).Length);
            window.Advance(piece);
            count -= piece;
        }
    }

    // An array that was returned twice is rented out to two callers at once.
    private static void AssertPoolHoldsNoArrayTwice()
    {
        byte[][] lent = [.. Enumerable.Range(0, 8).Select(_ => ArrayPool<byte>.Shared.Rent(4096))];
        Assert.Equal(lent.Length, lent.Distinct(ReferenceEqualityComparer.Instance).Count());
        foreach (byte[] array in lent)
            ArrayPool<byte>.Shared.Return(array);
    }
}
