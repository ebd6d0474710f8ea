package server

import (
	"bufio"
	"errors"
	"io"
	"time"

	"kfconsole/internal/db"
)

// amrFrames are the bytes of a frame of AMR narrowband by its type (RFC 4867, 5.3); 0 = reserved.
var amrFrames = [16]int{13, 14, 16, 18, 20, 21, 27, 32, 6, 0, 0, 0, 0, 0, 0, 1}

const (
	amrHead = "#!AMR\n"
	// amrFrameLasts is how much is said in a frame.
	amrFrameLasts = 20 * time.Millisecond
	// voiceMost bounds what is read of a file to tell how long it lasts.
	voiceMost = 2 << 20
)

// voiceLasts tells how long a voice message lasts; 0 for a file that is no AMR.
func (s *Server) voiceLasts(file db.Media) (time.Duration, error) {
	blob, err := s.DB.OpenBlob(file.SHA256)
	if err != nil {
		return 0, err
	}
	lasts := amrLasts(io.LimitReader(blob, voiceMost))
	return lasts, blob.Close()
}

// amrLasts counts the frames of a file.
func amrLasts(from io.Reader) (lasts time.Duration) {
	r := bufio.NewReader(from)
	head := make([]byte, len(amrHead))
	if _, err := io.ReadFull(r, head); err != nil || string(head) != amrHead {
		return 0
	}
	for {
		first, err := r.ReadByte()
		if errors.Is(err, io.EOF) {
			return lasts
		}
		size := amrFrames[first>>3&15]
		if err != nil || size == 0 {
			return 0
		}
		if n, err := r.Discard(size - 1); n < size-1 || err != nil {
			return lasts
		}
		lasts += amrFrameLasts
	}
}
