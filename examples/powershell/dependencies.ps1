# Fetches what the app and its tests need, powershell-yaml and Pester, into the folder modules.
$ErrorActionPreference = 'Stop'
New-Item -ItemType Directory -Force "$PSScriptRoot/modules" | Out-Null

@{
    'powershell-yaml' = '[0.4.12, 0.5)'
    'Pester'          = '[5.7.1, 6.0)'
}.GetEnumerator() | ForEach-Object {
    Save-PSResource -Name $_.Key -Version $_.Value -Path "$PSScriptRoot/modules" -TrustRepository
}
