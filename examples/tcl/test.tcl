package require tcltest
namespace import tcltest::*

source [file join [file dirname [info script]] expenses.tcl]

test totals-1 {expenses of a kind are added up} {
    expenses::totals "date,kind,cents\nd,Train,100\nd,Bus,25\nd,Train,50"
} {Bus 25 Train 150}

test totals-2 {a comma in quotes parts nothing} {
    dict get [expenses::totals "date,kind,cents\nd,\"Bed, breakfast\",90"] "Bed, breakfast"
} 90

test totals-3 {what is no number is refused, with its line} -body {
    expenses::totals "date,kind,cents\nd,Taxi,much"
} -returnCodes error -result {"d,Taxi,much": "much" is no amount in cents}

exit [expr {$tcltest::numTests(Failed) > 0 || $tcltest::numTests(Passed) == 0}]
