package kfsim

import (
	"cmp"
	"sync"
)

// samplePicture is drawn once: a picture takes longer than everything else a message needs.
var samplePicture = sync.OnceValue(func() []byte { return demoPicture("sofa") })

// sampleMedia is a small file of a type, for whoever sends one and has none at hand; an empty name gets a fitting one.
func sampleMedia(kind, name string) mediaFile {
	switch kind {
	case "image":
		return mediaFile{filename: cmp.Or(name, "sample.png"), contentType: "image/png", data: samplePicture()}
	case "voice":
		return mediaFile{filename: cmp.Or(name, "sample.amr"), contentType: "audio/amr", data: silentVoice(3)}
	case "video":
		return mediaFile{filename: cmp.Or(name, "sample.mp4"), contentType: "video/mp4", data: bareVideo()}
	}
	return mediaFile{filename: cmp.Or(name, "sample.pdf"), contentType: "application/pdf", data: onePagePDF("A sample file")}
}

// bareVideo is an MP4 file with nothing to see in it.
func bareVideo() []byte {
	return []byte("\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom\x00\x00\x00\x08mdat")
}
