//go:build bench

package db

import (
	"testing"
	"time"
)

func TestOne(t *testing.T) {
	d, _ := benchDB(t, 1)
	start := time.Now()
	for n := 0; time.Since(start) < 5*time.Second; n++ {
		if err := change(d, 0, n); err != nil {
			t.Fatal(err)
		}
	}
}
