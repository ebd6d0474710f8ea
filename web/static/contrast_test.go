package static_test

import (
	"fmt"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// pairs are the inks and the grounds on which each is read, with the least
// contrast that WCAG 2.2 AA asks for: 4.5 for text, 3 for the edge of a control
// or a mark that carries meaning.
var pairs = []struct {
	inks, grounds string
	least         float64
}{
	{"text muted", "canvas surface raised sunken hover picked", 4.5},
	{"text", "accent-soft ok-soft warn-soft danger-soft info-soft neutral-soft", 4.5},
	{"accent", "canvas surface raised hover picked", 4.5},
	{"accent-strong", "accent-soft surface raised sunken picked", 4.5},
	{"on-accent", "accent accent-strong", 4.5},
	{"on-danger", "danger-strong", 4.5},
	{"ok", "ok-soft surface raised hover", 4.5},
	{"warn", "warn-soft surface raised hover", 4.5},
	{"danger", "danger-soft surface raised hover picked canvas", 4.5},
	{"info", "info-soft surface raised hover", 4.5},
	{"neutral", "neutral-soft surface raised hover picked", 4.5},
	{"queue", "queue-soft surface raised hover", 4.5},
	{"text", "queue-soft", 4.5},
	{"ok warn danger info neutral queue", "canvas", 3},
	{"face-1-ink", "face-1", 4.5}, {"face-2-ink", "face-2", 4.5}, {"face-3-ink", "face-3", 4.5},
	{"face-4-ink", "face-4", 4.5}, {"face-5-ink", "face-5", 4.5}, {"face-6-ink", "face-6", 4.5},
	{"edge", "surface", 3},
	{"accent", "sunken neutral-soft", 3},
}

var token = regexp.MustCompile(`--([a-z0-9-]+):\s*light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)`)

// TestContrast reads the colours from the tokens and checks every pair in both
// themes.
func TestContrast(t *testing.T) {
	css, err := os.ReadFile("css/tokens.css")
	if err != nil {
		t.Fatal(err)
	}
	themes := [2]map[string]string{{}, {}}
	for _, m := range token.FindAllStringSubmatch(string(css), -1) {
		themes[0][m[1]], themes[1][m[1]] = m[2], m[3]
	}
	for i, theme := range []string{"light", "dark"} {
		for _, p := range pairs {
			for _, ink := range strings.Fields(p.inks) {
				for _, ground := range strings.Fields(p.grounds) {
					got, err := contrast(themes[i][ink], themes[i][ground])
					if err != nil {
						t.Fatalf("%s on %s: %v", ink, ground, err)
					}
					if got < p.least {
						t.Errorf("%s: %s on %s has contrast %.2f, less than %.1f", theme, ink, ground, got, p.least)
					}
				}
			}
		}
	}
}

// contrast is the ratio of WCAG 2.x between two colours #rrggbb.
func contrast(a, b string) (float64, error) {
	la, err := luminance(a)
	if err != nil {
		return 0, err
	}
	lb, err := luminance(b)
	if err != nil {
		return 0, err
	}
	return (math.Max(la, lb) + .05) / (math.Min(la, lb) + .05), nil
}

func luminance(hex string) (float64, error) {
	if len(hex) != 7 {
		return 0, fmt.Errorf("no colour %q", hex)
	}
	sum := 0.0
	for i, weight := range []float64{.2126, .7152, .0722} {
		n, err := strconv.ParseUint(hex[1+2*i:3+2*i], 16, 8)
		if err != nil {
			return 0, err
		}
		c := float64(n) / 255
		if c <= .04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum, nil
}

// TestContrastOfKnownPairs checks the formula itself.
func TestContrastOfKnownPairs(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want float64
	}{{"#000000", "#ffffff", 21}, {"#777777", "#ffffff", 4.48}, {"#ffffff", "#ffffff", 1}} {
		got, err := contrast(c.a, c.b)
		if err != nil || math.Abs(got-c.want) > .01 {
			t.Errorf("contrast of %s and %s = %.2f, %v; want %.2f", c.a, c.b, got, err, c.want)
		}
	}
}
