package kfsim

import (
	"bytes"
	"fmt"
	"strings"
)

// Frames of an AMR voice message in its fullest mode.
const (
	amrMagic     = "#!AMR\n"
	amrFrame     = 32 // bytes
	amrPerSecond = 50
)

// silentVoice is a voice message of so many seconds.
func silentVoice(seconds int) []byte {
	frame := make([]byte, amrFrame)
	frame[0] = 0x3c // mode 7, good quality
	return append([]byte(amrMagic), bytes.Repeat(frame, seconds*amrPerSecond)...)
}

// voiceSeconds tells about how long a voice file of that many bytes plays.
func voiceSeconds(size int) int { return max(1, (size-len(amrMagic))/amrFrame/amrPerSecond) }

// onePagePDF is a page of one line. The line is ASCII: a page without an embedded font has no other letters.
func onePagePDF(text string) []byte {
	text = strings.NewReplacer(`\`, "", "(", "", ")", "").Replace(text)
	stream := "BT /F1 18 Tf 60 760 Td (" + text + ") Tj ET"
	var b bytes.Buffer
	b.WriteString("%PDF-1.4\n")
	var at []int
	for i, object := range []string{
		"<< /Type /Catalog /Pages 2 0 R >>",
		"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
		"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
		fmt.Sprintf("<< /Length %d >>\nstream\n%s\nendstream", len(stream), stream),
		"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
	} {
		at = append(at, b.Len())
		_, _ = fmt.Fprintf(&b, "%d 0 obj\n%s\nendobj\n", i+1, object)
	}
	table := b.Len()
	b.WriteString("xref\n0 6\n0000000000 65535 f \n")
	for _, offset := range at {
		_, _ = fmt.Fprintf(&b, "%010d 00000 n \n", offset)
	}
	_, _ = fmt.Fprintf(&b, "trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n", table)
	return b.Bytes()
}
