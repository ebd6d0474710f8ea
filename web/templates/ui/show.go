package ui

import (
	"strconv"
	"strings"
)

// ProgressModel is work under way.
type ProgressModel struct {
	Label      string
	Value, Max int
	// Words stands beside the bar: "120 / 250".
	Words string
}

// MeterModel is a part of a limit. High turns the bar amber, Over red.
type MeterModel struct {
	Label      string
	Value, Max int
	Words      string
}

func (m MeterModel) tone() string {
	switch {
	case m.Value > m.Max:
		return "danger"
	case m.Value*10 >= m.Max*9:
		return "warn"
	}
	return "ok"
}

// Part is one section of a bar that shows how a whole divides.
type Part struct {
	Tone  Tone
	Label string
	Count int
}

// section is a Part with its place on a bar 1000 wide.
type section struct{ x, width, tone string }

func sections(parts []Part) []section {
	total := 0
	for _, p := range parts {
		total += p.Count
	}
	var out []section
	at := 0
	for _, p := range parts {
		if p.Count == 0 {
			continue
		}
		from, to := at*1000/total, (at+p.Count)*1000/total
		out = append(out, section{strconv.Itoa(from), strconv.Itoa(max(to-from-3, 3)), string(p.Tone)})
		at += p.Count
	}
	return out
}

func partsLabel(parts []Part) string {
	var words []string
	for _, p := range parts {
		words = append(words, p.Label+" "+strconv.Itoa(p.Count))
	}
	return strings.Join(words, ", ")
}

// Change is one value before and after.
type Change struct {
	Field, Before, After string
	Mono                 bool
}
