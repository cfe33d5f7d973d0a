using System;
using Mono.Options;

public static class SeedsTest
{
    public static void Main()
    {
        Expect("4 birds eat 140 g in 7 days.", Seeds.Answer(new[] { "-b", "4", "--days=7", "-g", "5" }));
        Expect("6 birds eat 96 g in 2 days.", Seeds.Answer(new[] { "--days", "2" }));
        ExpectRefusal("--birds=many");
        ExpectRefusal("--cats=1");
        Console.WriteLine("all tests passed");
    }

    private static void Expect(string expected, string actual)
    {
        if (actual != expected) throw new Exception("expected: " + expected + ", got: " + actual);
    }

    private static void ExpectRefusal(string argument)
    {
        try
        {
            Seeds.Answer(new[] { argument });
        }
        catch (OptionException)
        {
            return;
        }
        throw new Exception("was not refused: " + argument);
    }
}
