//go:build bench

package server

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"rsc.io/qr"
)

const benchLetters = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-"

func benchLink(r *rand.Rand) string {
	word := func(n int) string {
		var b strings.Builder
		for range n {
			b.WriteByte(benchLetters[r.IntN(len(benchLetters))])
		}
		return b.String()
	}
	link := "https://work.weixin.qq.com/kf/kfc" + word(17) + "?enc_scene=ENC" + word(8+r.IntN(56))
	if r.IntN(2) == 0 {
		link += "&scene_param=order%3D" + word(r.IntN(100))
	}
	return link
}

// TestBenchP11 prints the rows of P11: the vector picture against the bare encoding of the same text, interleaved, and how
// many of 500 random links another program reads back.
func TestBenchP11(t *testing.T) {
	r := rand.New(rand.NewPCG(11, 11))
	const pairs, rounds = 9, 300
	var ours, limit, ratio []float64
	for range pairs {
		link := benchLink(r)
		for len(link) < 140 {
			link += "0"
		}
		link = link[:140]
		bare := timed(rounds, func() {
			if _, err := qr.Encode(link, qr.M); err != nil {
				t.Fatal(err)
			}
		})
		svg := timed(rounds, func() {
			if _, err := qrSVG(link, "售前咨询"); err != nil {
				t.Fatal(err)
			}
		})
		ours, limit, ratio = append(ours, svg), append(limit, bare), append(ratio, svg/bare)
	}
	fmt.Printf("P11 QR code as SVG: %.0f us / %.0f us bare encode = %.2f (target <= 2)\n", middle(ours), middle(limit), middle(ratio))
	fmt.Println(readBack(t, r, 500))
}

func timed(n int, f func()) float64 {
	from := time.Now()
	for range n {
		f()
	}
	return float64(time.Since(from).Microseconds()) / float64(n)
}

func middle(v []float64) float64 {
	slices.Sort(v)
	return v[len(v)/2]
}

func readBack(t *testing.T, r *rand.Rand, n int) string {
	if _, err := exec.LookPath("zbarimg"); err != nil {
		return "P11 QR codes read back by zbarimg: zbarimg missing"
	}
	dir, read := t.TempDir(), 0
	for range n {
		link := benchLink(r)
		pic, err := qrPNG(link, qrSizeLeast+r.IntN(qrSizeMost-qrSizeLeast)/2)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, "code.png")
		if err := os.WriteFile(file, pic, 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command("zbarimg", "--quiet", "--raw", file).Output()
		if err == nil && strings.TrimSuffix(string(out), "\n") == link {
			read++
		}
	}
	return fmt.Sprintf("P11 QR codes read back by zbarimg: %d / %d = %.2f (target 1)", read, n, float64(read)/float64(n))
}
