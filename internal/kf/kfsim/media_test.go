package kfsim_test

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"
	"testing"
	"time"
)

func picture(shade uint8) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, 8, 8))
	for i := range 64 {
		img.Set(i%8, i/8, color.RGBA{shade, 100, 200, 255})
	}
	return img
}

func pngOf(t testing.TB, shade uint8) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, picture(shade)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func (b *bench) upload(kind, filename, contentType string, data []byte) answer {
	b.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	part, err := w.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {`form-data; name="media"; filename="` + filename + `"`}, "Content-Type": {contentType},
	})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := part.Write(data); err != nil {
		b.Fatal(err)
	}
	if err := w.Close(); err != nil {
		b.Fatal(err)
	}
	return b.send("POST", "media/upload", url.Values{"access_token": {b.token}, "type": {kind}}, w.FormDataContentType(), body.Bytes())
}

// uploadPNG returns the media_id of a fresh picture.
func (b *bench) uploadPNG(shade uint8) string {
	b.Helper()
	return b.upload("image", "a.png", "image/png", pngOf(b, shade)).want(b, 0).fields["media_id"].(string)
}

func TestUpload(t *testing.T) {
	b := demo(t)
	var asJPEG bytes.Buffer
	if err := jpeg.Encode(&asJPEG, picture(1), nil); err != nil {
		t.Fatal(err)
	}
	whole := pngOf(t, 1)
	fill := func(prefix string, n int) []byte { return append([]byte(prefix), make([]byte, n-len(prefix))...) }
	for _, tt := range []struct {
		name, kind string
		data       []byte
		code       int
		violations []string
	}{
		{"png", "image", whole, 0, nil},
		{"jpeg", "image", asJPEG.Bytes(), 0, nil},
		{"voice", "voice", []byte("#!AMR\n123456"), 0, nil},
		{"video", "video", []byte("\x00\x00\x00\x18ftypmp42...."), 0, nil},
		{"file", "file", []byte("anything"), 0, nil},
		{"no type", "", whole, 40005, []string{"range:type"}},
		{"wrong type", "avatar", whole, 40005, []string{"range:type"}},
		{"text as image", "image", []byte("GIF89a is not allowed here"), 40004, []string{"type:media"}},
		{"broken png", "image", whole[:len(whole)-20], 40123, nil},
		{"image as voice", "voice", whole, 40004, []string{"type:media"}},
		{"image as video", "video", whole, 40004, []string{"type:media"}},
		{"empty", "image", nil, 44001, nil},
		{"5 bytes", "image", []byte("12345"), 40009, []string{"range:media"}},
		{"5 bytes of file", "file", []byte("12345"), 40006, []string{"range:media"}},
		{"5 bytes of video", "video", []byte("12345"), 40011, []string{"range:media"}},
		{"image over 10 MB", "image", fill("\x89PNG\x0D\x0A\x1A\x0A", 10<<20+1), 45001, []string{"too_long:media"}},
		{"voice over 2 MB", "voice", fill("#!AMR\n", 2<<20+1), 45001, []string{"too_long:media"}},
		{"voice of 2 MB", "voice", fill("#!AMR\n", 2<<20), 0, nil},
		{"file of 20 MB", "file", make([]byte, 20<<20), 0, nil},
		{"file over 20 MB", "file", make([]byte, 20<<20+1), 45001, []string{"too_long:media"}},
		{"file of 30 MB", "file", make([]byte, 30<<20), 45001, []string{"too_long:media"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := b.upload(tt.kind, "a.bin", "application/octet-stream", tt.data).want(t, tt.code)
			same(t, "violations", b.violations(), tt.violations)
			if tt.code != 0 {
				return
			}
			id, _ := a.fields["media_id"].(string)
			if a.fields["type"] != tt.kind || a.fields["created_at"] != fmt.Sprint(b.clock.Now().Unix()) || len(id) < 44 || len(id) > 90 {
				t.Errorf("answer %s", a.raw)
			}
			got := b.get("media/get", "media_id", id)
			if got.status != 200 || !bytes.Equal(got.raw, tt.data) {
				t.Errorf("media/get: status %d, %d bytes, want %d", got.status, len(got.raw), len(tt.data))
			}
		})
	}
}

