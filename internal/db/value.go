package db

import (
	"database/sql"
	"strings"
	"time"
)

// ms is the stored form of a time: unix milliseconds, 0 for the zero time.
func ms(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// fromMS is the inverse of ms, in UTC.
func fromMS(n int64) time.Time {
	if n == 0 {
		return time.Time{}
	}
	return time.UnixMilli(n).UTC()
}

// nullMS is the stored form of a time that may be missing.
func nullMS(t *time.Time) any {
	if t == nil {
		return nil
	}
	return ms(*t)
}

func fromNullMS(n sql.NullInt64) *time.Time {
	if !n.Valid {
		return nil
	}
	t := fromMS(n.Int64)
	return &t
}

func fromNullInt(n sql.NullInt64) *int {
	if !n.Valid {
		return nil
	}
	i := int(n.Int64)
	return &i
}

// clean makes text that every engine stores and gives back byte by byte: valid UTF-8 without NUL.
func clean(s string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\x00", "\uFFFD")
}

// fold is the form of text that searches compare: lower case.
func fold(s string) string { return strings.ToLower(clean(s)) }

// foldASCII is fold for columns that are folded by the engine while it reads.
func foldASCII(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + ('a' - 'A')
		}
		return r
	}, clean(s))
}

// maxSearch bounds what is searched for, in bytes.
const maxSearch = 400

// contains is the LIKE pattern, with ESCAPE '\', for text that has q in it.
func contains(q string) string {
	if len(q) > maxSearch {
		q = strings.ToValidUTF8(q[:maxSearch], "")
	}
	return "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(q) + "%"
}
