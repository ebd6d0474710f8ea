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
	members := make([][]kf.User, len(tree))
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

// members lists one department: with the status of each member, or without where WeCom refuses only that. A department that
// is not there any more, or that the application may not look into, has none.
func (m *Mirror) members(ctx context.Context, id kf.DepartmentID) ([]kf.User, error) {
	list, err := call(ctx, m, func(ctx context.Context) ([]kf.User, error) { return m.kf.DepartmentUsers(ctx, id) })
	if refusedWith(err, codeTooLarge, codeUnauthorized, codeForbidden, codeNoDetails, codeNoRight) {
		list, err = call(ctx, m, func(ctx context.Context) ([]kf.User, error) { return m.names(ctx, id) })
	}
	if refusedWith(err, codeNoDepartment, codeNoRight, codeUnknownDepartment) {
		return nil, nil
	}
	return list, err
}

// names lists one department without the status of its members.
func (m *Mirror) names(ctx context.Context, id kf.DepartmentID) ([]kf.User, error) {
	members, err := m.kf.DepartmentMembers(ctx, id)
	users := make([]kf.User, 0, len(members))
	for _, each := range members {
		users = append(users, kf.User{ID: each.UserID, Name: each.Name, Departments: each.Departments})
	}
	return users, err
}

// The errcodes of a department that cannot be listed, or not with all that is known of its members.
const (
	codeTooLarge          = 45029
	codeUnauthorized      = 48001
	codeForbidden         = 48002
	codeNoDetails         = 48009
	codeNoDepartment      = 60003
	codeNoRight           = 60011
	codeUnknownDepartment = 60123
)

// refusedWith reports whether err is a refusal with one of the errcodes.
func refusedWith(err error, codes ...int) bool {
	refused := new(kf.Error)
	return errors.As(err, &refused) && slices.Contains(codes, refused.Code)
}

// mergePeople makes one person of the rows that name the same userid, in any case, and adds up their departments. The
// first status that is known counts.
func mergePeople(lists [][]kf.User) []db.Person {
	at := map[string]int{}
	var people []db.Person
	for _, list := range lists {
		for _, member := range list {
			key := strings.ToLower(string(member.ID))
			i, ok := at[key]
			if !ok {
				i = len(people)
				at[key] = i
				people = append(people, db.Person{UserID: string(member.ID), Name: member.Name})
			}
			people[i].Status = cmp.Or(people[i].Status, int(member.Status))
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
