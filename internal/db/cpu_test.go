//go:build bench

package db

import (
	"fmt"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

func cpu() float64 {
	var r syscall.Rusage
	syscall.Getrusage(0, &r)
	return float64(r.Utime.Nano()+r.Stime.Nano()) / 1e3
}

func TestCPU(t *testing.T) {
	d, _ := benchDB(t, 64)
	next := make([]int, 64)
	for range 4 {
		c0 := cpu()
		start := time.Now()
		var n atomic.Int64
		var wg sync.WaitGroup
		for c := range 64 {
			wg.Go(func() {
				for time.Since(start) < time.Second {
					if err := change(d, c, next[c]); err != nil {
						t.Error(err)
					}
					next[c]++
					n.Add(1)
				}
			})
		}
		wg.Wait()
		fmt.Printf("64: %.1f us cpu per change, %d/s\n", (cpu()-c0)/float64(n.Load()), n.Load())
	}
}
