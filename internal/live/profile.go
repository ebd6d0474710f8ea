package live

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/kf"
)

const (
	profileRetry = 5 * time.Minute // before a call that failed is made again for the same customers
)

// readProfiles reads the profiles of customers who were never asked for, until ctx ends.
func (s *Syncer) readProfiles(ctx context.Context) {
	poll := time.NewTicker(s.polls.profiles)
	defer poll.Stop()
	for {
		if err := s.readNewProfiles(ctx); err != nil && ctx.Err() == nil {
			s.log.Warn("sync: read profiles", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-s.profiles:
		case <-poll.C:
		}
	}
}

// readNewProfiles asks for those never asked for, then once more for those that could not be asked.
func (s *Syncer) readNewProfiles(ctx context.Context) error {
	for _, state := range []string{db.ProfileUnasked, db.ProfileFailed} {
		before := s.now().Add(-profileRetry)
		for {
			ids, err := s.db.CustomersToAsk(ctx, state, before, kf.MaxCustomersPerCall)
			if err != nil || len(ids) == 0 {
				if err != nil {
					return err
				}
				break
			}
			if _, err := s.readBatch(ctx, ids); err != nil {
				return err
			}
		}
	}
	return nil
}

// Refreshed says what came of RefreshCustomers.
type Refreshed struct {
	Found   int // with a new profile
	Invalid int // WeCom does not answer for them: no contact within kf.ProfileWindow, or not of this corp
	Missing int // WeCom said nothing about them
}

func (r Refreshed) and(more Refreshed) Refreshed {
	return Refreshed{r.Found + more.Found, r.Invalid + more.Invalid, r.Missing + more.Missing}
}

// RefreshCustomers reads the profiles of customers again, as many at a time as one call takes, and keeps what came. It ends
// with the first error of WeCom, of the database or of ctx; what was read until then stays.
func (s *Syncer) RefreshCustomers(ctx context.Context, ids []string) (Refreshed, error) {
	var total Refreshed
	for batch := range slices.Chunk(ids, kf.MaxCustomersPerCall) {
		r, err := s.readBatch(ctx, batch)
		total = total.and(r)
		if err != nil {
			return total, fmt.Errorf("refresh customers: %w", err)
		}
	}
	return total, nil
}

// readBatch reads the profiles of up to kf.MaxCustomersPerCall customers. Their pictures follow.
func (s *Syncer) readBatch(ctx context.Context, ids []string) (Refreshed, error) {
	asked := make([]kf.CustomerID, len(ids))
	for i, id := range ids {
		asked[i] = kf.CustomerID(id)
	}
	found, invalid, err := s.kf.Customers(ctx, asked)
	if err != nil {
		return s.unread(ctx, ids, err)
	}
	profiles := map[string]kf.Customer{}
	for _, c := range found {
		profiles[string(c.ID)] = c
	}
	var r Refreshed
	now := s.now()
	err = s.db.Tx(context.WithoutCancel(ctx), func(tx *db.DB) error {
		r = Refreshed{}
		for _, id := range ids {
			c, ok := profiles[id]
			var err error
			switch {
			case ok:
				r.Found++
				err = tx.SetCustomerProfile(ctx, db.Customer{
					ID: id, Name: c.Name, AvatarURL: c.Avatar, Gender: c.Gender, UnionID: c.UnionID,
					ProfileAt: now, TriedAt: now, ProfileState: db.ProfileOK,
				})
			case slices.Contains(invalid, kf.CustomerID(id)):
				r.Invalid++
				err = tx.SetCustomerTried(ctx, id, db.ProfileInvalid, now)
			default:
				r.Missing++
				err = tx.SetCustomerTried(ctx, id, db.ProfileFailed, now)
			}
			// Erased since it was asked for.
			if ignoreMissing(err) != nil {
				return err
			}
		}
		return errors.Join(tx.AddChange(ctx, TopicCustomers, ""), tx.AddChange(ctx, TopicConversations, ""))
	})
	if err != nil {
		return Refreshed{}, fmt.Errorf("%w: %w", errStore, err)
	}
	s.fetchPictures(ctx, found)
	return r, nil
}

// unread ends a call that failed. One id that is refused as such does not cost the others: which one it is, only a call for
// it alone can tell.
func (s *Syncer) unread(ctx context.Context, ids []string, cause error) (Refreshed, error) {
	var argument *kf.ArgumentError
	blamed := errors.As(cause, &argument) || kf.CertaintyOf(cause) == kf.Refused && errcodeOf(cause) == codeForeignCustomer
	switch n := len(ids); {
	case ctx.Err() != nil:
		return Refreshed{}, cause
	case !blamed:
		return Refreshed{}, errors.Join(cause, s.noteUnread(ctx, ids, db.ProfileFailed))
	case n == 1:
		return Refreshed{Invalid: 1}, s.noteUnread(ctx, ids, db.ProfileInvalid)
	default:
		first, err := s.readBatch(ctx, ids[:n/2])
		if err != nil {
			return first, err
		}
		second, err := s.readBatch(ctx, ids[n/2:])
		return first.and(second), err
	}
}

// noteUnread keeps that customers could not be asked for.
func (s *Syncer) noteUnread(ctx context.Context, ids []string, state string) error {
	now := s.now()
	return s.db.Tx(context.WithoutCancel(ctx), func(tx *db.DB) error {
		for _, id := range ids {
			if err := ignoreMissing(tx.SetCustomerTried(ctx, id, state, now)); err != nil {
				return err
			}
		}
		return nil
	})
}

// codeForeignCustomer is the errcode for an external_userid that is not of this corp.
const codeForeignCustomer = 40096

func errcodeOf(err error) int {
	refused := new(kf.Error)
	if errors.As(err, &refused) {
		return refused.Code
	}
	return 0
}

// fetchPictures keeps our own copies of customers' pictures. One that cannot be had is left: the page shows a letter. When
// one after the other fails, the rest is left too: the names of others wait behind them.
func (s *Syncer) fetchPictures(ctx context.Context, list []kf.Customer) {
	row := 0
	for _, c := range list {
		if c.Avatar == "" || ctx.Err() != nil || row == pictureGiveUp {
			continue
		}
		row++
		if err := s.fetchPicture(ctx, string(c.ID), c.Avatar); err != nil {
			s.log.Debug("sync: picture of a customer", "error", err)
		} else {
			row = 0
		}
	}
}

func (s *Syncer) fetchPicture(ctx context.Context, id, url string) error {
	have, err := s.db.Customer(ctx, id)
	if err != nil || have.PictureID != "" && have.AvatarURL == url {
		return ignoreMissing(err)
	}
	picture, err := s.pictures.get(ctx, url)
	if err != nil {
		return err
	}
	return ignoreMissing(s.db.Tx(ctx, func(tx *db.DB) error {
		if _, err := tx.Customer(ctx, id); err != nil {
			return err
		}
		return errors.Join(tx.InsertPicture(ctx, picture), tx.SetCustomerPicture(ctx, id, picture.ID), tx.AddChange(ctx, TopicCustomers, id))
	}))
}
