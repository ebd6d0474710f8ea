package db

import (
	"encoding/hex"

	"github.com/google/uuid"
)

// NewID returns a fresh UUIDv7 as 32 lower-case hex digits. Ids made later sort later. It panics only if the operating
// system has no randomness, as crypto/rand does.
func NewID() string {
	id := uuid.Must(uuid.NewV7())
	return hex.EncodeToString(id[:])
}
