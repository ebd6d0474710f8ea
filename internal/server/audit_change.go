package server

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"kfconsole/internal/db"
	"kfconsole/internal/ops"
	"kfconsole/web/templates/ui"
)

// fieldOrder is the order in which the parts of a change are told. Parts that are
// not in it are for the machine alone.
var fieldOrder = []string{"state", "servicer", "conversations", "messages", "media", "type", "bytes", "part", "parts",
	"name", "picture", "account", "moment", "days", "from", "to", "text", "enabled", "scene", "campaign", "note", "url", "archived", "role", "users", "departments", "servicers", "links",
	"done", "ignored", "failed", "locale", "theme", "zone", "ended", "format", "filter", "rows", "head", "broken", "reason", "method", "path", "permission", "origin", "suppressed"}

// diff lists what an entry turned into what: from before to after where it is done,
// else to what was asked for.
func diff(r *request, e db.Entry) []fieldChange {
	before, after := object(e.Before), object(e.Input)
	if e.Outcome != nil && e.Outcome.After != "" {
		after = object(e.Outcome.After)
		for k, v := range object(e.Input) {
			if _, told := after[k]; !told && (k == "users" || k == "departments" || k == "format" || k == "filter" || k == "state" || k == "servicer") {
				after[k] = v
			}
		}
	}
	if e.Action == ops.ServicerAdd || e.Action == ops.ServicerRemove {
		before = nil
	}
	t := r.t().Audit
	var changes []fieldChange
	for _, k := range fieldOrder {
		b, a := valueText(r, k, before[k]), valueText(r, k, after[k])
		if a == b || (b != "" && a == "" && e.Action == ops.AccountUpdate) {
			continue
		}
		changes = append(changes, fieldChange{k, ui.Change{Field: t.Fields[k], Before: b, After: a, Mono: k == "scene" || k == "url" || k == "head" || k == "path"}})
	}
	return changes
}

// fieldChange is a change in words with the name that the log has for the field.
type fieldChange struct {
	key string
	ui.Change
}

// worded are the changes without the names of the log.
func worded(changes []fieldChange) []ui.Change {
	var list []ui.Change
	for _, c := range changes {
		list = append(list, c.Change)
	}
	return list
}

// object reads the small JSON of an entry; anything else is nothing.
func object(text string) map[string]any {
	m := map[string]any{}
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	if d.Decode(&m) != nil {
		return map[string]any{}
	}
	return m
}

// valueText puts one value of an entry into words.
func valueText(r *request, field string, v any) string {
	t := r.t()
	switch v := v.(type) {
	case string:
		switch field {
		case "role":
			return t.Common.Roles[v]
		case "moment":
			return t.Reply.Scenes[v]
		case "type":
			return t.Conversation.Kinds[v]
		}
		return v
	case bool:
		if v {
			return t.Audit.Yes
		}
		return t.Audit.No
	case json.Number:
		if n, err := strconv.Atoi(v.String()); err == nil && field == "state" {
			return t.Conversation.States[n]
		}
		return v.String()
	case []any:
		if field == "days" {
			return dayText(r, v)
		}
		return listText(v)
	case map[string]any:
		if sha, ok := v["sha256"].(string); ok && sha != "" {
			return t.Audit.PictureOf(sha[:min(12, len(sha))])
		}
	}
	return ""
}

// dayText names days of the week, of which Monday is 1.
func dayText(r *request, list []any) string {
	var names []string
	for _, v := range list {
		n, err := strconv.Atoi(fmt.Sprint(v))
		if words := r.t().Reply.Days; err == nil && n >= 1 && n <= len(words) {
			names = append(names, words[n-1])
		}
	}
	return strings.Join(names, " ")
}

// listed is how many items of a list are told one by one.
const listed = 12

func listText(list []any) string {
	var items []string
	for i, v := range list {
		if i == listed {
			items = append(items, "… +"+strconv.Itoa(len(list)-listed))
			break
		}
		items = append(items, fmt.Sprint(v))
	}
	return strings.Join(items, ", ")
}

// changeLine says in one line what an entry changed, or why it did not.
func (s *Server) changeLine(r *request, e db.Entry) string {
	if e.Outcome != nil && e.Outcome.Errcode != 0 {
		return strconv.Itoa(e.Outcome.Errcode) + " " + explain(r.t().Lang, e.Outcome.Errcode, "").Meaning
	}
	var parts []string
	for _, c := range diff(r, e) {
		if c.key == "account" || (c.Before == "" && c.After == e.TargetName) {
			// The line stands beside its target.
			continue
		}
		switch {
		case c.Before != "" && c.After != "":
			parts = append(parts, c.Field+": "+c.Before+" → "+c.After)
		case c.After != "" && (c.key != "users" || e.Outcome == nil):
			parts = append(parts, c.Field+": "+c.After)
		case c.Before != "":
			parts = append(parts, c.Field+": "+c.Before)
		}
		if len(parts) == 3 {
			break
		}
	}
	return strings.Join(parts, " · ")
}
