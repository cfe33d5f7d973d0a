// Writes a database of trivy's with a few vulnerabilities of the tests' own: `main FOLDER`, and a list of them on
// standard input. See test/support/real-scanners.ts.
package main

import (
	"encoding/json"
	"log"
	"os"
	"time"

	"github.com/aquasecurity/trivy-db/pkg/db"
	"github.com/aquasecurity/trivy-db/pkg/metadata"
	"github.com/aquasecurity/trivy-db/pkg/types"
	bolt "go.etcd.io/bbolt"
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
	must(db.Init(os.Args[1]))
	config := db.Config{}
	must(config.BatchUpdate(func(tx *bolt.Tx) error {
		for _, one := range all {
			severity, err := types.NewSeverity(one.Severity)
			must(err)
			source := types.DataSource{ID: "alpine", Name: "a test"}
			bucket, advisory := "alpine "+one.Branch, types.Advisory{FixedVersion: one.Fixed}
			if one.Branch == "" {
				source.ID = "ghsa"
				bucket, advisory = "npm::a test", types.Advisory{VulnerableVersions: []string{">=0"}}
				if one.Fixed != "" {
					advisory = types.Advisory{VulnerableVersions: []string{"<" + one.Fixed}, PatchedVersions: []string{one.Fixed}}
				}
			}
			must(config.PutDataSource(tx, bucket, source))
			must(config.PutAdvisory(tx, []string{bucket, one.Package}, one.ID, &advisory))
			detail := types.Vulnerability{Title: one.ID, VendorSeverity: types.VendorSeverity{"nvd": severity}}
			must(config.PutVulnerability(tx, one.ID, detail))
		}
		return nil
	}))
	must(db.Close())
	now := time.Now()
	fresh := metadata.Metadata{Version: db.SchemaVersion, UpdatedAt: now, DownloadedAt: now, NextUpdate: now.AddDate(1, 0, 0)}
	must(metadata.NewClient(os.Args[1]).Update(fresh))
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
