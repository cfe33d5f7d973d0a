/** A count of birds. */
public class Census : Object {
    private Gee.TreeMap<string, int> counts = new Gee.TreeMap<string, int> ();

    public void add (string bird, int number = 1) {
        counts[bird] = counts.has_key (bird) ? counts[bird] + number : number;
    }

    /** A line for each bird, in the order of their names. */
    public string report () {
        var text = new StringBuilder ();
        foreach (var entry in counts.entries) {
            text.append_printf ("%s: %d\n", entry.key, entry.value);
        }
        return text.str;
    }
}
