using Garden;

var now = new DateTime(2026, 5, 1, 12, 0, 0);
Nest[] nests =
{
    new("Blue tit", 9, new DateTime(2026, 4, 20, 12, 0, 0)),
    new("Wood pigeon", 2, new DateTime(2026, 4, 28, 6, 0, 0)),
    new("Robin", 1, new DateTime(2026, 5, 1, 11, 0, 0)),
};
foreach (var nest in nests) Console.WriteLine(nest.At(now));
