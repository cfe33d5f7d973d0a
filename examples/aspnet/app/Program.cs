using Garden;

// A service would go on with `service.Run()`. This one asks itself for one page, shows it and ends.
await using var service = Notes.Build("http://127.0.0.1:0");
await service.StartAsync();
using var client = new HttpClient { BaseAddress = new Uri(service.Urls.First()) };
Console.WriteLine(await client.GetStringAsync("/wren"));
