package db

import (
	"context"
	"slices"
)

// Department of the corp's directory.
type Department struct {
	ID, ParentID int64
	Name         string
	Order        int64 // WeCom: a greater one comes first among siblings
	People       int   // members of this department itself; counted by ReplaceDirectory
}

// Person of the corp's directory.
type Person struct {
	UserID, Name string
	Status       int // 1 active, 2 disabled, 4 not activated, 5 left; 0 unknown
	Departments  []int64
}

// Departments returns the whole tree: by parent, siblings in WeCom's order.
func (db *DB) Departments(ctx context.Context) ([]Department, error) {
	l, err := all(ctx, db, func(s scanner) (d Department, err error) {
		return d, s.Scan(&d.ID, &d.ParentID, &d.Name, &d.Order, &d.People)
	}, "SELECT id, parent_id, name, sort_order, people FROM department ORDER BY parent_id, sort_order DESC, id")
	return l, wrap("list departments", err)
}

// People returns people by name: those with q in name or id in any case ("" = all), of one department itself (0 = all),
// at most limit (0 = 50).
func (db *DB) People(ctx context.Context, q string, departmentID int64, limit int) ([]Person, error) {
	sel := query{sel: "SELECT p.user_key, p.user_id, p.name, p.status FROM person p"}
	if departmentID != 0 {
		sel.sel += " JOIN person_department pd ON pd.user_key = p.user_key"
		sel.add("pd.department_id = ?", departmentID)
	}
	if q != "" {
		sel.add(`p.search LIKE ? ESCAPE '\'`, contains(fold(q)))
	}
	text := sel.seek(order{cols: []string{"p.name_key", "p.user_key"}}, place{}, clampLimit(limit))
	people, err := db.people(ctx, text, sel.args...)
	if err != nil {
		return nil, wrap("search people", err)
	}
	list := make([]Person, len(people))
	for i, p := range people {
		list[i] = p.Person
	}
	return list, nil
}

// PeopleByIDs returns the people with these user ids in any case. The keys of the map are lower case; ids that the
// directory does not know are missing.
func (db *DB) PeopleByIDs(ctx context.Context, ids []string) (map[string]Person, error) {
	found := make(map[string]Person, len(ids))
	for part := range slices.Chunk(ids, idsAtOnce) {
		args := padded(part)
		for i := range args {
			args[i] = servicerKeyOf(args[i].(string))
		}
		people, err := db.people(ctx, "SELECT p.user_key, p.user_id, p.name, p.status FROM person p WHERE p.user_key IN ("+
			placeholders(1, idsAtOnce)+")", args...)
		if err != nil {
			return nil, wrap("read people", err)
		}
		for _, p := range people {
			found[p.key] = p.Person
		}
	}
	return found, nil
}

const idsAtOnce = 100

type keyedPerson struct {
	Person
	key string
}

// people reads people and their departments.
func (db *DB) people(ctx context.Context, text string, args ...any) ([]keyedPerson, error) {
	list, err := all(ctx, db, func(s scanner) (p keyedPerson, err error) {
		return p, s.Scan(&p.key, &p.UserID, &p.Name, &p.Status)
	}, text, args...)
	if err != nil {
		return nil, err
	}
	for i := range list {
		list[i].Departments, err = all(ctx, db, scanInt,
			"SELECT department_id FROM person_department WHERE user_key = $1 ORDER BY department_id", list[i].key)
		if err != nil {
			return nil, err
		}
	}
	return list, nil
}
