# Reads what is known about nest boxes, written in YAML.

Import-Module (Join-Path $PSScriptRoot modules powershell-yaml)

<#
.SYNOPSIS
The names of the boxes that have to be cleaned: those that were lived in.
.PARAMETER Yaml
A list of boxes, each with its name and whether it was lived in.
#>
function Get-BoxToClean {
    param([Parameter(Mandatory)] [string] $Yaml)

    $names = foreach ($box in ConvertFrom-Yaml $Yaml) {
        if ($box.lived_in) { $box.name }
    }
    $names | Sort-Object
}

Export-ModuleMember -Function Get-BoxToClean
