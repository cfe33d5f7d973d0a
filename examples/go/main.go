// Command app gives pages a lasting identifier: the same name has the same UUID everywhere and always.
package main

import (
	"fmt"

	"github.com/google/uuid"
)

var pages = []string{"example.org/", "example.org/about"}

// identifier is the UUID, version 5, of a page's URL.
func identifier(page string) string {
	return uuid.NewSHA1(uuid.NameSpaceURL, []byte("https://"+page)).String()
}

func main() {
	for _, page := range pages {
		fmt.Println(identifier(page), page)
	}
}
