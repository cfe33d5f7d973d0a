$ErrorActionPreference = 'Stop'
Import-Module "$PSScriptRoot/Boxes.psm1"

$boxes = Get-BoxToClean (Get-Content -Raw "$PSScriptRoot/boxes.yaml")
Write-Output "To clean: $($boxes -join ', ')"
