package ops

import (
	"bytes"
	"encoding/binary"
	"image"
)

// orientation is the EXIF value 1..8 that says how a camera was held. Browsers show a picture turned by it, so the operator's crop
// and the avatar must be turned by it too; re-encoding drops the metadata.
type orientation int

const upright orientation = 1

// swaps says whether width and height change places.
func (o orientation) swaps() bool { return o >= 5 && o <= 8 }

// shown returns the size as a browser shows it.
func (o orientation) shown(size image.Point) image.Point {
	if o.swaps() {
		return image.Pt(size.Y, size.X)
	}
	return size
}

// source returns the stored pixel that is shown at p, for a stored picture of that size.
func (o orientation) source(p, size image.Point) image.Point {
	right, bottom := size.X-1, size.Y-1
	switch o {
	case 2:
		return image.Pt(right-p.X, p.Y)
	case 3:
		return image.Pt(right-p.X, bottom-p.Y)
	case 4:
		return image.Pt(p.X, bottom-p.Y)
	case 5:
		return image.Pt(p.Y, p.X)
	case 6:
		return image.Pt(p.Y, bottom-p.X)
	case 7:
		return image.Pt(right-p.Y, bottom-p.X)
	case 8:
		return image.Pt(right-p.Y, p.X)
	}
	return p
}

// sourceRect returns the stored part that is shown at r.
func (o orientation) sourceRect(r image.Rectangle, size image.Point) image.Rectangle {
	a, b := o.source(r.Min, size), o.source(r.Max.Sub(image.Pt(1, 1)), size)
	return image.Rect(min(a.X, b.X), min(a.Y, b.Y), max(a.X, b.X)+1, max(a.Y, b.Y)+1)
}

// apply turns a square picture.
func (o orientation) apply(img *image.RGBA) *image.RGBA {
	if o == upright {
		return img
	}
	size := img.Bounds().Size()
	turned := image.NewRGBA(img.Bounds())
	for y := range size.Y {
		for x := range size.X {
			from := o.source(image.Pt(x, y), size)
			turned.SetRGBA(x, y, img.RGBAAt(from.X, from.Y))
		}
	}
	return turned
}

// exifOrientation finds the orientation in a JPEG; anything missing or odd means upright.
func exifOrientation(raw []byte) orientation {
	for at := 2; at+4 <= len(raw) && raw[at] == 0xff; {
		marker, length := raw[at+1], int(binary.BigEndian.Uint16(raw[at+2:]))
		if marker == 0xda || length < 2 || at+2+length > len(raw) {
			break
		}
		body := raw[at+4 : at+2+length]
		if marker == 0xe1 && bytes.HasPrefix(body, []byte("Exif\x00\x00")) {
			return tiffOrientation(body[6:])
		}
		at += 2 + length
	}
	return upright
}

// tiffOrientation reads tag 0x0112 of the first directory of a TIFF block.
func tiffOrientation(tiff []byte) orientation {
	if len(tiff) < 8 {
		return upright
	}
	var order binary.ByteOrder = binary.BigEndian
	if string(tiff[:2]) == "II" {
		order = binary.LittleEndian
	}
	first := order.Uint32(tiff[4:])
	if uint64(first)+2 > uint64(len(tiff)) {
		return upright
	}
	entries := tiff[first+2:]
	for i := range int(order.Uint16(tiff[first:])) {
		if (i+1)*12 > len(entries) {
			break
		}
		entry := entries[i*12:]
		if order.Uint16(entry) != 0x0112 {
			continue
		}
		if value := orientation(order.Uint16(entry[8:])); value >= 1 && value <= 8 {
			return value
		}
		break
	}
	return upright
}
