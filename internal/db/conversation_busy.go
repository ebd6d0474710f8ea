package db

import "context"

// Named is an id and what it is called, "" = unknown.
type Named struct{ ID, Name string }

// BusyPlaces are whose conversations are under way, those where somebody waits longest first.
type BusyPlaces struct{ Accounts, Servicers []Named }

const (
	busySample = 200 // conversations that are looked at
	busyMost   = 30  // accounts, and servicers, that are named
)

const selectBusy = `SELECT c.account_id, COALESCE(a.name, ''), c.servicer_id, COALESCE(p.name, '') FROM conversation c LEFT JOIN account a ON a.id = c.account_id
	LEFT JOIN person p ON p.user_key = c.servicer_key WHERE c.board_key >= $1 AND c.board_key <= $2 ORDER BY c.board_key, c.id LIMIT $3`

// BusyPlaces returns accounts and servicers of open conversations, as a choice of filters: those of the first ones of the
// board. They are not read anew until something about them was written.
func (db *DB) BusyPlaces(ctx context.Context) (BusyPlaces, error) {
	b, err := db.e.busyPlaces.get(db, func() (b BusyPlaces, err error) {
		err = db.each(ctx, func(s scanner) error {
			var account, servicer Named
			err := s.Scan(&account.ID, &account.Name, &servicer.ID, &servicer.Name)
			b.Accounts, b.Servicers = offer(b.Accounts, account), offer(b.Servicers, servicer)
			return err
		}, selectBusy, 0, calmFrom, busySample)
		return b, err
	})
	return b, wrap("list busy places", err)
}

// offer adds one that is not there yet.
func offer(list []Named, one Named) []Named {
	if one.ID == "" || len(list) == busyMost {
		return list
	}
	for _, each := range list {
		if each.ID == one.ID {
			return list
		}
	}
	return append(list, one)
}
