package server

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// TestVoiceLasts counts the frames of voices, whole, cut and none.
func TestVoiceLasts(t *testing.T) {
	frame := func(kind byte) []byte {
		return append([]byte{kind << 3}, make([]byte, amrFrames[kind]-1)...)
	}
	second := bytes.Repeat(frame(7), 50)
	for name, each := range map[string]struct {
		file string
		want time.Duration
	}{
		"three seconds": {amrHead + strings.Repeat(string(second), 3), 3 * time.Second},
		"mixed":         {amrHead + string(frame(7)) + string(frame(8)) + string(frame(15)) + string(frame(0)), 80 * time.Millisecond},
		"cut":           {amrHead + string(frame(7)) + string(frame(7)[:9]), 20 * time.Millisecond},
		"empty":         {amrHead, 0},
		"no voice":      {"#!AMR-WB\n" + string(second), 0},
		"reserved":      {amrHead + string(frame(7)) + "\x48", 0},
		"nothing":       {"", 0},
	} {
		if got := amrLasts(strings.NewReader(each.file)); got != each.want {
			t.Errorf("%s lasts %v, want %v", name, got, each.want)
		}
	}
}
