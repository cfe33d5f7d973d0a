using System;
using Mono.Options;

public static class Program
{
    public static int Main(string[] arguments)
    {
        try
        {
            Console.WriteLine(Seeds.Answer(arguments));
            return 0;
        }
        catch (OptionException problem)
        {
            Console.Error.WriteLine(problem.Message);
            return 2;
        }
    }
}
