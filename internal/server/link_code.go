package server

import (
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"kfconsole/internal/db"
)

// maxSceneParam is the most bytes that the encoded form of a scene_param may have.
const maxSceneParam = 128

// Why an address takes no scene_param.
var (
	errNoScene   = errors.New("the link has no scene")
	errOldLink   = errors.New("the link has the old form")
	errLongParam = errors.New("the scene_param is too long")
)

// takesParam tells why a link takes no scene_param; nil when it does.
func takesParam(l db.Link) error {
	switch {
	case strings.Contains(l.URL, "encScene="):
		return errOldLink
	case l.Scene == "":
		return errNoScene
	}
	return nil
}

// encodeParam is the form in which an address carries a scene_param. A space becomes
// %20, because WeCom hands the form on as it is and most decoders keep a plus sign.
func encodeParam(param string) string {
	return strings.ReplaceAll(url.QueryEscape(param), "+", "%20")
}

// addressWith is the address of a link with a scene_param; without one it is the
// address that WeCom gave, untouched. The error is one of those above.
func addressWith(l db.Link, param string) (string, error) {
	if param == "" {
		return l.URL, nil
	}
	if err := takesParam(l); err != nil {
		return "", err
	}
	encoded := encodeParam(param)
	if len(encoded) > maxSceneParam {
		return "", errLongParam
	}
	mark := "&"
	if !strings.Contains(l.URL, "?") {
		mark = "?"
	}
	return l.URL + mark + "scene_param=" + encoded, nil
}

// sceneParam reads the scene_param of a page's address.
func sceneParam(r *request) (string, error) {
	param := r.query("param")
	if !utf8.ValidString(param) {
		return "", badRequest("param")
	}
	return param, nil
}

// linkAndAddress finds the link of a file and the address that its code holds.
func (s *Server) linkAndAddress(r *request) (db.Link, string, error) {
	param, err := sceneParam(r)
	if err != nil {
		return db.Link{}, "", err
	}
	l, err := s.DB.Link(r.ctx, r.param("id"))
	if err != nil {
		return db.Link{}, "", err
	}
	address, err := addressWith(l, param)
	if err != nil {
		return db.Link{}, "", badRequest("param")
	}
	return l, address, nil
}

func (s *Server) linkSVG(r *request) error {
	l, address, err := s.linkAndAddress(r)
	if err != nil {
		return err
	}
	pic, err := qrSVG(address, l.Name)
	if err != nil {
		return err
	}
	// A file that is opened by itself may do even less than a page.
	r.c.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'")
	return sendFile(r, "image/svg+xml", linkFile(l, ".svg"), pic)
}

func (s *Server) linkPNG(r *request) error {
	size := pngStandard
	if v := r.query("size"); v != "" {
		n, err := strconv.Atoi(v)
		if err != nil {
			return badRequest("size")
		}
		size = n
	}
	l, address, err := s.linkAndAddress(r)
	if err != nil {
		return err
	}
	pic, err := qrPNG(address, size)
	if errors.Is(err, errQRSize) {
		return badRequest("size")
	}
	if err != nil {
		return err
	}
	return sendFile(r, "image/png", linkFile(l, "-"+strconv.Itoa(size)+".png"), pic)
}

// fileName is what a file is called when it is saved: in ASCII for old browsers and
// in full for the others.
type fileName struct{ ascii, full string }

// linkFile names a file after a link.
func linkFile(l db.Link, ending string) fileName {
	plain := l.Scene
	if plain == "" {
		plain = l.ID[:min(8, len(l.ID))]
	}
	return fileName{ascii: "kf-" + safeName(plain) + ending, full: safeName(l.Name) + ending}
}

// safeName leaves out of a name what a file's name must not hold: separators, what
// file systems reserve, control and invisible characters, dots and spaces at the ends.
func safeName(name string) string {
	name = strings.Map(func(c rune) rune {
		switch {
		case strings.ContainsRune(`/\:*?"<>|%;`, c):
			return '-'
		case unicode.IsControl(c), !unicode.IsGraphic(c), c == utf8.RuneError:
			return -1
		}
		return c
	}, name)
	if name = strings.Trim(name, ". "); name == "" {
		return "link"
	}
	return name
}

// disposition makes a browser save an answer under a name.
func (n fileName) disposition() string {
	return `attachment; filename="` + n.ascii + `"; filename*=UTF-8''` + encodeParam(n.full)
}

// sendFile answers with a file to be saved.
func sendFile(r *request, kind string, name fileName, body []byte) error {
	r.c.Set("Content-Disposition", name.disposition())
	r.c.Status(http.StatusOK).Set("Content-Type", kind)
	return r.c.Send(body)
}
