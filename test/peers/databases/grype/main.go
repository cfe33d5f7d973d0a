// Writes a database of grype's with a few vulnerabilities of the tests' own: `main FOLDER`, and a list of them on
// standard input. See test/support/real-scanners.ts.
package main

import (
	"encoding/json"
	"log"
	"os"
	"strings"
	"time"

	"github.com/spf13/afero"

	db "github.com/anchore/grype/grype/db/v6"
)

type vulnerability struct {
	ID       string
	Package  string
	Severity string
	// Of Alpine, such as `3.19`; empty for a package of npm's.
	Branch string
	// The version that has the fix; empty where none has.
	Fixed string
}

func main() {
	var all []vulnerability
	must(json.NewDecoder(os.Stdin).Decode(&all))
	writer, err := db.NewWriter(db.Config{DBDirPath: os.Args[1], CacheSizeKiB: 1024})
	must(err)
	must(writer.SetDBMetadata())
	now := time.Now()
	for _, one := range all {
		handle := &db.VulnerabilityHandle{
			Name: one.ID, Status: db.VulnerabilityActive, PublishedDate: &now, ProviderID: providerOf(one),
			Provider: &db.Provider{ID: providerOf(one), Version: "1", Processor: "a test", DateCaptured: &now},
			BlobValue: &db.VulnerabilityBlob{
				ID:         one.ID,
				Severities: []db.Severity{{Scheme: db.SeveritySchemeHML, Value: strings.ToLower(one.Severity), Rank: 1}},
			},
		}
		must(writer.AddVulnerabilities(handle))
		affected := db.Range{Fix: &db.Fix{State: db.NotFixedStatus}, Version: db.Version{Type: "apk"}}
		item := &db.Package{Name: one.Package, Ecosystem: "apk"}
		var system *db.OperatingSystem
		if one.Branch == "" {
			item.Ecosystem, affected.Version.Type = "npm", "semver"
			affected.Version.Constraint = ">=0.0.0"
		} else {
			major, minor, _ := strings.Cut(one.Branch, ".")
			system = &db.OperatingSystem{Name: "alpine", ReleaseID: "alpine", MajorVersion: major, MinorVersion: minor}
		}
		if one.Fixed != "" {
			affected.Version.Constraint = "< " + one.Fixed
			affected.Fix = &db.Fix{State: db.FixedStatus, Version: one.Fixed}
		}
		must(writer.AddAffectedPackages(&db.AffectedPackageHandle{
			Vulnerability: handle, OperatingSystem: system, Package: item,
			BlobValue: &db.PackageBlob{CVEs: []string{one.ID}, Ranges: []db.Range{affected}},
		}))
	}
	must(writer.Close())
	_, err = db.WriteImportMetadata(afero.NewOsFs(), os.Args[1], "a test")
	must(err)
}

func providerOf(one vulnerability) string {
	if one.Branch == "" {
		return "github"
	}
	return "alpine"
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
