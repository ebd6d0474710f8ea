package db

import "context"

// This file, with the migration of message_text, is all that knows the full-text index of SQLite.

// indexTexts adds the texts of messages to the index. Each goes by itself: a statement of several rows, and one of another
// table that comes between, makes the engine write out what the index has gathered in memory.
func (db *DB) indexTexts(ctx context.Context, messages []Message) error {
	for _, m := range messages {
		if m.Text == "" {
			continue
		}
		_, err := db.exec(ctx, "INSERT INTO message_text (rowid, body, place) VALUES ($1, $2, $3)",
			m.Seq, grams(m.Text), placesOf(m.AccountID, m.ConversationID))
		if err != nil {
			return err
		}
	}
	return nil
}

// unindexText takes out of the index what indexTexts put there; all must be what was given then.
func (db *DB) unindexText(ctx context.Context, seq int64, text, accountID, conversationID string) error {
	if text == "" {
		return nil
	}
	_, err := db.exec(ctx, "INSERT INTO message_text (message_text, rowid, body, place) VALUES ('delete', $1, $2, $3)",
		seq, grams(text), placesOf(accountID, conversationID))
	return err
}

// placesOf are the words by which a search is narrowed.
func placesOf(accountID, conversationID string) string {
	return placeToken(accountID) + " " + placeToken(conversationID)
}

// matching selects from the messages in which the index finds an expression, and says what the order of the index is
// called.
func matching(cols, expression string) (q query, seq string) {
	q = query{sel: "SELECT " + cols + ` FROM message_text t CROSS JOIN message m ON m.seq = t.rowid
		LEFT JOIN conversation c ON c.id = m.conversation_id LEFT JOIN account a ON a.id = m.account_id
		LEFT JOIN customer u ON u.id = c.customer_id`}
	q.add("message_text MATCH ?", expression)
	return q, "t.rowid"
}
