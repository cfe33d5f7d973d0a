using Garden;
using Xunit;

public class NestTest
{
    private static readonly DateTime Laid = new(2026, 4, 1, 8, 0, 0);

    [Fact]
    public void CountsInWords()
    {
        var nest = new Nest("Wren", 3, Laid);
        Assert.Equal("Wren: three eggs, brooded for 2 days, 1 hour", nest.At(Laid.AddHours(49)));
    }

    [Fact]
    public void OneIsSingular()
    {
        var nest = new Nest("Swift", 1, Laid);
        Assert.Equal("Swift: one egg, brooded for 1 week", nest.At(Laid.AddDays(7)));
    }
}
