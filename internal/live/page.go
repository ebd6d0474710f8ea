package live

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/kf"
)

// farAhead is how far a message may be ahead of our clock, which is wrong more often than that of WeCom. A time beyond that
// is nonsense: it would keep its conversation from ever expiring.
const farAhead = 25 * time.Hour

// entry is a message of a page and its row.
type entry struct {
	row      db.Message
	m        kf.Message
	customer string
}

// batch is a page on its way into the database.
type batch struct {
	s       *Syncer
	tx      *db.DB
	now     time.Time
	entries []entry
	threads map[[2]string]*thread // by account and customer
	codes   bool                  // there are codes to be used
	media   bool                  // there are media to be fetched
	first   bool                  // there are customers never seen
	refresh map[string]bool       // accounts whose servicers have changed
	greeted map[string]bool       // customers who entered
}

// store takes a page in, in one transaction: its messages, what they make of their conversations, the codes and media in
// them, and the cursor. It is for naught with errLease when another process has taken the account over.
func (s *Syncer) store(ctx context.Context, account string, cursor kf.Cursor, page kf.SyncPage) error {
	b := &batch{s: s, now: s.now(), entries: s.entries(account, page)}
	if s.fault.cursorFirst {
		if err := s.db.Tx(ctx, func(tx *db.DB) error { b.tx = tx; return b.move(ctx, account, cursor, page, 0) }); err != nil {
			return err
		}
		cursor = page.Next
	}
	if s.fault.beforeStore != nil {
		s.fault.beforeStore(account, len(page.Messages))
	}
	// The page is stored even if the end of the program is near: what was read need not be read again.
	ctx = context.WithoutCancel(ctx)
	err := s.db.Tx(ctx, func(tx *db.DB) error {
		b.tx, b.threads, b.refresh, b.greeted = tx, map[[2]string]*thread{}, map[string]bool{}, map[string]bool{}
		added, err := b.takeIn(ctx)
		if err != nil {
			return err
		}
		return b.move(ctx, account, cursor, page, added)
	})
	if err != nil {
		if errors.Is(err, errLease) {
			return err
		}
		return fmt.Errorf("%w: page of %d messages: %w", errStore, len(page.Messages), err)
	}
	for _, wake := range []struct {
		yes bool
		c   chan struct{}
	}{{b.codes, s.codes}, {b.media, s.media}, {b.first, s.profiles}} {
		if wake.yes {
			nudge(wake.c)
		}
	}
	for id := range b.refresh {
		s.refresh(ctx, id)
	}
	return nil
}

// move makes the cursor that of the next page, unless it is not where the page was asked for any more.
func (b *batch) move(ctx context.Context, account string, cursor kf.Cursor, page kf.SyncPage, added int) error {
	st, err := b.tx.SyncState(ctx, account)
	if err != nil {
		return err
	}
	if st.LeaseOwner != b.s.owner || st.Cursor != string(cursor) {
		return errLease
	}
	failures := st.Failures
	st.Cursor, st.TriedAt, st.LeaseUntil, st.Messages = string(page.Next), b.now, b.now.Add(leaseLife), st.Messages+int64(added)
	if !page.More {
		st.OKAt, st.NotBefore, st.Error, st.Errcode, st.Failures = b.now, time.Time{}, "", 0, 0
	}
	if err := b.tx.SaveSyncState(ctx, st); err != nil || page.More || failures == 0 {
		return err
	}
	b.s.log.Info("sync: pull works again", "account", account, "failures", failures)
	return b.tx.AddChange(ctx, TopicSync, account)
}

// entries makes the rows of a page.
func (s *Syncer) entries(account string, page kf.SyncPage) []entry {
	list := make([]entry, 0, len(page.Messages))
	now := s.now()
	for _, m := range page.Messages {
		e := entry{m: m, customer: string(m.Customer), row: db.Message{
			ID: string(m.ID), AccountID: string(m.Account), At: m.SentAt, Origin: int(m.Origin), ServicerID: string(m.Servicer),
			Kind: rowKind(m), Text: Words(m), Raw: kf.WithoutCodes(m.Raw),
		}}
		if e.row.AccountID == "" {
			e.row.AccountID = account
		}
		if e.row.ID == "" {
			// The same bytes are the same message when the page is read again.
			sum := sha256.Sum256(m.Raw)
			e.row.ID = "raw-" + hex.EncodeToString(sum[:16])
		}
		if m.SentAt.IsZero() || m.SentAt.After(now.Add(farAhead)) {
			e.row.At = now.Truncate(time.Second)
		}
		if media, ok := m.Content.(kf.Media); ok {
			e.row.Media = string(media.ID)
		}
		list = append(list, e)
	}
	return list
}

