using Markdig;

namespace Garden;

/// <summary>A web service that shows notes, written in Markdown, as pages.</summary>
public static class Notes
{
    private static readonly Dictionary<string, string> Texts = new()
    {
        ["swift"] = "Swifts **never** land but to breed.",
        ["wren"] = "A wren weighs *nine* grams.",
    };

    /// <summary>The service, not yet started.</summary>
    /// <param name="address">where it listens, such as <c>http://127.0.0.1:0</c> for any free port</param>
    public static WebApplication Build(string address)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(address);
        var service = builder.Build();
        service.MapGet("/{bird}", (string bird) =>
            Texts.TryGetValue(bird, out var text)
                ? Results.Content(Markdown.ToHtml(text), "text/html")
                : Results.NotFound());
        return service;
    }
}
