package live

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/kf"
)

const (
	mediaAtOnce = 2
	mediaRetry  = time.Minute      // before the second try, doubled by each further one
	mediaSlow   = time.Hour        // the longest pause between tries
	mediaRoom   = 10 * time.Minute // between looks for room
	mediaFresh  = time.Hour        // a file without media that is younger may be about to get them
	sniffBytes  = 512
)

// keepMedia fetches media as they come, until ctx ends, and begins with what earlier processes have left lying about.
func (s *Syncer) keepMedia(ctx context.Context) {
	s.report(s.db.SweepBlobs(ctx, s.now().Add(-mediaFresh)))
	poll := time.NewTicker(s.polls.media)
	defer poll.Stop()
	for {
		s.report(s.fetchMedia(ctx))
		select {
		case <-ctx.Done():
			return
		case <-s.media:
		case <-poll.C:
		}
	}
}

// fetchMedia fetches what is wanted and what there was no room for, the longest wanted first: it expires first.
func (s *Syncer) fetchMedia(ctx context.Context) error {
	for ctx.Err() == nil {
		now := s.now()
		due, err := s.db.OpenMedia(ctx, db.MediaWanted, now, mediaRetry, mediaSlow, 0)
		if err != nil {
			return err
		}
		waiting, err := s.db.OpenMedia(ctx, db.MediaQuota, now, mediaRoom, mediaRoom, 0)
		if err != nil {
			return err
		}
		due = append(due, waiting...)
		if len(due) == 0 {
			return nil
		}
		if err := s.fetchEach(ctx, due); err != nil {
			return err
		}
	}
	return ctx.Err()
}

func (s *Syncer) fetchEach(ctx context.Context, list []db.Media) error {
	next := make(chan db.Media)
	errs := make(chan error, mediaAtOnce)
	for range mediaAtOnce {
		go func() {
			var err error
			for m := range next {
				if err == nil {
					panicked := s.guard("media", m.AccountID, func() { err = s.keep(ctx, m) })
					if panicked {
						m.State, m.Tries, m.TriedAt = db.MediaFailed, m.Tries+1, s.now()
						err = s.keepState(ctx, m)
					}
				}
			}
			errs <- err
		}()
	}
	for _, m := range list {
		next <- m
	}
	close(next)
	var all []error
	for range mediaAtOnce {
		all = append(all, <-errs)
	}
	return errors.Join(all...)
}

// keep fetches one file, or notes why it is not kept. A fault of ours or of the way is tried again until WeCom has
// forgotten the file.
func (s *Syncer) keep(ctx context.Context, m db.Media) error {
	now := s.now()
	m.TriedAt = now
	m.Tries++
	used, err := s.db.BlobBytes(ctx)
	if err != nil {
		return err
	}
	expired := now.Sub(m.WantedAt) >= kf.MediaLife
	room := s.quota - used
	if room <= 0 && !expired {
		m.State = db.MediaQuota
		return s.keepState(ctx, m)
	}
	err = s.download(ctx, &m, min(s.limit, max(room, 1)))
	if ctx.Err() != nil {
		return ctx.Err()
	}
	refused := new(kf.Error)
	answer := new(kf.HTTPError)
	switch {
	case err == nil:
	case errors.Is(err, errMediaType):
		m.State = db.MediaType
	case errors.As(err, &refused) && refused.Code == codeMediaGone:
		m.State = db.MediaGone
	case errors.As(err, &refused) && refused.Code == codeMediaLarge, errors.Is(err, db.ErrTooLarge), errors.As(err, &answer) && answer.TooLarge:
		m.State = db.MediaLarge
		if room < s.limit {
			m.State = db.MediaQuota
		}
	default:
		m.State = db.MediaWanted
		s.log.Warn("sync: fetch media", "kind", m.Kind, "account", m.AccountID, "tries", m.Tries, "error", err)
	}
	if expired && (m.State == db.MediaWanted || m.State == db.MediaQuota) {
		m.State = db.MediaFailed
	}
	return s.keepState(ctx, m)
}

// Errcodes of media/get.
const (
	codeMediaGone  = 40007
	codeMediaLarge = 830002
)

// keepState stores what became of a file and tells who looks at its conversation. What another process has kept stays. Of one that was erased meanwhile nothing
// stays.
func (s *Syncer) keepState(ctx context.Context, m db.Media) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteTimeout)
	defer cancel()
	err := s.db.Tx(ctx, func(tx *db.DB) error {
		there, err := tx.Media(ctx, m.ID)
		if err != nil || there.State == db.MediaKept {
			return err
		}
		if err := tx.UpdateMedia(ctx, m); err != nil || m.ConversationID == "" {
			return err
		}
		return tx.AddChange(ctx, ConversationTopic(m.ConversationID), m.ConversationID)
	})
	if errors.Is(err, db.ErrNotFound) && m.SHA256 != "" {
		return s.db.DropBlob(ctx, m.SHA256)
	}
	return ignoreMissing(err)
}

// errMediaType means that a file is not what its message says it is.
var errMediaType = errors.New("not of its kind")

// download puts a file into our store, unless it is not of its kind.
func (s *Syncer) download(ctx context.Context, m *db.Media, limit int64) error {
	file, err := s.kf.GetMedia(ctx, kf.MediaID(m.ID), limit)
	if err != nil {
		return err
	}
	defer file.Body.Close()
	head := make([]byte, sniffBytes)
	n, err := io.ReadFull(file.Body, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return err
	}
	head = head[:n]
	mime := mediaMIME(m.Kind, head)
	if mime == "" {
		return errMediaType
	}
	sha, bytes, err := s.db.PutBlob(ctx, io.MultiReader(bytes.NewReader(head), file.Body), limit)
	if err != nil {
		return err
	}
	m.State, m.MIME, m.Name, m.SHA256, m.Bytes, m.KeptAt = db.MediaKept, mime, file.Filename, sha, bytes, s.now()
	return nil
}

// mediaMIME tells what a file is by its first bytes; "" is a file that is not of its kind. What the sender said about it
// is not believed.
func mediaMIME(kind string, head []byte) string {
	found, _, _ := strings.Cut(http.DetectContentType(head), ";")
	switch kind {
	case kf.KindImage:
		switch found {
		case "image/jpeg", "image/png", "image/gif", "image/webp", "image/bmp":
			return found
		}
	case kf.KindVoice:
		switch {
		case bytes.HasPrefix(head, []byte("#!AMR")):
			return "audio/amr"
		case bytes.HasPrefix(bytes.TrimPrefix(head, []byte{2}), []byte("#!SILK")):
			return "audio/silk"
		case found == "audio/mpeg", found == "audio/wave":
			return found
		}
	case kf.KindVideo:
		if len(head) > 8 && string(head[4:8]) == "ftyp" {
			return "video/mp4"
		}
		if found == "video/webm" || found == "video/avi" {
			return found
		}
	case kf.KindFile:
		if len(head) > 0 {
			return "application/octet-stream"
		}
	}
	return ""
}
