BeforeAll {
    Import-Module "$PSScriptRoot/Boxes.psm1"
}

Describe 'Get-BoxToClean' {
    It 'names the boxes that were lived in, sorted' {
        $yaml = @'
- { name: Willow, lived_in: true }
- { name: Gate, lived_in: false }
- { name: Beech, lived_in: true }
'@
        Get-BoxToClean $yaml | Should -Be @('Beech', 'Willow')
    }

    It 'gives nothing when no box was lived in' {
        Get-BoxToClean '- { name: Gate, lived_in: false }' | Should -BeNullOrEmpty
    }
}
