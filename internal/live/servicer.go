package live

import (
	"context"
	"fmt"
	"strconv"

	"kfconsole/internal/db"
	"kfconsole/internal/kf"
)

// servicers lists the servicers of one account, which WeCom does in one answer, and makes the copy equal to it.
func (m *Mirror) servicers(ctx context.Context, accountID string) error {
	if _, err := m.db.Account(ctx, accountID); err != nil {
		return fmt.Errorf("refresh %s: %w", ServicersTopic(accountID), err)
	}
	began := m.now()
	m.ring.touch(accountID, began)
	list, err := call(ctx, m, func(ctx context.Context) ([]kf.Servicer, error) {
		return m.kf.ListServicers(ctx, kf.AccountID(accountID))
	})
	rows := servicerRows(accountID, list)
	return m.keep(ctx, ServicersTopic(accountID), began, err, func(ctx context.Context, tx *db.DB) error {
		return tx.ReplaceServicers(ctx, accountID, rows, began)
	})
}

func servicerRows(accountID string, list []kf.Servicer) []db.Servicer {
	rows := make([]db.Servicer, 0, len(list))
	for _, s := range list {
		row := db.Servicer{AccountID: accountID, Kind: db.KindUser, MemberID: string(s.UserID), StopType: s.StopType}
		if s.UserID == "" {
			row.Kind, row.MemberID = db.KindDepartment, strconv.FormatInt(int64(s.Department), 10)
		}
		if s.Status != nil {
			status := int(*s.Status)
			row.Status = &status
		}
		rows = append(rows, row)
	}
	return rows
}
