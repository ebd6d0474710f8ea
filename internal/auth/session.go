package auth

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"kfconsole/internal/db"
)

// Defaults of Sessions.
const (
	DefaultIdle     = 60 * time.Minute
	DefaultAbsolute = 12 * time.Hour
	// touchEvery bounds how often a session in use is written.
	touchEvery = time.Minute
)

// ErrNoSession means that a token opens nothing: unknown, ended, too old, or its operator is disabled. The reasons are not told apart.
var ErrNoSession = errors.New("no such session")

// Sessions keeps who is signed in. The visitor holds a 256-bit random token; the database holds only its SHA-256.
type Sessions struct {
	DB *db.DB
	// Idle ends a session that nobody used for so long (0: 60 minutes), Absolute ends every session (0: 12 hours).
	Idle, Absolute time.Duration
	// Now is the clock (nil: time.Now).
	Now func() time.Time
}

// With returns the same sessions inside a transaction.
func (s Sessions) With(tx *db.DB) Sessions {
	s.DB = tx
	return s
}

// Start opens a session for the operator and returns its token, which exists nowhere else.
// The caller ends a session that the visitor already had, so that no token survives a sign-in.
func (s Sessions) Start(ctx context.Context, operatorID, ip, userAgent string) (string, error) {
	raw := make([]byte, 32)
	if _, err := rand.Read(raw); err != nil {
		return "", fmt.Errorf("start session: %w", err)
	}
	token := base64.RawURLEncoding.EncodeToString(raw)
	now := s.now()
	err := s.DB.InsertSession(ctx, db.Session{
		Hash: HashToken(token), OperatorID: operatorID, IP: ip, UserAgent: cut(userAgent, 200), CreatedAt: now, SeenAt: now,
	})
	if err != nil {
		return "", fmt.Errorf("start session: %w", err)
	}
	return token, nil
}

// Find returns the session that the token opens and its operator, and notes at most once a minute that it is in use.
// It returns ErrNoSession for everything that is not a running session of an enabled operator.
func (s Sessions) Find(ctx context.Context, token string) (db.Session, db.Operator, error) {
	if len(token) != base64.RawURLEncoding.EncodedLen(32) {
		return db.Session{}, db.Operator{}, ErrNoSession
	}
	session, operator, err := s.DB.SessionByHash(ctx, HashToken(token))
	if errors.Is(err, db.ErrNotFound) {
		return db.Session{}, db.Operator{}, ErrNoSession
	}
	if err != nil {
		return db.Session{}, db.Operator{}, fmt.Errorf("find session: %w", err)
	}
	now := s.now()
	if !s.runs(session, now) || operator.DisabledAt != nil {
		return db.Session{}, db.Operator{}, ErrNoSession
	}
	if now.Sub(session.SeenAt) >= touchEvery {
		// A session that cannot be touched (disk full, read-only database) must still open the pages that only read.
		if err := s.DB.TouchSession(ctx, session.Hash, now); err == nil {
			session.SeenAt = now
		}
	}
	return session, operator, nil
}

// End ends the session that the token opens. An unknown token is no error.
func (s Sessions) End(ctx context.Context, token string) error {
	if token == "" {
		return nil
	}
	err := s.DB.DeleteSession(ctx, HashToken(token))
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return fmt.Errorf("end session: %w", err)
	}
	return nil
}

// EndAll ends every session of the operator but the one that keep opens ("" keeps none) and returns how many ended.
func (s Sessions) EndAll(ctx context.Context, operatorID, keep string) (int, error) {
	except := ""
	if keep != "" {
		except = HashToken(keep)
	}
	n, err := s.DB.DeleteSessions(ctx, operatorID, except)
	if err != nil {
		return 0, fmt.Errorf("end sessions: %w", err)
	}
	return int(n), nil
}

// List returns the operator's running sessions.
func (s Sessions) List(ctx context.Context, operatorID string) ([]db.Session, error) {
	all, err := s.DB.Sessions(ctx, operatorID)
	if err != nil {
		return nil, fmt.Errorf("list sessions: %w", err)
	}
	now, running := s.now(), all[:0]
	for _, each := range all {
		if s.runs(each, now) {
			running = append(running, each)
		}
	}
	return running, nil
}

// Sweep deletes the sessions that have ended by age.
func (s Sessions) Sweep(ctx context.Context) error {
	now := s.now()
	if _, err := s.DB.DeleteSessionsBefore(ctx, now.Add(-s.absolute()), now.Add(-s.idle())); err != nil {
		return fmt.Errorf("sweep sessions: %w", err)
	}
	return nil
}

// runs says whether the session is within both limits. A time of last use in the future (the clock was set back) counts as now.
func (s Sessions) runs(session db.Session, now time.Time) bool {
	return now.Sub(session.CreatedAt) < s.absolute() && now.Sub(session.SeenAt) < s.idle()
}

func (s Sessions) idle() time.Duration {
	if s.Idle > 0 {
		return s.Idle
	}
	return DefaultIdle
}

func (s Sessions) absolute() time.Duration {
	if s.Absolute > 0 {
		return s.Absolute
	}
	return DefaultAbsolute
}

func (s Sessions) now() time.Time {
	if s.Now != nil {
		return s.Now()
	}
	return time.Now()
}

// HashToken returns what the database keeps of a session token: its SHA-256 in hex.
func HashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// cut shortens text to at most n characters.
func cut(text string, n int) string {
	runes := 0
	for i := range text {
		if runes == n {
			return text[:i]
		}
		runes++
	}
	return text
}
