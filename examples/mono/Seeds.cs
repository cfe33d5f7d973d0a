using System;
using System.Collections.Generic;
using Mono.Options;

/// <summary>How much seed birds eat, asked for with options.</summary>
public static class Seeds
{
    /// <summary>The answer to a command line such as <c>--birds=4 --days 7</c>, as a line.</summary>
    /// <exception cref="OptionException">an option is unknown, or its value is no number</exception>
    public static string Answer(IEnumerable<string> arguments)
    {
        int birds = 6, days = 30, grams = 8;
        var options = new OptionSet
        {
            { "b|birds=", "how many birds", (int number) => birds = number },
            { "d|days=", "for how many days", (int number) => days = number },
            { "g|grams=", "what one bird eats in a day", (int number) => grams = number },
        };
        List<string> rest = options.Parse(arguments);
        if (rest.Count > 0) throw new OptionException("no such option: " + rest[0], rest[0]);
        return String.Format("{0} birds eat {1} g in {2} days.", birds, birds * days * grams, days);
    }
}
