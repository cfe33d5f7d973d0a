using System.Globalization;
using Humanizer;

namespace Garden;

/// <summary>A nest, and when its eggs were laid.</summary>
public sealed record Nest(string Bird, int Eggs, DateTime Laid)
{
    /// <summary>What there is to see at the nest at this time, as a sentence.</summary>
    public string At(DateTime now)
    {
        var culture = CultureInfo.InvariantCulture;
        var eggs = "egg".ToQuantity(Eggs, ShowQuantityAs.Words);
        var since = (now - Laid).Humanize(precision: 2, culture);
        return $"{Bird}: {eggs}, brooded for {since}";
    }
}
