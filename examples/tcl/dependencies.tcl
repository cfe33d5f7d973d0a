# Puts the modules that the app needs into lib/, out of Tcllib as Alpine packages it.
# Run it in the dev image, as root: lib/ is then whose this folder is.

exec apk add --no-cache --quiet tcl-lib >@stdout 2>@stderr

file mkdir lib
foreach module {csv} {
    # The command that loads a package ends in the path of its file.
    set load [package ifneeded $module [package require $module]]
    set folder [file dirname [lindex $load end]]
    # A folder that is there already cannot be copied over.
    file delete -force [file join lib [file tail $folder]]
    file copy $folder lib
}

set owner [file attributes . -owner]
set group [file attributes . -group]
exec chown -R $owner:$group lib >@stdout 2>@stderr
