int main (string[] arguments) {
    Test.init (ref arguments);
    Test.add_func ("/census/adds-up", () => {
        var census = new Census ();
        census.add ("Robin", 2);
        census.add ("Dunnock");
        census.add ("Robin");
        assert_cmpstr (census.report (), CompareOperator.EQ, "Dunnock: 1\nRobin: 3\n");
    });
    Test.add_func ("/census/empty", () => {
        assert_cmpstr (new Census ().report (), CompareOperator.EQ, "");
    });
    return Test.run ();
}
