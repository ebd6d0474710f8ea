package ops

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"kfconsole/internal/auth"
	"kfconsole/internal/db"
)

// Verbs of a servicer run.
const (
	Add    = "add"
	Remove = "remove"
)

// Limits of the servicers of one account, and so of one run.
const (
	MaxServicers   = 2000
	MaxDepartments = 20
)

// ServicerChange is the form that adds or removes servicers.
type ServicerChange struct {
	IntentID, AccountID string
	Verb                string // Add or Remove
	UserIDs             []string
	Departments         []int64
}

// StartServicers writes a servicer run down and returns its id, which is the intent's, at once; Work executes it, and db.Run and
// db.RunItems tell how far it is.
//
// Errors: ErrDenied, db.ErrNotFound, *Invalid (verb, users, departments, account), *Duplicate, *Locked (another run on this account
// is not finished), ErrStorage.
func (o *Ops) StartServicers(ctx context.Context, actor auth.Actor, c ServicerChange) (string, error) {
	return o.startRun(ctx, actor, c, "")
}

func (o *Ops) startRun(ctx context.Context, actor auth.Actor, c ServicerChange, undoes string) (string, error) {
	target, account, err := o.account(ctx, c.AccountID)
	target.Kind = KindServicer
	action := ServicerAdd
	if c.Verb == Remove {
		action = ServicerRemove
	}
	if err := o.permit(ctx, actor, action, target, c.IntentID); err != nil {
		return "", err
	}
	if err != nil {
		return "", err
	}
	input, err := servicerInput(c)
	if err != nil {
		return "", err
	}
	before, err := o.present(ctx, account.ID, input)
	if err != nil {
		return "", err
	}
	plan := change{
		id: c.IntentID, action: action, target: target, lock: "servicer:" + account.ID, undoes: undoes, input: input, before: before,
	}
	intent, err := o.intent(actor, plan)
	if err != nil {
		return "", err
	}
	items, err := o.items(ctx, input)
	if err != nil {
		return "", err
	}
	plan.check = func(ctx context.Context, tx *db.DB) error {
		now, err := tx.Account(ctx, account.ID)
		if err != nil {
			return err
		}
		return changeable(now)
	}
	plan.keep = func(ctx context.Context, tx *db.DB) error {
		run := db.Run{ID: intent.ID, AccountID: account.ID, Verb: c.Verb, OperatorID: actor.ID, CreatedAt: intent.At, Total: len(items), Pending: len(items)}
		return tx.InsertRun(ctx, run, items)
	}
	if err := o.begin(ctx, intent, plan); err != nil {
		return "", err
	}
	o.nudge()
	return intent.ID, nil
}

// servicerInput checks the form and folds what is in it twice.
func servicerInput(c ServicerChange) (servicerPayload, error) {
	input := servicerPayload{Users: []string{}, Departments: []string{}}
	if c.Verb != Add && c.Verb != Remove {
		return input, &Invalid{Field: "verb", Rule: "chars"}
	}
	seen := map[string]bool{}
	for _, id := range c.UserIDs {
		if !userID.MatchString(id) {
			return input, &Invalid{Field: "users", Rule: "id"}
		}
		if key := strings.ToLower(id); !seen[key] {
			seen[key] = true
			input.Users = append(input.Users, id)
		}
	}
	for _, id := range c.Departments {
		if id <= 0 {
			return input, &Invalid{Field: "departments", Rule: "id"}
		}
		if key := "#" + strconv.FormatInt(id, 10); !seen[key] {
			seen[key] = true
			input.Departments = append(input.Departments, key[1:])
		}
	}
	switch {
	case len(seen) == 0:
		return input, &Invalid{Field: "users", Rule: "required"}
	case len(input.Users) > MaxServicers:
		return input, &Invalid{Field: "users", Rule: "limit", Limit: MaxServicers}
	case len(input.Departments) > MaxDepartments:
		return input, &Invalid{Field: "departments", Rule: "limit", Limit: MaxDepartments}
	}
	return input, nil
}

// present returns those of the input that are servicers by our mirror. With it a row whose result was lost is told apart from one
// that was like that before, and undoing leaves the latter alone.
func (o *Ops) present(ctx context.Context, accountID string, input servicerPayload) (servicerPayload, error) {
	there := servicerPayload{Users: []string{}, Departments: []string{}}
	known := map[member]bool{}
	var after db.Cursor
	for {
		rows, page, err := o.db.Servicers(ctx, accountID, db.ServicerFilter{}, after, 500)
		if err != nil {
			return there, fmt.Errorf("read servicers: %w", err)
		}
		for _, row := range rows {
			known[memberOf(row.Kind, row.MemberID)] = true
		}
		if after = page.Next; after == "" {
			break
		}
	}
	for _, id := range input.Users {
		if known[memberOf(db.KindUser, id)] {
			there.Users = append(there.Users, id)
		}
	}
	for _, id := range input.Departments {
		if known[memberOf(db.KindDepartment, id)] {
			there.Departments = append(there.Departments, id)
		}
	}
	return there, nil
}

// member is a person or department, the same whatever the case of its id.
type member struct{ kind, id string }

func memberOf(kind, id string) member { return member{kind, strings.ToLower(id)} }

// items lays the rows of a run out: people first, then departments, with their names as the directory knows them now.
func (o *Ops) items(ctx context.Context, input servicerPayload) ([]db.RunItem, error) {
	people, err := o.db.PeopleByIDs(ctx, input.Users)
	if err != nil {
		return nil, fmt.Errorf("read people: %w", err)
	}
	var names map[string]string
	if len(input.Departments) > 0 {
		if names, err = o.departmentNames(ctx); err != nil {
			return nil, err
		}
	}
	var items []db.RunItem
	add := func(kind, id, name string) {
		items = append(items, db.RunItem{Pos: len(items) + 1, Kind: kind, MemberID: id, Name: name, State: db.ItemPending})
	}
	for _, id := range input.Users {
		add(db.KindUser, id, people[strings.ToLower(id)].Name)
	}
	for _, id := range input.Departments {
		add(db.KindDepartment, id, names[id])
	}
	return items, nil
}

func (o *Ops) departmentNames(ctx context.Context) (map[string]string, error) {
	departments, err := o.db.Departments(ctx)
	if err != nil {
		return nil, fmt.Errorf("read departments: %w", err)
	}
	names := map[string]string{}
	for _, each := range departments {
		names[strconv.FormatInt(each.ID, 10)] = each.Name
	}
	return names, nil
}
