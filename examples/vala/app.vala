int main () {
    var census = new Census ();
    census.add ("Wren");
    census.add ("Blue tit", 4);
    census.add ("Wren", 2);
    stdout.puts (census.report ());
    return 0;
}
