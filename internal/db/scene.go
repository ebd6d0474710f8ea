package db

import (
	"context"
	"errors"
	"slices"
	"time"
)

// SceneSeen is a scene by which customers came.
type SceneSeen struct {
	Scene           string
	Visits          int
	Accounts        int // by which it was seen
	FirstAt, LastAt time.Time
	Links           int // of ours that have it, archived ones too; 0 = it was made elsewhere

	Name, Note, NamedBy string // "" = nobody named it
	NamedAt             time.Time
}

// SceneName is what a scene that was made elsewhere is called here.
type SceneName struct {
	Scene, Name, Note, NamedBy string
	At                         time.Time
}

// Scenes returns all scenes seen, the last seen first. Nothing is counted anew until something was written.
func (db *DB) Scenes(ctx context.Context) ([]SceneSeen, error) {
	l, err := db.e.sceneCounts.get(db, func() ([]SceneSeen, error) {
		return all(ctx, db, func(s scanner) (v SceneSeen, err error) {
			var first, last, named int64
			err = s.Scan(&v.Scene, &v.Visits, &v.Accounts, &first, &last, &v.Links, &v.Name, &v.Note, &v.NamedBy, &named)
			v.FirstAt, v.LastAt, v.NamedAt = fromMS(first), fromMS(last), fromMS(named)
			return v, err
		}, `SELECT g.scene, g.visits, g.accounts, g.first_at, g.last_at, (SELECT count(*) FROM link l WHERE l.scene = g.scene),
			COALESCE(n.name, ''), COALESCE(n.note, ''), COALESCE(n.named_by, ''), COALESCE(n.at, 0)
			FROM (SELECT scene, count(*) AS visits, count(DISTINCT account_id) AS accounts, min(entered_at) AS first_at,
			max(entered_at) AS last_at FROM visit WHERE scene <> '' GROUP BY scene) g
			LEFT JOIN scene_name n ON n.scene = g.scene ORDER BY g.last_at DESC, g.scene`)
	})
	return slices.Clone(l), wrap("list scenes", err)
}

// SceneName returns what a scene is called and whether anybody named it.
func (db *DB) SceneName(ctx context.Context, scene string) (SceneName, bool, error) {
	n, err := one(ctx, db, func(s scanner) (n SceneName, err error) {
		var at int64
		err = s.Scan(&n.Scene, &n.Name, &n.Note, &n.NamedBy, &at)
		n.At = fromMS(at)
		return n, err
	}, "SELECT scene, name, note, named_by, at FROM scene_name WHERE scene = $1", scene)
	if errors.Is(err, ErrNotFound) {
		return SceneName{Scene: scene}, false, nil
	}
	return n, err == nil, wrap("read scene name", err)
}

// SetSceneName names a scene, or names it anew.
func (db *DB) SetSceneName(ctx context.Context, n SceneName) error {
	_, err := db.exec(ctx, `INSERT INTO scene_name (scene, name, note, named_by, at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (scene) DO UPDATE SET name = excluded.name, note = excluded.note, named_by = excluded.named_by, at = excluded.at`,
		clean(n.Scene), clean(n.Name), clean(n.Note), clean(n.NamedBy), ms(n.At))
	return wrap("set scene name", err)
}
