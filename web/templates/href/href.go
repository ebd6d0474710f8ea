// Package href builds every address of the console, so that no template and no
// handler writes a path by hand. It knows paths and queries, nothing else.
package href

import (
	"maps"
	"net/url"
	"slices"
	"strings"
)

// Query is an ordered set of query values; empty ones are left out.
type Query struct{ values url.Values }

// Q starts a query from name and value pairs.
func Q(pairs ...string) Query {
	q := Query{values: url.Values{}}
	for i := 0; i+1 < len(pairs); i += 2 {
		q = q.With(pairs[i], pairs[i+1])
	}
	return q
}

// With returns the query with one value set, or removed when it is empty.
func (q Query) With(name, value string) Query {
	next := maps.Clone(q.values)
	if next == nil {
		next = url.Values{}
	}
	if value == "" {
		next.Del(name)
	} else {
		next.Set(name, value)
	}
	return Query{values: next}
}

// Without returns the query without some names.
func (q Query) Without(names ...string) Query {
	for _, n := range names {
		q = q.With(n, "")
	}
	return q
}

// Get returns a value, "" when it is not set.
func (q Query) Get(name string) string { return q.values.Get(name) }

// On joins a path and the query; an empty query adds nothing.
func (q Query) On(path string) string {
	if len(q.values) == 0 {
		return path
	}
	return path + "?" + q.values.Encode()
}

// Pairs lists the query as name and value pairs in the order of the names, for
// the hidden fields of a form.
func (q Query) Pairs() [][2]string {
	var out [][2]string
	for _, name := range slices.Sorted(maps.Keys(q.values)) {
		out = append(out, [2]string{name, q.values.Get(name)})
	}
	return out
}

// Fixed addresses.
const (
	Overview          = "/"
	Login             = "/login"
	Logout            = "/logout"
	Setup             = "/setup"
	Me                = "/me"
	MePassword        = "/me/password"
	MeSessions        = "/me/sessions"
	Display           = "/me/display"
	Accounts          = "/accounts"
	AccountNew        = "/accounts/new"
	Refresh           = "/accounts/refresh"
	Conversations     = "/conversations"
	ConversationsMove = "/conversations/move"
	Links             = "/links"
	LinkNew           = "/links/new"
	Audit             = "/audit"
	Verify            = "/audit/verify"
	Search            = "/search"

	Customers       = "/customers"
	CustomerRefresh = "/customers/refresh"
	Scenes          = "/links/scenes"
	Replies         = "/settings/replies"
	ReplyNew        = "/settings/replies/new"
	ReplyTest       = "/settings/replies/test"
	ReplyLog        = "/settings/replies/log"
	Health          = "/settings/health"
	Callback        = "/callback"
)

// Account is one account's page; part is "", "servicers", "links", "audit",
// "edit", "delete", "picture" and what lies below them.
func Account(id string, part ...string) string { return join(Accounts+"/"+url.PathEscape(id), part) }

// Conversation is one conversation's page; part is "", "move", "messages", "preview",
// "picture", "media" and the number of a row.
func Conversation(id string, part ...string) string {
	return join(Conversations+"/"+url.PathEscape(id), part)
}

// Link is one link's page; part is "", "edit", "archive", "restore", "qr.svg",
// "qr.png", "print".
func Link(id string, part ...string) string { return join(Links+"/"+url.PathEscape(id), part) }

// AuditEntry is one audit entry's page; part is "", "undo", "settle".
func AuditEntry(id string, part ...string) string { return join(Audit+"/"+url.PathEscape(id), part) }

// AuditExport is the audit log as a file; format is csv, jsonl or xlsx.
func AuditExport(format string) string { return Audit + "." + format }

// Run is the page of one chunked change of servicers.
func Run(id string) string { return "/runs/" + url.PathEscape(id) }

// Scene is the form that names a scene.
func Scene(scene string) string { return Scenes + "/" + url.PathEscape(scene) }

// Customer is one customer's page; part is "", "erase".
func Customer(id string, part ...string) string { return join(Customers+"/"+url.PathEscape(id), part) }

// Reply is the form of one rule of coded messages; part is "", "delete".
func Reply(id string, part ...string) string { return join(Replies+"/"+url.PathEscape(id), part) }

// Done is an address, with or without a query, and the audit entry whose outcome the
// page shall announce.
func Done(address, intentID string) string { return With(address, "done", intentID) }

// With is an address, with or without a query, and one more value of its query.
func With(address, name, value string) string {
	path, query, _ := strings.Cut(address, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		values = nil
	}
	return Query{values: values}.With(name, value).On(path)
}

func join(path string, part []string) string {
	for _, p := range part {
		if p != "" {
			path += "/" + p
		}
	}
	return path
}
