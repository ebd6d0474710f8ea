package live

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/kf"
)

// PickRule returns the rule for a scene of an account at a moment: one of the account before one for all, and of several
// the oldest.
func PickRule(rules []db.ReplyRule, account, scene string, at time.Time) (db.ReplyRule, bool) {
	var best db.ReplyRule
	found := false
	for _, r := range rules {
		if !r.Enabled || r.Scene != scene || r.AccountID != "" && r.AccountID != account || !inSlot(r, at) {
			continue
		}
		if !found || goesBefore(r, best) {
			best, found = r, true
		}
	}
	return best, found
}

// goesBefore reports whether a rule is preferred to another one of the same scene.
func goesBefore(a, b db.ReplyRule) bool {
	if a.AccountID != b.AccountID {
		return a.AccountID != ""
	}
	return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), strings.Compare(a.ID, b.ID)) < 0
}

// inSlot reports whether a moment is in the time slot of a rule. A slot that ends before it begins, or when it begins,
// runs over midnight and belongs to the day on which it began.
func inSlot(r db.ReplyRule, at time.Time) bool {
	at = at.In(kf.Beijing)
	minute, day := at.Hour()*60+at.Minute(), (int(at.Weekday())+6)%7
	on := func(day int) bool { return r.Days&(1<<day) != 0 }
	if r.From < r.To {
		return on(day) && minute >= r.From && minute < r.To
	}
	return minute >= r.From && on(day) || minute < r.To && on((day+6)%7)
}

// RuleDraft is the message of a rule: its text, or its menu, which is WeCom's msgmenu object. The text stands above the
// items of a menu that has no head of its own.
func RuleDraft(r db.ReplyRule) (kf.Draft, error) {
	draft := kf.Draft{Kind: kf.KindText, Content: kf.Text{Content: r.Text}}
	if len(r.Menu) > 0 {
		raw, err := json.Marshal(map[string]any{"msgtype": kf.KindMenu, kf.KindMenu: json.RawMessage(r.Menu)})
		if err != nil {
			return draft, fmt.Errorf("menu of a rule: %w", err)
		}
		menu, ok := kf.ParseMessage(raw).Content.(kf.Menu)
		if !ok {
			return draft, errors.New("menu of a rule: no msgmenu object")
		}
		if menu.Head == "" {
			menu.Head = r.Text
		}
		draft = kf.Draft{Kind: kf.KindMenu, Content: menu}
	}
	return draft, kf.CheckDraft(draft)
}
