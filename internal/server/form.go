package server

import (
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"strconv"

	"kfconsole/internal/db"
	"kfconsole/internal/ops"
)

// The most that a form may carry: a picture and some fields.
const (
	maxBody   = 6 << 20
	maxFields = 2000
	maxField  = 64 << 10
)

// readForm parses the body of a POST strictly: urlencoded or multipart, valid
// UTF-8, a bounded number of fields of bounded length. No browser compresses a form,
// and a few kilobytes could unfold to gigabytes.
func (r *request) readForm() error {
	if r.c.Get("Content-Encoding") != "" {
		return &statusError{status: http.StatusUnsupportedMediaType, what: "form"}
	}
	kind, _, err := mime.ParseMediaType(r.c.Get("Content-Type"))
	switch {
	case r.c.Request().Header.ContentLength() == 0:
		r.values = url.Values{}
	case err == nil && kind == "application/x-www-form-urlencoded":
		if r.values, err = url.ParseQuery(string(r.c.Request().Body())); err != nil {
			return badRequest("form")
		}
	case err == nil && kind == "multipart/form-data":
		form, err := r.c.MultipartForm()
		if err != nil {
			return badRequest("form")
		}
		r.values, r.files = form.Value, form.File
	default:
		return &statusError{status: http.StatusUnsupportedMediaType, what: "form"}
	}
	return checkFields(r.values)
}

func checkFields(values url.Values) error {
	n := 0
	for name, list := range values {
		if n += len(list); !isText(name) {
			return badRequest("form")
		}
		for _, v := range list {
			if len(v) > maxField || !isText(v) {
				return badRequest(name)
			}
		}
	}
	if n > maxFields {
		return badRequest("form")
	}
	return nil
}

// errNoFile says that a form came without the file of a field.
var errNoFile = errors.New("no file")

// file reads an uploaded file of at most limit bytes; errNoFile when the field
// was left empty, an Invalid with rule "bytes" when the file is larger.
func (r *request) file(name string, limit int64) ([]byte, error) {
	list := r.files[name]
	if len(list) == 0 || list[0].Size == 0 {
		return nil, errNoFile
	}
	if list[0].Size > limit {
		return nil, &ops.Invalid{Field: name, Rule: "bytes", Limit: int(limit)}
	}
	f, err := list[0].Open()
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return io.ReadAll(io.LimitReader(f, limit))
}

// intent is the id that the form was made with: the audit log refuses a second change
// with the same one. A form without a usable one gets its own.
func (r *request) intent() string {
	if id := r.form("intent"); intentID.MatchString(id) {
		return id
	}
	return db.NewID()
}

var intentID = regexp.MustCompile(`^[0-9a-f]{32}$`)

// picture reads the uploaded picture of a form and the square that was cropped; no
// bytes when none was chosen.
func (r *request) picture() ([]byte, *ops.Crop, error) {
	raw, err := r.file("picture", maxPicture)
	if errors.Is(err, errNoFile) {
		return nil, nil, nil
	}
	if err != nil || r.form("size") == "" {
		return raw, nil, err
	}
	var at [3]int
	for i, name := range []string{"x", "y", "size"} {
		if at[i], err = strconv.Atoi(r.form(name)); err != nil {
			return nil, nil, &ops.Invalid{Field: "picture", Rule: "crop"}
		}
	}
	return raw, &ops.Crop{X: at[0], Y: at[1], Size: at[2]}, nil
}
