//go:build e2e

package e2e

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

func TestExplore(t *testing.T) {
	s := Start(t)
	p := s.SignIn("owner", Look{})
	id := s.Sim.World().Accounts[0].ID
	for _, path := range strings.Fields(os.Getenv("EXPLORE")) {
		p.Go(strings.ReplaceAll(path, "ID", id))
		snap, err := p.Locator("main").AriaSnapshot()
		fmt.Printf("===== %s\n%s\n%v\n", p.URL(), snap, err)
	}
}
