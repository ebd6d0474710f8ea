package db

import (
	"context"
	"time"
)

// Visit is one entry of a customer, until its conversation ended. A zero time is never.
type Visit struct {
	ID, ConversationID, AccountID, CustomerID string
	Scene, SceneParam                         string
	EnteredAt, WroteAt, QueuedAt, HumanAt     time.Time
	RepliedAt                                 time.Time // of the first answer by anybody
	EndedAt                                   time.Time
	EndedBy                                   string // an EndedBy constant, "" = not ended
	Rating                                    string
}

// Who ended a visit.
const (
	EndedByServicer = "servicer"
	EndedByConsole  = "console"
	EndedByExpiry   = "expired"
)

const visitCols = `id, conversation_id, account_id, customer_id, scene, scene_param, entered_at, wrote_at, queued_at, human_at,
	replied_at, ended_at, ended_by, rating`

func scanVisit(s scanner) (v Visit, err error) {
	var entered, wrote, queued, human, replied, ended int64
	err = s.Scan(&v.ID, &v.ConversationID, &v.AccountID, &v.CustomerID, &v.Scene, &v.SceneParam, &entered, &wrote, &queued, &human,
		&replied, &ended, &v.EndedBy, &v.Rating)
	v.EnteredAt, v.WroteAt, v.QueuedAt, v.HumanAt = fromMS(entered), fromMS(wrote), fromMS(queued), fromMS(human)
	v.RepliedAt, v.EndedAt = fromMS(replied), fromMS(ended)
	return v, err
}

func (v Visit) args() []any {
	return []any{v.ID, v.ConversationID, clean(v.AccountID), clean(v.CustomerID), clean(v.Scene), clean(v.SceneParam), ms(v.EnteredAt),
		ms(v.WroteAt), ms(v.QueuedAt), ms(v.HumanAt), ms(v.RepliedAt), ms(v.EndedAt), v.EndedBy, clean(v.Rating)}
}

// InsertVisit adds a visit. ErrConflict if the id exists.
func (db *DB) InsertVisit(ctx context.Context, v Visit) error {
	_, err := db.exec(ctx, "INSERT INTO visit ("+visitCols+") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)", v.args()...)
	return wrap("insert visit", err)
}

// UpdateVisit stores all of a visit. ErrNotFound without it.
func (db *DB) UpdateVisit(ctx context.Context, v Visit) error {
	return wrap("update visit", db.execOne(ctx, `UPDATE visit SET conversation_id = $2, account_id = $3, customer_id = $4, scene = $5,
		scene_param = $6, entered_at = $7, wrote_at = $8, queued_at = $9, human_at = $10, replied_at = $11, ended_at = $12, ended_by = $13,
		rating = $14 WHERE id = $1`, v.args()...))
}

// DeleteVisit deletes a visit that folding anew did not find. One that is not there is no error.
func (db *DB) DeleteVisit(ctx context.Context, id string) error {
	_, err := db.exec(ctx, "DELETE FROM visit WHERE id = $1", id)
	return wrap("delete visit", err)
}

// Visit returns a visit. ErrNotFound if there is none.
func (db *DB) Visit(ctx context.Context, id string) (Visit, error) {
	v, err := one(ctx, db, scanVisit, "SELECT "+visitCols+" FROM visit WHERE id = $1", id)
	return v, wrap("read visit", err)
}

// VisitsOf returns the visits of a conversation, oldest first.
func (db *DB) VisitsOf(ctx context.Context, conversationID string) ([]Visit, error) {
	l, err := all(ctx, db, scanVisit, "SELECT "+visitCols+` FROM visit WHERE conversation_id = $1 AND conversation_id <> ''
		ORDER BY entered_at, id`, conversationID)
	return l, wrap("list visits", err)
}

// CustomerVisits returns the visits of a customer to all accounts, newest first, at most limit (0 = 50).
func (db *DB) CustomerVisits(ctx context.Context, customerID string, limit int) ([]Visit, error) {
	l, err := all(ctx, db, scanVisit, "SELECT "+visitCols+` FROM visit WHERE conversation_id <> ''
		AND conversation_id IN (SELECT c.id FROM conversation c WHERE c.customer_id = $1) ORDER BY entered_at DESC, id DESC LIMIT $2`,
		customerID, clampLimit(limit))
	return l, wrap("list visits of a customer", err)
}
