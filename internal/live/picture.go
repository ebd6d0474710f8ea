package live

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"time"

	"kfconsole/internal/db"
)

const (
	pictureBytes   = 2 << 20          // of an answer
	pictureTimeout = 10 * time.Second // for one picture
	pictureRetry   = 30 * time.Minute // before an address that failed is tried again
	pictureGiveUp  = 5                // failures in a row after which the rest waits for the next list of accounts
)

// avatar is the address at which WeCom shows an account's picture.
type avatar struct{ account, url string }

// pictures keeps our own copies of the accounts' pictures: a browser of ours never asks another host for anything.
type pictures struct {
	db      *db.DB
	now     func() time.Time
	log     *slog.Logger
	api     *url.URL
	outside *http.Client // refuses addresses that are not public
	inside  *http.Client // for the host of the API, which may be private

	wake chan struct{}
	one  chan struct{} // held by the only one who fetches

	mu     sync.Mutex
	wanted []avatar
	failed map[avatar]time.Time // when it may be tried again
	source map[string]string    // by account: the address its picture is from, as far as already looked up
}

func newPictures(store *db.DB, now func() time.Time, log *slog.Logger, api *url.URL) *pictures {
	return &pictures{
		db: store, now: now, log: log, api: api,
		outside: pictureClient(publicOnly), inside: pictureClient(nil),
		wake: make(chan struct{}, 1), one: make(chan struct{}, 1), failed: map[avatar]time.Time{}, source: map[string]string{},
	}
}

// want replaces the list of pictures that should be there, and wakes run.
func (p *pictures) want(list []avatar) {
	p.mu.Lock()
	p.wanted = list
	failed, source := map[avatar]time.Time{}, map[string]string{}
	for _, a := range list {
		if until, ok := p.failed[a]; ok {
			failed[a] = until
		}
		if from, ok := p.source[a.account]; ok {
			source[a.account] = from
		}
	}
	p.failed, p.source = failed, source
	p.mu.Unlock()
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// run fetches what is missing whenever there is a new list, until ctx ends.
func (p *pictures) run(ctx context.Context) {
	for {
		select {
		case <-p.wake:
			if p.fetchAll(ctx) != nil {
				return
			}
		case <-ctx.Done():
			return
		}
	}
}

// fetchAll fetches the pictures that are missing, one after the other.
func (p *pictures) fetchAll(ctx context.Context) error {
	select {
	case p.one <- struct{}{}:
		defer func() { <-p.one }()
	case <-ctx.Done():
		return ctx.Err()
	}
	p.mu.Lock()
	list := p.wanted
	p.mu.Unlock()
	for row := 0; len(list) > 0 && row < pictureGiveUp; list = list[1:] {
		a := list[0]
		if p.waits(a) {
			continue
		}
		err := p.fetch(ctx, a)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		row++
		if err == nil {
			row = 0
		} else {
			p.log.Warn("mirror: fetch picture", "account", a.account, "error", err)
			p.mu.Lock()
			p.failed[a] = p.now().Add(pictureRetry)
			p.mu.Unlock()
		}
	}
	return nil
}

// waits reports whether a picture failed too short a while ago.
func (p *pictures) waits(a avatar) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.now().Before(p.failed[a])
}

// sourceKey is the setting that says from which address an account's picture was taken.
func sourceKey(account string) string { return "picture_source:" + account }

// fetch takes over one picture, unless the one at hand is from the same address. On failure the old one stays.
func (p *pictures) fetch(ctx context.Context, a avatar) error {
	if have, err := p.has(ctx, a); err != nil || have {
		return err
	}
	before, err := p.db.Account(ctx, a.account)
	if err != nil {
		return err
	}
	picture, err := p.get(ctx, a.url)
	if err != nil {
		return err
	}
	err = p.db.Tx(ctx, func(tx *db.DB) error {
		at, err := tx.Account(ctx, a.account)
		if err != nil {
			return err
		}
		// An operator who chose another picture meanwhile has the newer one: WeCom will show it under a new address.
		if at.PictureID == before.PictureID {
			if err := tx.InsertPicture(ctx, picture); err != nil {
				return err
			}
			if err := tx.SetAccountPicture(ctx, a.account, picture.ID); err != nil {
				return err
			}
		}
		return tx.SetSetting(ctx, sourceKey(a.account), a.url)
	})
	if err == nil {
		p.note(a)
	}
	return err
}

// get downloads a picture and makes it one that we show.
func (p *pictures) get(ctx context.Context, url string) (db.Picture, error) {
	raw, err := p.download(ctx, url)
	if err != nil {
		return db.Picture{}, err
	}
	data, mime, err := squarePicture(raw)
	return db.Picture{ID: db.PictureID(data), MIME: mime, Data: data}, err
}

// has reports whether the picture at hand is from the address in question.
func (p *pictures) has(ctx context.Context, a avatar) (bool, error) {
	p.mu.Lock()
	source := p.source[a.account]
	p.mu.Unlock()
	if source == a.url {
		return true, nil
	}
	source, err := p.db.Setting(ctx, sourceKey(a.account))
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return false, err
	}
	if source != a.url {
		return false, nil
	}
	p.note(a)
	return true, nil
}

// note spares the question to the database next time.
func (p *pictures) note(a avatar) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.source[a.account] = a.url
}
