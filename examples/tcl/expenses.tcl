# Adds up expenses that are kept as comma-separated values.

lappend auto_path [file join [file dirname [file normalize [info script]]] lib]
package require csv

namespace eval expenses {}

# What was spent on each kind of thing, in cents: a dictionary, in the order of the kinds' names.
# text: a line of titles, and then lines of DATE,KIND,CENTS
proc expenses::totals {text} {
    set totals [dict create]
    foreach line [lrange [split [string trim $text] \n] 1 end] {
        lassign [csv::split $line] date kind cents
        if {![string is integer -strict $cents]} {
            error "\"$line\": \"$cents\" is no amount in cents"
        }
        dict incr totals $kind $cents
    }
    return [lsort -stride 2 $totals]
}
