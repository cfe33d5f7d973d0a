source [file join [file dirname [info script]] expenses.tcl]

set journey {
date,kind,cents
2026-03-02,Train,8990
2026-03-02,"Hotel, with breakfast",21400
2026-03-03,Meals,2350
2026-03-04,Meals,1875
2026-03-04,Train,8990
}

dict for {kind cents} [expenses::totals $journey] {
    puts [format "%-22s %8.2f" $kind [expr {$cents / 100.0}]]
}
