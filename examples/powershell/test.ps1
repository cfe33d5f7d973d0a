Import-Module "$PSScriptRoot/modules/Pester"

# Its exit code is the number of tests that failed.
Invoke-Pester -Path $PSScriptRoot/Boxes.Tests.ps1 -CI
