package callback

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"
)

// encrypted returns the ciphertext of an envelope, or "" if there is none.
func encrypted(body []byte) string {
	if len(body) > MaxBody {
		return ""
	}
	if body = bytes.TrimSpace(body); len(body) > 0 && body[0] == '{' {
		var envelope struct {
			Encrypt string `json:"encrypt"`
		}
		if err := json.Unmarshal(body, &envelope); err != nil {
			return ""
		}
		return envelope.Encrypt
	}
	var ciphertext string
	err := elements(body, func(name, text string) {
		if name == "Encrypt" {
			ciphertext = text
		}
	})
	if err != nil {
		return ""
	}
	return ciphertext
}

// latest is the end of the years that have four digits.
const latest = 253402300800

// readEvent reads a decrypted message.
func readEvent(msg []byte) (Event, error) {
	e := Event{Raw: msg}
	var event, msgType string
	err := elements(msg, func(name, text string) {
		switch name {
		case "MsgType":
			msgType = text
		case "Event":
			event = text
		case "CreateTime":
			if s, err := strconv.ParseInt(text, 10, 64); err == nil && s > 0 && s < latest {
				e.CreatedAt = time.Unix(s, 0).UTC()
			}
		case "Token":
			e.Token = text
		case "OpenKfId":
			e.Account = text
		case "AuthAddOpenKfId":
			e.Added = appendID(e.Added, text)
		case "AuthDelOpenKfId":
			e.Removed = appendID(e.Removed, text)
		}
	})
	if err != nil {
		return Event{}, ErrMalformed
	}
	e.Kind = msgType
	if event != "" {
		e.Kind = event
	}
	if e.Kind == "" {
		return Event{}, ErrMalformed
	}
	return e, nil
}

func appendID(ids []string, id string) []string {
	if id == "" {
		return ids
	}
	return append(ids, id)
}

var errDocument = errors.New("callback: not a plain document")

// elements calls each for the elements within the root of a document, which must
// be named xml, with the text of each. What lies deeper is left out.
//
// A document type is refused: nothing of WeCom's has one, and entities come with
// it. So is anything that follows the document.
func elements(doc []byte, each func(name, text string)) error {
	d := xml.NewDecoder(bytes.NewReader(doc))
	var (
		depth int
		done  bool
		name  string
		text  strings.Builder
	)
	for {
		token, err := d.Token()
		if err == io.EOF && done {
			return nil
		}
		if err != nil {
			return err
		}
		switch token := token.(type) {
		case xml.StartElement:
			depth++
			if done || depth == 1 && token.Name.Local != "xml" {
				return errDocument
			}
			if depth == 2 {
				name = token.Name.Local
				text.Reset()
			}
		case xml.EndElement:
			if depth == 2 {
				each(name, strings.TrimSpace(text.String()))
			}
			depth--
			done = depth == 0
		case xml.CharData:
			if depth == 2 {
				text.Write(token)
			}
			if depth == 0 && len(bytes.TrimSpace(token)) > 0 {
				return errDocument
			}
		case xml.Directive:
			return errDocument
		}
	}
}
