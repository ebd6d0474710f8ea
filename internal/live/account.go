package live

import (
	"context"
	"fmt"
	"sync"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/kf"
)

// mostAccounts bounds a list: WeCom allows 5 000 accounts, so more is a server that never ends.
const mostAccounts = 20_000

// copiedAtOnce is how many rows of the copy are read in one go: all of them, as long as WeCom keeps to its limit.
const copiedAtOnce = 5_000

// accounts lists all accounts and, if the list is complete, makes the copy equal to it.
//
// WeCom pages by offset: an account deleted while the list is read moves the next one past the reader. So before accounts
// that vanished are believed to be gone, a list of several pages is read again, and only what both lack is gone.
func (m *Mirror) accounts(ctx context.Context) error {
	began := m.now()
	known, err := m.copied(ctx)
	if err != nil {
		return fmt.Errorf("refresh %s: %w: %w", TopicAccounts, errStore, err)
	}
	list, err := m.listAccounts(ctx)
	if err == nil && len(list.order) >= kf.MaxPage && list.lacks(known) {
		var again accountList
		if again, err = m.listAccounts(ctx); err == nil {
			list.add(again)
		}
	}
	if err == nil && len(list.order) == 0 && !m.doubt.believe(TopicAccounts, len(known) == 0, began, m.every.Accounts) {
		err = ErrEmpty
	}
	rows := list.rows()
	err = m.keep(ctx, TopicAccounts, began, err, func(ctx context.Context, tx *db.DB) error { return tx.ReplaceAccounts(ctx, rows, began) })
	if err != nil {
		return err
	}
	if len(rows) > 0 {
		m.doubt.trust(TopicAccounts)
	}
	m.pictures.want(list.avatars())
	return m.loadRing(ctx)
}

// copied lists the accounts of the copy that are not gone.
func (m *Mirror) copied(ctx context.Context) ([]db.Account, error) {
	var all []db.Account
	var after db.Cursor
	for {
		list, page, err := m.db.Accounts(ctx, db.AccountFilter{}, after, copiedAtOnce)
		if err != nil {
			return nil, err
		}
		all = append(all, list...)
		if page.Next == "" {
			return all, nil
		}
		after = page.Next
	}
}

func (m *Mirror) listAccounts(ctx context.Context) (accountList, error) {
	return call(ctx, m, func(ctx context.Context) (accountList, error) {
		list := accountList{byID: map[string]kf.Account{}}
		for a, err := range m.kf.Accounts(ctx) {
			if err != nil {
				return list, fmt.Errorf("after %d accounts: %w", len(list.order), err)
			}
			list.put(a)
			if len(list.order) > mostAccounts {
				return list, fmt.Errorf("more than %d accounts: %w", mostAccounts, ErrIncomplete)
			}
		}
		return list, nil
	})
}

// accountList is a list without repetitions, in the order of WeCom.
type accountList struct {
	order []string
	byID  map[string]kf.Account
}

func (l *accountList) put(a kf.Account) {
	id := string(a.ID)
	if _, ok := l.byID[id]; !ok {
		l.order = append(l.order, id)
	}
	l.byID[id] = a
}

func (l *accountList) add(other accountList) {
	for _, id := range other.order {
		l.put(other.byID[id])
	}
}

func (l *accountList) lacks(known []db.Account) bool {
	for _, a := range known {
		if _, ok := l.byID[a.ID]; !ok {
			return true
		}
	}
	return false
}

func (l *accountList) rows() []db.Account {
	rows := make([]db.Account, 0, len(l.order))
	for _, id := range l.order {
		a := l.byID[id]
		rows = append(rows, db.Account{ID: id, Name: a.Name, AvatarURL: a.Avatar, Managed: a.ManagePrivilege})
	}
	return rows
}

func (l *accountList) avatars() []avatar {
	var list []avatar
	for _, id := range l.order {
		if url := l.byID[id].Avatar; url != "" {
			list = append(list, avatar{account: id, url: url})
		}
	}
	return list
}

// doubt remembers since when a list that should not be empty is empty.
type doubt struct {
	mu    sync.Mutex
	since map[string]time.Time
}

// believe reports whether an empty list is to be taken as true: because the copy is empty as well, or because this is not
// the first empty list in a row. Two answers of the same moment, as when an operator presses refresh twice, count once.
func (d *doubt) believe(topic string, wasEmpty bool, at time.Time, every time.Duration) bool {
	if wasEmpty {
		return true
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	since, ok := d.since[topic]
	if !ok {
		d.since[topic] = at
		return false
	}
	return at.Sub(since) >= every/2
}

// trust ends a row of empty lists.
func (d *doubt) trust(topic string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	delete(d.since, topic)
}
