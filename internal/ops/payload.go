package ops

import (
	"encoding/json"
	"fmt"
)

// What the audit log keeps of a change: small JSON objects without secrets and without the bytes of pictures.

// accountPayload is the input, the before and the after of a change of an account; only what changes is in it.
type accountPayload struct {
	Name    *string     `json:"name,omitempty"`
	Picture *pictureRef `json:"picture,omitempty"`
	// Avatar is WeCom's address of the picture before a change of it: settling compares it.
	Avatar string `json:"avatar,omitempty"`
}

// pictureRef stands for a picture. The SHA-256 is empty when there was none of our own.
type pictureRef struct {
	SHA256 string `json:"sha256"`
	Bytes  int    `json:"bytes,omitempty"`
}

// deletionPayload is what went with a deleted account.
type deletionPayload struct {
	Name        string `json:"name"`
	Links       int    `json:"links"`
	Servicers   int    `json:"servicers"`
	Departments int    `json:"departments"`
}

// linkPayload is a link; a change of one has only the fields that can change.
type linkPayload struct {
	Account  string  `json:"account,omitempty"`
	Scene    *string `json:"scene,omitempty"`
	Name     string  `json:"name"`
	Campaign string  `json:"campaign"`
	Note     string  `json:"note"`
	URL      string  `json:"url,omitempty"`
}

// archivedPayload is the before and after of archiving and restoring.
type archivedPayload struct {
	Archived bool `json:"archived"`
}

// servicerPayload is the input of a servicer run, and its before: those of the input that were servicers already.
type servicerPayload struct {
	Users       []string `json:"users"`
	Departments []string `json:"departments"`
}

// runPayload is the after of a servicer run.
type runPayload struct {
	Done    int `json:"done"`
	Ignored int `json:"ignored"`
	Failed  int `json:"failed"`
}

// requestPayload is a request that was turned away.
type requestPayload struct {
	Method     string `json:"method"`
	Path       string `json:"path"`
	Permission string `json:"permission,omitempty"`
	Origin     string `json:"origin,omitempty"`
	// Suppressed counts the requests of the same kind that were not written down before this one, because there were too many.
	Suppressed int `json:"suppressed,omitempty"`
}

// operatorPayload is an operator that was created, or own settings. Never a password or its hash.
type operatorPayload struct {
	Name   string `json:"name,omitempty"`
	Role   string `json:"role,omitempty"`
	Locale string `json:"locale,omitempty"`
	Theme  string `json:"theme,omitempty"`
	Zone   string `json:"zone,omitempty"`
}

// sessionsPayload is the after of ending sessions.
type sessionsPayload struct {
	Ended int `json:"ended"`
}

// exportPayload is the input of an export, exportedPayload its after.
type exportPayload struct {
	Format string `json:"format"`
	Filter string `json:"filter"`
}

type exportedPayload struct {
	Rows int64 `json:"rows"`
}

// verdictPayload is the after of a verification.
type verdictPayload struct {
	Rows   int64  `json:"rows"`
	Head   string `json:"head"`
	Broken string `json:"broken,omitempty"`
}

// payload reads what was written with the intent.
func payload[T any](text string) (T, error) {
	var v T
	if text == "" {
		return v, nil
	}
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		return v, fmt.Errorf("audit json: %w", err)
	}
	return v, nil
}
