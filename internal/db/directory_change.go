package db

import (
	"context"
	"slices"
	"strings"
	"time"
)

// TopicDirectory is the freshness topic that ReplaceDirectory sets.
const TopicDirectory = "directory"

// ReplaceDirectory stores the whole directory, read from WeCom at at, counts the people of each department and sets the
// freshness of TopicDirectory. Only what differs is written.
func (db *DB) ReplaceDirectory(ctx context.Context, departments []Department, people []Person, at time.Time) error {
	return wrap("replace directory", db.atomic(ctx, func(tx *DB) error {
		count := map[int64]int{}
		for _, p := range people {
			for _, id := range membership(p) {
				count[id]++
			}
		}
		if err := tx.replaceDepartments(ctx, departments, count); err != nil {
			return err
		}
		if err := tx.replacePeople(ctx, people); err != nil {
			return err
		}
		return tx.SetFreshness(ctx, Freshness{Topic: TopicDirectory, OKAt: &at, TriedAt: &at})
	}))
}

// membership returns the departments of a person, each once, in order.
func membership(p Person) []int64 {
	return slices.Compact(slices.Sorted(slices.Values(p.Departments)))
}

func (db *DB) replaceDepartments(ctx context.Context, departments []Department, count map[int64]int) error {
	stored, err := db.Departments(ctx)
	if err != nil {
		return err
	}
	left := make(map[int64]Department, len(stored))
	for _, d := range stored {
		left[d.ID] = d
	}
	for _, d := range departments {
		d.Name, d.People = clean(d.Name), count[d.ID]
		old, ok := left[d.ID]
		delete(left, d.ID)
		if ok && old == d {
			continue
		}
		_, err := db.exec(ctx, `INSERT INTO department (id, parent_id, name, name_key, search, sort_order, people)
			VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO UPDATE SET parent_id = excluded.parent_id,
			name = excluded.name, name_key = excluded.name_key, search = excluded.search, sort_order = excluded.sort_order,
			people = excluded.people`, d.ID, d.ParentID, d.Name, db.e.keys.of(d.Name), fold(d.Name), d.Order, d.People)
		if err != nil {
			return err
		}
	}
	for id := range left {
		if _, err := db.exec(ctx, "DELETE FROM department WHERE id = $1", id); err != nil {
			return err
		}
	}
	return nil
}

func (db *DB) replacePeople(ctx context.Context, people []Person) error {
	left, err := db.storedPeople(ctx)
	if err != nil {
		return err
	}
	for _, p := range people {
		key := fold(strings.TrimSpace(p.UserID))
		p.UserID, p.Name, p.Departments = clean(p.UserID), clean(p.Name), membership(p)
		old, ok := left[key]
		delete(left, key)
		if ok && old.UserID == p.UserID && old.Name == p.Name && old.Status == p.Status && slices.Equal(old.Departments, p.Departments) {
			continue
		}
		if err := db.putPerson(ctx, key, p); err != nil {
			return err
		}
	}
	for key := range left {
		if _, err := db.exec(ctx, "DELETE FROM person_department WHERE user_key = $1", key); err != nil {
			return err
		}
		if _, err := db.exec(ctx, "DELETE FROM person WHERE user_key = $1", key); err != nil {
			return err
		}
	}
	return nil
}

// storedPeople reads the whole directory by key.
func (db *DB) storedPeople(ctx context.Context) (map[string]Person, error) {
	people := map[string]Person{}
	err := db.each(ctx, func(s scanner) error {
		var p keyedPerson
		if err := s.Scan(&p.key, &p.UserID, &p.Name, &p.Status); err != nil {
			return err
		}
		people[p.key] = p.Person
		return nil
	}, "SELECT user_key, user_id, name, status FROM person")
	if err != nil {
		return nil, err
	}
	err = db.each(ctx, func(s scanner) error {
		var key string
		var id int64
		if err := s.Scan(&key, &id); err != nil {
			return err
		}
		p := people[key]
		p.Departments = append(p.Departments, id)
		people[key] = p
		return nil
	}, "SELECT user_key, department_id FROM person_department ORDER BY user_key, department_id")
	return people, err
}

func (db *DB) putPerson(ctx context.Context, key string, p Person) error {
	_, err := db.exec(ctx, `INSERT INTO person (user_key, user_id, name, name_key, search, status) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (user_key) DO UPDATE SET user_id = excluded.user_id, name = excluded.name, name_key = excluded.name_key,
		search = excluded.search, status = excluded.status`,
		key, p.UserID, p.Name, db.e.keys.of(p.Name), fold(p.Name)+"\n"+key, p.Status)
	if err != nil {
		return err
	}
	if _, err := db.exec(ctx, "DELETE FROM person_department WHERE user_key = $1", key); err != nil {
		return err
	}
	for _, id := range p.Departments {
		_, err := db.exec(ctx, "INSERT INTO person_department (user_key, department_id) VALUES ($1, $2)", key, id)
		if err != nil {
			return err
		}
	}
	return nil
}
