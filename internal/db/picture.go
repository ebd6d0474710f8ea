package db

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// Picture is our own copy of an account's picture.
type Picture struct {
	ID   string // sha256 of Data, hex
	MIME string
	Data []byte
}

// PictureID is the id of a picture with this content.
func PictureID(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// InsertPicture stores a picture. One with the same content is there already, which is no error.
func (db *DB) InsertPicture(ctx context.Context, p Picture) error {
	if p.ID != PictureID(p.Data) {
		return fmt.Errorf("insert picture: id %q is not the hash of the data", p.ID)
	}
	_, err := db.exec(ctx, "INSERT INTO picture (id, mime, data) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING", p.ID, p.MIME, p.Data)
	return wrap("insert picture", err)
}

// Picture returns a picture. ErrNotFound if there is none.
func (db *DB) Picture(ctx context.Context, id string) (Picture, error) {
	p, err := one(ctx, db, func(s scanner) (p Picture, err error) { return p, s.Scan(&p.ID, &p.MIME, &p.Data) },
		"SELECT id, mime, data FROM picture WHERE id = $1", id)
	return p, wrap("read picture", err)
}