func TestUploadForms(t *testing.T) {
	b := demo(t)
	data := string(pngOf(t, 1))
	part := func(disposition, more string) string {
		return "--b0undary\r\nContent-Disposition: " + disposition + "\r\n" + more + "\r\n" + data + "\r\n--b0undary--\r\n"
	}
	good := `form-data; name="media"; filename="a.png"`
	for _, tt := range []struct {
		name, contentType, body string
		code                    int
		violations              []string
		filename                string
	}{
		{"usual", "multipart/form-data; boundary=b0undary", part(good, "Content-Type: image/png\r\n"), 0, nil, "a.png"},
		{"no part type", "multipart/form-data; boundary=b0undary", part(good, ""), 0, nil, "a.png"},
		{"quoted boundary", `multipart/form-data; boundary="b0undary"`, part(good, ""), 0, nil, "a.png"},
		{"loose boundary", "multipart/form-data; charset=utf-8; =; boundary=b0undary", part(good, ""), 0, nil, "a.png"},
		{"unquoted", "multipart/form-data; boundary=b0undary", part("form-data; name=media; filename=a.png", ""), 0, nil, "a.png"},
		{"raw UTF-8", "multipart/form-data; boundary=b0undary", part(`form-data; name="media"; filename="头像.png"`, ""), 0, nil, "头像.png"},
		{"filelength", "multipart/form-data; boundary=b0undary", part(good+"; filelength=9", ""), 0, nil, "a.png"},
		{"loose disposition", "multipart/form-data; boundary=b0undary", part(`form-data; name="media"; filename="a b.png"; filelength=`, ""), 0, nil, "a b.png"},
		{"quote in the name", "multipart/form-data; boundary=b0undary", part(`form-data; name="media"; filename="a\".png"`, ""), 0, nil, `a\".png`},
		{"no filename", "multipart/form-data; boundary=b0undary", part(`form-data; name="media"`, ""), 0, []string{"missing:filename"}, "media"},
		{"other name", "multipart/form-data; boundary=b0undary", part(`form-data; name="file"; filename="a.png"`, ""), 44001, []string{"missing:media"}, ""},
		{"no boundary", "multipart/form-data", part(good, ""), 44001, []string{"header:Content-Type", "missing:media"}, ""},
		{"not multipart", "image/png", data, 44001, []string{"header:Content-Type", "missing:media"}, ""},
		{"cut off", "multipart/form-data; boundary=b0undary", "--b0undary\r\nContent-Disposition: " + good + "\r\n\r\n" + data, 44001, []string{"header:Content-Type", "missing:media"}, ""},
		{"nothing", "", "", 44001, []string{"header:Content-Type", "missing:media"}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := b.send("POST", "media/upload", url.Values{"access_token": {b.token}, "type": {"image"}}, tt.contentType, []byte(tt.body)).want(t, tt.code)
			same(t, "violations", b.violations(), tt.violations)
			if tt.code != 0 {
				return
			}
			got := b.get("media/get", "media_id", a.fields["media_id"].(string))
			if want := `attachment; filename="` + tt.filename + `"`; got.header.Get("Content-Disposition") != want || got.header.Get("Content-Type") != "image/png" {
				t.Errorf("%s, %s, want %s", got.header.Get("Content-Disposition"), got.header.Get("Content-Type"), want)
			}
		})
	}
}

func TestGetMediaRange(t *testing.T) {
	b := demo(t)
	data := []byte("0123456789abcdef")
	id := b.upload("file", "说明.txt", "text/plain", data).want(t, 0).fields["media_id"].(string)
	for _, tt := range []struct {
		field, body, contentRange string
		status                    int
	}{
		{"", string(data), "", 200},
		{"bytes=0-3", "0123", "bytes 0-3/16", 206},
		{"bytes=10-", "abcdef", "bytes 10-15/16", 206},
		{"bytes=-2", "ef", "bytes 14-15/16", 206},
		{"bytes=99-", "", "bytes */16", 416},
	} {
		request, err := http.NewRequest("GET", b.url+"/cgi-bin/media/get?access_token="+b.token+"&media_id="+id, nil)
		if err != nil {
			t.Fatal(err)
		}
		if tt.field != "" {
			request.Header.Set("Range", tt.field)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		if response.StatusCode != tt.status || response.Header.Get("Content-Range") != tt.contentRange {
			t.Errorf("%s: status %d, Content-Range %s", tt.field, response.StatusCode, response.Header.Get("Content-Range"))
		}
		if tt.status != 416 && (string(body) != tt.body || response.Header.Get("Accept-Ranges") != "bytes") {
			t.Errorf("%s: %q", tt.field, body)
		}
	}
}

func TestMediaLife(t *testing.T) {
	b := demo(t)
	id := b.uploadPNG(1)
	b.clock.Advance(72*time.Hour - time.Second)
	b.signIn()
	if got := b.get("media/get", "media_id", id); got.status != 200 || got.header.Get("Content-Type") != "image/png" {
		t.Errorf("a second before its end: %s", got.raw)
	}
	b.post("kf/account/add", object("name", "赶上了", "media_id", id)).want(t, 0)
	b.clock.Advance(time.Second)
	b.get("media/get", "media_id", id).want(t, 40007)
	b.post("kf/account/add", object("name", "太晚了", "media_id", id)).want(t, 40007)
	b.get("media/get").want(t, 41006)
	b.get("media/get", "media_id", "nothing").want(t, 40007)
	b.uploadPNG(2)
	if n := len(b.world().Media); n != 1 {
		t.Errorf("%d media kept, want only the new one", n)
	}
	avatar := b.accounts()[12]["avatar"].(string)
	if got := fetch(t, avatar); !bytes.Equal(got, pngOf(t, 1)) {
		t.Error("the avatar went away with its media")
	}
}

func fetch(t testing.TB, address string) []byte {
	t.Helper()
	response, err := http.Get(address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != 200 {
		t.Fatalf("%s: %d %v", address, response.StatusCode, err)
	}
	return body
}

func TestAvatars(t *testing.T) {
	b := demo(t)
	seen := map[string]bool{}
	for _, row := range b.accounts() {
		address := row["avatar"].(string)
		if !strings.HasPrefix(address, b.url+"/_sim/avatar/wk") {
			t.Fatalf("avatar %s", address)
		}
		body := fetch(t, address)
		img, err := png.Decode(bytes.NewReader(body))
		if err != nil || img.Bounds().Dx() != img.Bounds().Dy() {
			t.Errorf("%s: %v", address, err)
		}
		seen[string(body)] = true
	}
	if len(seen) != 12 {
		t.Errorf("%d different pictures, want 12", len(seen))
	}
	response, err := http.Get(b.url + "/_sim/avatar/wk0")
	if err != nil {
		t.Fatal(err)
	}
	_ = response.Body.Close()
	if response.StatusCode != 404 {
		t.Errorf("unknown avatar: status %d", response.StatusCode)
	}
}
