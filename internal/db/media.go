package db

import (
	"context"
	"fmt"
	"maps"
	"time"
)

// Media is a picture, voice message, video or file of a message, and our copy of it.
type Media struct {
	ID, AccountID, ConversationID, MessageID string // ID is WeCom's media_id
	Kind                                     string // image, voice, video, file
	State                                    string // a Media constant
	MIME, Name                               string // as found when it was kept
	SHA256                                   string // names the file, "" = none
	Bytes                                    int64
	WantedAt, KeptAt, TriedAt                time.Time
	Tries                                    int
}

// States of media.
const (
	MediaWanted = "wanted" // to be fetched
	MediaKept   = "kept"
	MediaGone   = "gone"  // WeCom does not have it any more
	MediaLarge  = "large" // larger than the limit
	MediaType   = "type"  // not what it says it is
	MediaFailed = "failed"
	MediaQuota  = "quota" // no room for it now; to be tried again
)

const (
	mediaCols = `id, account_id, conversation_id, message_id, kind, state, mime, name, sha256, bytes, wanted_at, kept_at, tried_at, tries`

	selectMedia = "SELECT " + mediaCols + " FROM media"
)

func scanMedia(s scanner) (m Media, err error) {
	var wanted, kept, tried int64
	err = s.Scan(&m.ID, &m.AccountID, &m.ConversationID, &m.MessageID, &m.Kind, &m.State, &m.MIME, &m.Name, &m.SHA256, &m.Bytes,
		&wanted, &kept, &tried, &m.Tries)
	m.WantedAt, m.KeptAt, m.TriedAt = fromMS(wanted), fromMS(kept), fromMS(tried)
	return m, err
}

// checkMedia holds that what is kept has its file.
func (db *DB) checkMedia(m Media) error {
	switch m.State {
	case MediaWanted, MediaGone, MediaLarge, MediaType, MediaFailed, MediaQuota:
		return nil
	case MediaKept:
		// Files are dropped by the writer, which runs this: what is there now stays.
		return db.e.blobs.check(m.SHA256)
	}
	return fmt.Errorf("unknown state %q", m.State)
}

// InsertMedia adds media; one that is there already is left as it is. ErrNotFound for one that is kept without its file.
func (db *DB) InsertMedia(ctx context.Context, m Media) error {
	return wrap("insert media", db.atomic(ctx, func(tx *DB) error {
		if err := tx.checkMedia(m); err != nil {
			return err
		}
		_, err := tx.exec(ctx, "INSERT INTO media ("+mediaCols+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
			ON CONFLICT (id) DO NOTHING`, clean(m.ID), clean(m.AccountID), m.ConversationID, clean(m.MessageID), m.Kind, m.State, clean(m.MIME),
			clean(m.Name), m.SHA256, m.Bytes, ms(m.WantedAt), ms(m.KeptAt), ms(m.TriedAt), m.Tries)
		return err
	}))
}

// UpdateMedia stores state, MIME, name, hash, bytes, KeptAt, TriedAt and Tries. ErrNotFound without the media, because it
// was erased meanwhile, or for one that is kept without its file.
func (db *DB) UpdateMedia(ctx context.Context, m Media) error {
	return wrap("update media", db.atomic(ctx, func(tx *DB) error {
		if err := tx.checkMedia(m); err != nil {
			return err
		}
		return tx.execOne(ctx, `UPDATE media SET state = $1, mime = $2, name = $3, sha256 = $4, bytes = $5, kept_at = $6, tried_at = $7, tries = $8
			WHERE id = $9`, m.State, clean(m.MIME), clean(m.Name), m.SHA256, m.Bytes, ms(m.KeptAt), ms(m.TriedAt), m.Tries, m.ID)
	}))
}

// Media returns media by WeCom's id. ErrNotFound if there is none.
func (db *DB) Media(ctx context.Context, id string) (Media, error) {
	m, err := one(ctx, db, scanMedia, selectMedia+" WHERE id = $1", id)
	return m, wrap("read media", err)
}

// MediaOf returns all media of a conversation, by id.
func (db *DB) MediaOf(ctx context.Context, conversationID string) ([]Media, error) {
	l, err := all(ctx, db, scanMedia, selectMedia+" WHERE conversation_id = $1 ORDER BY id", conversationID)
	return l, wrap("list media", err)
}

// OpenMedia returns the media in state MediaWanted or MediaQuota, as asked for, that were never tried or not since a pause:
// first after the first try, doubled by each further one, at most most. The longest wanted come first, at most limit
// (0 = 50).
func (db *DB) OpenMedia(ctx context.Context, state string, now time.Time, first, most time.Duration, limit int) ([]Media, error) {
	l, err := all(ctx, db, scanMedia, openMedia, state, ms(now), first.Milliseconds(), most.Milliseconds(), clampLimit(limit))
	return l, wrap("list open media", err)
}

// openMedia also takes what was tried after now, by a clock that was set back since.
const openMedia = selectMedia + ` WHERE state = $1 AND state IN ('wanted', 'quota') AND (tries = 0 OR tried_at > $2 OR tried_at <= $2 -
	CASE WHEN tries > 16 OR ($3 << (tries - 1)) > $4 THEN $4 ELSE ($3 << (tries - 1)) END) ORDER BY wanted_at, id LIMIT $5`

// MediaCounts counts the media by state.
func (db *DB) MediaCounts(ctx context.Context) (map[string]int, error) {
	counts, err := db.e.mediaCounts.get(db, func() (map[string]int, error) {
		counts := map[string]int{}
		err := db.each(ctx, func(s scanner) error {
			var state string
			var n int
			err := s.Scan(&state, &n)
			counts[state] = n
			return err
		}, "SELECT state, count(*) FROM media GROUP BY state")
		return counts, err
	})
	return maps.Clone(counts), wrap("count media", err)
}
