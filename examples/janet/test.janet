(import ./guestbook)

# A test that fails ends the program with its message.
(assert (= (guestbook/page ["Owl" "Jay"]) "<ul><li>Jay</li><li>Owl</li></ul>")
        "guests are sorted")
(assert (= (guestbook/page ["<b>"]) "<ul><li>&lt;b&gt;</li></ul>")
        "names are escaped")
(assert (= (guestbook/page []) "<ul></ul>")
        "nobody came")
(print "all tests passed")