// takeIn stores the rows and folds the new ones into their conversations.
func (b *batch) takeIn(ctx context.Context) (added int, err error) {
	byID := make(map[[2]string]*entry, len(b.entries))
	rows := make([]db.Message, 0, len(b.entries))
	for i := range b.entries {
		e := &b.entries[i]
		err := b.place(ctx, e)
		if errors.Is(err, db.ErrErased) {
			continue
		}
		if err != nil {
			return 0, err
		}
		rows = append(rows, e.row)
		byID[[2]string{e.row.AccountID, e.row.ID}] = e
	}
	fresh, err := b.tx.InsertMessages(ctx, rows)
	if err != nil {
		return 0, err
	}
	for _, row := range fresh {
		e := byID[[2]string{row.AccountID, row.ID}]
		if err := b.effects(ctx, row, e); err != nil {
			return 0, err
		}
		if t := b.threads[[2]string{row.AccountID, e.customer}]; t != nil {
			t.fresh = append(t.fresh, factOf(row, e.m))
		}
	}
	return len(fresh), b.fold(ctx)
}

// place finds the conversation of a message, or begins it. An event of an account as a whole has none.
func (b *batch) place(ctx context.Context, e *entry) error {
	if e.customer == "" {
		return nil
	}
	key := [2]string{e.row.AccountID, e.customer}
	t := b.threads[key]
	// Whether a customer was erased depends on the time of the message.
	if t == nil || !e.row.At.After(t.c.FirstAt) {
		c, created, err := b.tx.ConversationFor(ctx, e.row.AccountID, e.customer, e.row.At)
		if err != nil {
			return err
		}
		if t == nil {
			t = &thread{c: c}
			b.threads[key] = t
		}
		b.first = b.first || created
	}
	e.row.ConversationID = t.c.ID
	return nil
}

// effects does what a new row asks for beside the fold.
func (b *batch) effects(ctx context.Context, row db.Message, e *entry) error {
	switch c := e.m.Content.(type) {
	case kf.Media:
		if c.ID == "" || e.m.Kind == kf.KindBroken {
			return nil
		}
		b.media = true
		return b.tx.InsertMedia(ctx, db.Media{
			ID: string(c.ID), AccountID: row.AccountID, ConversationID: row.ConversationID, MessageID: row.ID,
			Kind: row.Kind, State: db.MediaWanted, WantedAt: row.At,
		})
	case kf.EnterSession:
		if err := b.greet(ctx, e.customer); err != nil {
			return err
		}
		return b.code(ctx, row, e, db.SceneWelcome, c.WelcomeCode, kf.WelcomeCodeLife)
	case kf.SessionChange:
		switch {
		case c.Type == kf.SessionPicked && c.Code != "":
			return b.code(ctx, row, e, db.ScenePickup, c.Code, kf.ReplyCodeLife)
		case c.Type == kf.SessionEnded && c.Code != "":
			return b.code(ctx, row, e, db.SceneEnding, c.Code, kf.EndingCodeLife)
		}
	case kf.SendFailed:
		return ignoreMissing(b.tx.SetDelivery(ctx, row.AccountID, string(c.Message), db.DeliveryFailed, c.Type))
	case kf.Recalled:
		return ignoreMissing(b.tx.SetRecalled(ctx, row.AccountID, string(c.Message), row.At))
	case kf.ServicerChange:
		b.refresh[row.AccountID] = true
	}
	return nil
}

// profileStale is how old the profile of a customer who enters may be.
const profileStale = 24 * time.Hour

// greet has the profile of a customer who enters read again if it is old, or if WeCom did not tell it before: it does now,
// for kf.ProfileWindow.
func (b *batch) greet(ctx context.Context, customerID string) error {
	if customerID == "" || b.greeted[customerID] {
		return nil
	}
	b.greeted[customerID] = true
	c, err := b.tx.Customer(ctx, customerID)
	if err != nil || c.ProfileState == db.ProfileUnasked || c.ProfileState == db.ProfileOK && b.now.Sub(c.ProfileAt) < profileStale {
		return err
	}
	b.first = true
	return b.tx.SetCustomerTried(ctx, customerID, db.ProfileUnasked, c.TriedAt)
}

// ignoreMissing is for events about a message that is older than our memory.
func ignoreMissing(err error) error {
	if errors.Is(err, db.ErrNotFound) {
		return nil
	}
	return err
}

// fold brings the conversations of the new rows up to date and tells who watches them.
func (b *batch) fold(ctx context.Context) error {
	changed := 0
	ref := ""
	// In a fixed order, so that two runs over the same pages write the same rows.
	for _, key := range slices.SortedFunc(maps.Keys(b.threads), compareKeys) {
		t := b.threads[key]
		if len(t.fresh) == 0 {
			continue
		}
		if err := t.fold(ctx, b.tx); err != nil {
			return err
		}
		if err := b.tx.AddChange(ctx, ConversationTopic(t.c.ID), t.c.ID); err != nil {
			return err
		}
		changed++
		ref = t.c.ID
	}
	if changed == 0 {
		return nil
	}
	if changed > 1 {
		ref = ""
	}
	if b.first {
		if err := b.tx.AddChange(ctx, TopicCustomers, ""); err != nil {
			return err
		}
	}
	return b.tx.AddChange(ctx, TopicConversations, ref)
}

func compareKeys(a, b [2]string) int {
	if c := strings.Compare(a[0], b[0]); c != 0 {
		return c
	}
	return strings.Compare(a[1], b[1])
}
