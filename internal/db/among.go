package db

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
)

// among reads the rows of a query that ends with a column, for any number of values of it.
func among[T any](ctx context.Context, db *DB, scan func(scanner) (T, error), q string, values []string, more ...any) (list []T, err error) {
	for part := range slices.Chunk(values, idsAtOnce) {
		rows, err := all(ctx, db, scan, q+" IN ("+placeholders(len(more)+1, idsAtOnce)+")", append(slices.Clone(more), padded(part)...)...)
		if err != nil {
			return nil, err
		}
		list = append(list, rows...)
	}
	return list, nil
}

// padded repeats the last of 1 to idsAtOnce values: a fixed number of placeholders makes one statement text of all lengths.
func padded(values []string) []any {
	args := make([]any, idsAtOnce)
	for i := range args {
		args[i] = values[min(i, len(values)-1)]
	}
	return args
}

// MediaByIDs returns the media with these ids of WeCom by id; those that are not there are missing.
func (db *DB) MediaByIDs(ctx context.Context, ids []string) (map[string]Media, error) {
	list, err := among(ctx, db, scanMedia, selectMedia+" WHERE id", ids)
	found := make(map[string]Media, len(list))
	for _, m := range list {
		found[m.ID] = m
	}
	return found, wrap("read media", err)
}

// SceneNames returns what these scenes are called, by scene; those that nobody named are missing.
func (db *DB) SceneNames(ctx context.Context, scenes []string) (map[string]string, error) {
	list, err := among(ctx, db, func(s scanner) (n SceneName, err error) { return n, s.Scan(&n.Scene, &n.Name) },
		"SELECT scene, name FROM scene_name WHERE scene", scenes)
	names := make(map[string]string, len(list))
	for _, n := range list {
		names[n.Scene] = n.Name
	}
	return names, wrap("read scene names", err)
}

// SceneOf is a scene of an account.
type SceneOf struct{ AccountID, Scene string }

// LinksOfScenes returns the link of each scene of an account that has one: an active one before one that is archived, and the
// newest of several. There may be 100 accounts.
func (db *DB) LinksOfScenes(ctx context.Context, scenes []SceneOf) (map[SceneOf]Link, error) {
	var accounts, names []string
	for _, each := range scenes {
		accounts, names = append(accounts, each.AccountID), append(names, each.Scene)
	}
	slices.Sort(accounts)
	slices.Sort(names)
	accounts, names = slices.Compact(accounts), slices.Compact(names)
	links := map[SceneOf]Link{}
	if len(accounts) == 0 {
		return links, nil
	}
	if len(accounts) > idsAtOnce {
		return nil, fmt.Errorf("read links of scenes: %d accounts", len(accounts))
	}
	list, err := among(ctx, db, func(s scanner) (Link, error) { return scanLink(s) },
		"SELECT "+linkCols+linkFrom+" WHERE +l.account_id IN ("+placeholders(1, idsAtOnce)+") AND l.scene", names, padded(accounts)...)
	for _, l := range list {
		if other, ok := links[SceneOf{l.AccountID, l.Scene}]; !ok || speaks(l, other) {
			links[SceneOf{l.AccountID, l.Scene}] = l
		}
	}
	return links, wrap("read links of scenes", err)
}

// speaks tells whether a link speaks for its scene rather than another: one that is not archived, then the newest.
func speaks(l, other Link) bool {
	if (l.ArchivedAt == nil) != (other.ArchivedAt == nil) {
		return l.ArchivedAt == nil
	}
	return cmp.Or(l.CreatedAt.Compare(other.CreatedAt), strings.Compare(l.ID, other.ID)) > 0
}
