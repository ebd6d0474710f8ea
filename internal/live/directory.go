package live

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"kfconsole/internal/db"
	"kfconsole/internal/kf"
)

// directory lists the departments that the application can see, then the members of each, and makes the copy equal to it.
func (m *Mirror) directory(ctx context.Context) error {
	began := m.now()
	known, err := m.db.Departments(ctx)
	if err != nil {
		return fmt.Errorf("refresh %s: %w: %w", TopicDirectory, errStore, err)
	}
	tree, err := call(ctx, m, m.kf.Departments)
	if err == nil && len(tree) == 0 && !m.doubt.believe(TopicDirectory, len(known) == 0, began, m.every.Directory) {
		err = ErrEmpty
	}
	var people []db.Person
	if err == nil {
		people, err = m.people(ctx, tree)
	}
	departments := departmentRows(tree)
	err = m.keep(ctx, TopicDirectory, began, err, func(ctx context.Context, tx *db.DB) error {
		return tx.ReplaceDirectory(ctx, departments, people, began)
	})
	if err == nil && len(tree) > 0 {
		m.doubt.trust(TopicDirectory)
	}
	return err
}

// people lists the members of all departments. The first failure ends it: a directory with holes would look like people
// who left.
func (m *Mirror) people(ctx context.Context, tree []kf.Department) ([]db.Person, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	members := make([][]kf.Member, len(tree))
	next := make(chan int)
	var work sync.WaitGroup
	for range min(callsAtOnce, len(tree)) {
		work.Go(func() {
			for i := range next {
				list, err := m.members(ctx, tree[i].ID)
				if err != nil {
					cancel(err)
				}
				members[i] = list
			}
		})
	}
	for i := range tree {
		if ctx.Err() != nil {
			break
		}
		next <- i
	}
	close(next)
	work.Wait()
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	return mergePeople(members), nil
}

// members lists one department. One that is not there any more, or that the application may not look into, has none.
func (m *Mirror) members(ctx context.Context, id kf.DepartmentID) ([]kf.Member, error) {
	list, err := call(ctx, m, func(ctx context.Context) ([]kf.Member, error) { return m.kf.DepartmentMembers(ctx, id) })
	refused := new(kf.Error)
	if errors.As(err, &refused) && (refused.Code == 60003 || refused.Code == 60011 || refused.Code == 60123) {
		return nil, nil
	}
	return list, err
}

// mergePeople makes one person of the rows that name the same userid, in any case, and adds up their departments.
func mergePeople(lists [][]kf.Member) []db.Person {
	at := map[string]int{}
	var people []db.Person
	for _, list := range lists {
		for _, member := range list {
			key := strings.ToLower(string(member.UserID))
			i, ok := at[key]
			if !ok {
				i = len(people)
				at[key] = i
				people = append(people, db.Person{UserID: string(member.UserID), Name: member.Name})
			}
			for _, id := range member.Departments {
				if !slices.Contains(people[i].Departments, int64(id)) {
					people[i].Departments = append(people[i].Departments, int64(id))
				}
			}
		}
	}
	slices.SortFunc(people, func(a, b db.Person) int { return cmp.Compare(a.UserID, b.UserID) })
	return people
}

func departmentRows(tree []kf.Department) []db.Department {
	rows := make([]db.Department, 0, len(tree))
	seen := map[kf.DepartmentID]bool{}
	for _, d := range tree {
		if !seen[d.ID] {
			seen[d.ID] = true
			rows = append(rows, db.Department{ID: int64(d.ID), ParentID: int64(d.ParentID), Name: d.Name, Order: d.Order})
		}
	}
	return rows
}
