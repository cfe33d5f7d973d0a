using System.Net;
using Garden;
using Xunit;

public class NotesTest
{
    [Theory]
    [InlineData("/swift", HttpStatusCode.OK)]
    [InlineData("/dodo", HttpStatusCode.NotFound)]
    public async Task AnswersForTheBirdsThatThereAreNotesOn(string path, HttpStatusCode status)
    {
        await using var service = Notes.Build("http://127.0.0.1:0");
        await service.StartAsync();
        using var client = new HttpClient { BaseAddress = new Uri(service.Urls.First()) };
        using var answer = await client.GetAsync(path);
        Assert.Equal(status, answer.StatusCode);
    }

    [Fact]
    public async Task ShowsMarkdownAsHtml()
    {
        await using var service = Notes.Build("http://127.0.0.1:0");
        await service.StartAsync();
        using var client = new HttpClient { BaseAddress = new Uri(service.Urls.First()) };
        Assert.Contains("<strong>never</strong>", await client.GetStringAsync("/swift"));
    }
}
