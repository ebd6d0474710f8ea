package kf_test

import (
	"bytes"
	"context"
	"testing"

	"kfconsole/internal/kf"
)

// amr is a voice of so many frames of 20 ms.
func amr(frames int) []byte {
	frame := append([]byte{0x3c}, make([]byte, 31)...)
	return append([]byte("#!AMR\n"), bytes.Repeat(frame, frames)...)
}

// mp4 is the beginning of a video, of n bytes.
func mp4(n int) []byte { return append([]byte("\x00\x00\x00\x18ftypmp42"), make([]byte, n-12)...) }

func fileLimits() []limitCase {
	upload := func(kind, name string, data []byte) func(context.Context, *kf.Client) error {
		return func(ctx context.Context, c *kf.Client) error {
			_, err := c.Upload(ctx, kind, name, data)
			return err
		}
	}
	jpg := func(n int) []byte { return append([]byte("\xff\xd8\xff\xe0"), make([]byte, n-4)...) }
	return []limitCase{
		{"picture of 10 MB", upload("image", "a.jpg", jpg(10<<20)), "", "", 0},
		{"picture beyond 10 MB", upload("image", "a.jpg", jpg(10<<20+1)), "media", kf.RuleMaxBytes, 10 << 20},
		{"picture that is a video", upload("image", "a.jpg", mp4(99)), "media", kf.RuleFileFormat, 0},
		{"voice of 60 s", upload("voice", "a.amr", amr(3000)), "", "", 0},
		{"voice of 60.02 s", upload("voice", "a.amr", amr(3001)), "media", kf.RuleMaxSeconds, 60},
		{"voice beyond 2 MB", upload("voice", "a.amr", append(amr(1), make([]byte, 2<<20)...)), "media", kf.RuleMaxBytes, 2 << 20},
		{"voice that is a picture", upload("voice", "a.amr", jpg(99)), "media", kf.RuleFileFormat, 0},
		{"voice that is MP3", upload("voice", "a.mp3", []byte("ID3\x03\x00\x00\x00\x00")), "media", kf.RuleFileFormat, 0},
		{"video of 10 MB", upload("video", "a.mp4", mp4(10<<20)), "", "", 0},
		{"video beyond 10 MB", upload("video", "a.mp4", mp4(10<<20+1)), "media", kf.RuleMaxBytes, 10 << 20},
		{"video that is none", upload("video", "a.mp4", []byte("hello there")), "media", kf.RuleFileFormat, 0},
		{"file of 20 MB", upload("file", "a.bin", make([]byte, 20<<20)), "", "", 0},
		{"file beyond 20 MB", upload("file", "a.bin", make([]byte, 20<<20+1)), "media", kf.RuleMaxBytes, 20 << 20},
		{"file of 5 bytes", upload("file", "a.bin", make([]byte, 5)), "media", kf.RuleMinBytes, 6},
		{"file without a name", upload("file", "", make([]byte, 9)), "filename", kf.RuleRequired, 0},
		{"text as a file", upload("text", "a.txt", make([]byte, 9)), "type", kf.RuleKind, 0},
	}
}

// Each kind goes with its type in the query and its content type in the form.
func TestUploadKinds(t *testing.T) {
	for _, test := range []struct {
		kind, name, contentType string
		data                    []byte
	}{
		{"image", "a.png", "image/png", picture()},
		{"voice", "a.amr", "audio/amr", amr(2)},
		{"video", "片.mp4", "video/mp4", mp4(99)},
		{"file", "合同.pdf", "application/octet-stream", []byte("%PDF-1.4 and more")},
	} {
		w := newWire(t, text(`{"errcode":0,"type":"x","media_id":"m1","created_at":1760000000}`))
		id, err := w.client(t, kf.Options{}).Upload(t.Context(), test.kind, test.name, test.data)
		if err != nil || id != "m1" {
			t.Fatalf("%s: %q, %v", test.kind, id, err)
		}
		got := w.received("media/upload")[0]
		if got.Query["type"] != test.kind || !bytes.Contains(got.Body, test.data) ||
			!bytes.Contains(got.Body, []byte(`name="media"; filename="`+test.name+`"`)) || !bytes.Contains(got.Body, []byte("Content-Type: "+test.contentType)) {
			t.Errorf("%s: %v %.300q", test.kind, got.Query, got.Body)
		}
	}
}

// A voice is measured by its frames; what is no frame ends it.
func TestVoiceLength(t *testing.T) {
	short := append([]byte("#!AMR\n"), bytes.Repeat([]byte{0x7c}, 3000)...) // frames without data are one byte
	if err := kf.CheckUpload(kf.KindVoice, "a.amr", short); err != nil {
		t.Error(err)
	}
	if err := kf.CheckUpload(kf.KindVoice, "a.amr", append(short, 0x7c)); err == nil {
		t.Error("a voice of more than 60 s was taken")
	}
	if err := kf.CheckUpload(kf.KindVoice, "a.amr", append(append(short, 0x54), bytes.Repeat([]byte{0x7c}, 99)...)); err != nil {
		t.Errorf("after a frame of no type: %v", err)
	}
}
