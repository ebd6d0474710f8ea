package ops

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"kfconsole/internal/db"
)

// Why a person cannot be given a conversation, as Rule of an *Invalid of the field servicer.
const (
	NotServing = "not_servicer" // serves the account neither directly nor by a department
	OffDuty    = "off_duty"     // has stopped or suspended serving
)

// Receiver is a person to whom a conversation of an account can be moved.
type Receiver struct {
	UserID, Name string
	Department   string // by which the person serves, "" for one who serves directly
	OnDuty       bool   // as far as our copy knows
}

// MaxReceivers bounds what Receivers returns.
const MaxReceivers = 500

// Receivers lists who serves an account by our copy: the people among its servicers first, those on duty before the others, then the
// members of its departments, as far as the directory is known; at most MaxReceivers.
func (o *Ops) Receivers(ctx context.Context, accountID string) ([]Receiver, error) {
	rows, err := servicersOf(ctx, o.db, accountID)
	if err != nil {
		return nil, fmt.Errorf("receivers: %w", err)
	}
	var people []Receiver
	seen := map[string]bool{}
	for _, row := range rows {
		if row.Kind == db.KindUser {
			seen[strings.ToLower(row.MemberID)] = true
			people = append(people, Receiver{UserID: row.MemberID, Name: row.Name, OnDuty: onDuty(row)})
		}
	}
	slices.SortStableFunc(people, func(a, b Receiver) int {
		switch {
		case a.OnDuty == b.OnDuty:
			return 0
		case a.OnDuty:
			return -1
		}
		return 1
	})
	tree, err := departmentsBelow(ctx, o.db, rows)
	if err != nil {
		return nil, fmt.Errorf("receivers: %w", err)
	}
	for _, department := range tree {
		if len(people) >= MaxReceivers {
			break
		}
		members, err := o.db.People(ctx, "", department.ID, MaxReceivers)
		if err != nil {
			return nil, fmt.Errorf("receivers: %w", err)
		}
		for _, p := range members {
			if key := strings.ToLower(p.UserID); !seen[key] && canServe(p) {
				seen[key] = true
				people = append(people, Receiver{UserID: p.UserID, Name: p.Name, Department: department.Name, OnDuty: true})
			}
		}
	}
	return people[:min(len(people), MaxReceivers)], nil
}

// serves checks by our copy that a person serves the account and is on duty. An account whose servicers were never listed is left to
// WeCom, which says 95014 or 95019; so is somebody who serves by a department, of whom WeCom tells no state.
func (o *Ops) serves(ctx context.Context, tx *db.DB, accountID, userID string) error {
	rows, err := servicersOf(ctx, tx, accountID)
	if err != nil {
		return err
	}
	for _, row := range rows {
		if row.Kind != db.KindUser || !strings.EqualFold(row.MemberID, userID) {
			continue
		}
		if !onDuty(row) {
			return &Invalid{Field: "servicer", Rule: OffDuty}
		}
		return nil
	}
	if len(rows) == 0 {
		return nil
	}
	people, err := tx.PeopleByIDs(ctx, []string{userID})
	if err != nil {
		return err
	}
	person, known := people[strings.ToLower(userID)]
	if !known {
		return &Invalid{Field: "servicer", Rule: NotServing}
	}
	tree, err := departmentsBelow(ctx, tx, rows)
	if err != nil {
		return err
	}
	for _, department := range tree {
		if slices.Contains(person.Departments, department.ID) {
			return nil
		}
	}
	return &Invalid{Field: "servicer", Rule: NotServing}
}

func onDuty(s db.Servicer) bool { return s.Status == nil || *s.Status == db.StatusServing }

// canServe is false for people who are known not to use WeCom.
func canServe(p db.Person) bool { return p.Status == 0 || p.Status == 1 }

func servicersOf(ctx context.Context, d *db.DB, accountID string) ([]db.Servicer, error) {
	rows, _, err := d.Servicers(ctx, accountID, db.ServicerFilter{}, "", maxRows)
	return rows, err
}

// departmentsBelow returns the departments that serve, with all below them: who is in one of these serves the account.
func departmentsBelow(ctx context.Context, d *db.DB, servicers []db.Servicer) ([]db.Department, error) {
	serving := map[int64]bool{}
	for _, row := range servicers {
		if row.Kind != db.KindDepartment {
			continue
		}
		if id, err := strconv.ParseInt(row.MemberID, 10, 64); err == nil {
			serving[id] = true
		}
	}
	if len(serving) == 0 {
		return nil, nil
	}
	all, err := d.Departments(ctx)
	if err != nil {
		return nil, err
	}
	parent := map[int64]int64{}
	for _, each := range all {
		parent[each.ID] = each.ParentID
	}
	var tree []db.Department
	for _, each := range all {
		// The steps are bounded, should the directory ever hold a ring.
		for id, steps := each.ID, 0; id != 0 && steps < len(all); id, steps = parent[id], steps+1 {
			if serving[id] {
				tree = append(tree, each)
				break
			}
		}
	}
	return tree, nil
}
