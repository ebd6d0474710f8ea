package db

import (
	"context"
	"time"
)

// customerSearch is what the search of customers compares.
func customerSearch(name, id string) string { return fold(name) + "\n" + fold(id) }

// seeCustomer counts a new conversation of a customer, who may be new too.
func (db *DB) seeCustomer(ctx context.Context, id string, at time.Time) error {
	_, err := db.exec(ctx, `INSERT INTO customer (id, name, name_key, search, avatar_url, picture_id, gender, union_id, first_at, last_at,
		profile_at, tried_at, profile_state, conversations) VALUES ($1, '', '', $2, '', '', 0, '', $3, $3, 0, 0, '', 1)
		ON CONFLICT (id) DO UPDATE SET conversations = customer.conversations + 1,
		first_at = CASE WHEN excluded.first_at < customer.first_at THEN excluded.first_at ELSE customer.first_at END,
		last_at = CASE WHEN excluded.last_at > customer.last_at THEN excluded.last_at ELSE customer.last_at END`,
		clean(id), customerSearch("", id), ms(at))
	return err
}

// SetCustomerProfile stores what WeCom told of a customer: name, avatar, picture, gender, union id, state and the two
// times. An empty PictureID keeps the picture if the avatar is the same. Conversations are found by the new name; their
// revision stays. ErrNotFound without the customer.
func (db *DB) SetCustomerProfile(ctx context.Context, c Customer) error {
	return wrap("set customer profile", db.atomic(ctx, func(tx *DB) error {
		old, err := tx.Customer(ctx, c.ID)
		if err != nil {
			return err
		}
		if c.PictureID == "" && clean(c.AvatarURL) == old.AvatarURL {
			c.PictureID = old.PictureID
		}
		err = tx.execOne(ctx, `UPDATE customer SET name = $1, name_key = $2, search = $3, avatar_url = $4, picture_id = $5, gender = $6,
			union_id = $7, profile_at = $8, tried_at = $9, profile_state = $10 WHERE id = $11`,
			clean(c.Name), db.e.keys.of(c.Name), customerSearch(c.Name, c.ID), clean(c.AvatarURL), c.PictureID, c.Gender,
			clean(c.UnionID), ms(c.ProfileAt), ms(c.TriedAt), c.ProfileState, c.ID)
		if err != nil || clean(c.Name) == old.Name {
			return err
		}
		return tx.renameInConversations(ctx, c)
	}))
}

func (db *DB) renameInConversations(ctx context.Context, c Customer) error {
	type row struct{ id, text string }
	rows, err := all(ctx, db, func(s scanner) (r row, err error) { return r, s.Scan(&r.id, &r.text) },
		"SELECT id, last_text FROM conversation WHERE customer_id = $1", c.ID)
	if err != nil {
		return err
	}
	for _, r := range rows {
		_, err := db.exec(ctx, "UPDATE conversation SET search = $1 WHERE id = $2", conversationSearch(c.Name, c.ID, r.text), r.id)
		if err != nil {
			return err
		}
	}
	return nil
}

// SetCustomerTried notes that asking for a customer came to nothing: state is ProfileInvalid or ProfileFailed. What was
// told before stays. ErrNotFound without the customer.
func (db *DB) SetCustomerTried(ctx context.Context, id, state string, at time.Time) error {
	return wrap("set customer tried", db.execOne(ctx, "UPDATE customer SET profile_state = $1, tried_at = $2 WHERE id = $3", state, ms(at), id))
}

// SetCustomerPicture sets our own copy of a customer's picture. ErrNotFound without the customer.
func (db *DB) SetCustomerPicture(ctx context.Context, id, pictureID string) error {
	return wrap("set customer picture", db.execOne(ctx, "UPDATE customer SET picture_id = $1 WHERE id = $2", pictureID, id))
}
