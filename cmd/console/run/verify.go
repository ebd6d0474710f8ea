package run

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"kfconsole/internal/db"
)

// ErrBroken means that the audit log does not hold. What is wrong with it has been printed.
var ErrBroken = errors.New("the audit log does not hold")

// Head is a place in the audit log and the hash of the row there, as a verification prints it. The zero Head expects nothing.
type Head struct {
	Seq  int64
	Hash string
}

// ParseHead reads SEQ:HASH; nothing is the zero Head.
func ParseHead(text string) (h Head, err error) {
	if text == "" {
		return Head{}, nil
	}
	seq, hash, ok := strings.Cut(strings.TrimSpace(text), ":")
	h.Hash = strings.ToLower(hash)
	if h.Seq, err = strconv.ParseInt(seq, 10, 64); !ok || err != nil || h.Seq < 1 || h.Hash == "" {
		return Head{}, fmt.Errorf("want SEQ:HASH as a verification printed it, not %q", text)
	}
	return h, nil
}

// Verify reads the whole audit log of a data folder and prints whether it holds, and with a head that was noted earlier whether it
// still holds that: a chain alone cannot show that its end was cut off or that all of it was made anew.
func (o Outside) Verify(ctx context.Context, folder string, noted Head) error {
	return o.WithDB(ctx, folder, func(d *db.DB) error {
		v, err := d.VerifyAudit(ctx, nil)
		if err != nil {
			return err
		}
		verdict := "OK"
		if b := v.Broken; b != nil {
			verdict = strings.TrimSpace(fmt.Sprintf("broken at row %d %s %s", b.Seq, b.Table, b.ID)) + ": " + b.Reason + ", " + b.Detail
		} else if verdict, err = compare(ctx, d, v.Rows, noted); err != nil {
			return err
		}
		if _, err := fmt.Fprintf(o.Out, "rows %d\nhead %d:%s\n%s\n", v.Rows, v.Rows, v.Head, verdict); err != nil {
			return err
		}
		if verdict != "OK" {
			return ErrBroken
		}
		return nil
	})
}

func compare(ctx context.Context, d *db.DB, rows int64, noted Head) (verdict string, err error) {
	if noted.Seq > rows {
		return fmt.Sprintf("cut off: the log had %d rows and has %d", noted.Seq, rows), nil
	}
	if noted.Seq > 0 {
		hash, err := d.AuditHash(ctx, noted.Seq)
		if err != nil {
			return "", err
		}
		if hash != noted.Hash {
			return fmt.Sprintf("made anew: row %d had another hash when it was noted", noted.Seq), nil
		}
	}
	return "OK", nil
}
