package server

import (
	"bytes"
	"fmt"
	"image/png"

	"github.com/makiuchi-d/gozxing"
	"github.com/makiuchi-d/gozxing/qrcode"
)

// qrCheckScale is the pixels per module of the picture that Readable reads back: small, to be quick.
const qrCheckScale = 3

// Readable reports whether the code that the console draws for text is read back as exactly text by another
// implementation. It takes a few milliseconds.
func Readable(text string) bool {
	code, err := newQR(text)
	if err != nil {
		return false
	}
	pic, err := qrEncode(code, (code.Size+2*qrQuiet)*qrCheckScale)
	if err != nil {
		return false
	}
	got, err := qrRead(pic)
	return err == nil && got == text
}

// qrRead decodes the QR code in a PNG picture.
func qrRead(pic []byte) (string, error) {
	img, err := png.Decode(bytes.NewReader(pic))
	if err != nil {
		return "", fmt.Errorf("qr: read picture: %w", err)
	}
	bits, err := gozxing.NewBinaryBitmapFromImage(img)
	if err != nil {
		return "", fmt.Errorf("qr: read picture: %w", err)
	}
	hints := map[gozxing.DecodeHintType]any{gozxing.DecodeHintType_PURE_BARCODE: true, gozxing.DecodeHintType_CHARACTER_SET: "UTF-8"}
	res, err := qrcode.NewQRCodeReader().Decode(bits, hints)
	if err != nil {
		return "", fmt.Errorf("qr: read code: %w", err)
	}
	return res.GetText(), nil
}
