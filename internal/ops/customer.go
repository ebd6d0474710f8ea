package ops

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"kfconsole/internal/auth"
	"kfconsole/internal/db"
)

// Erase is the form that erases a customer. Typed must be the customer's name or id.
type Erase struct{ IntentID, CustomerID, Typed string }

// erasedPayload is the after of an erasure: how much went, and nothing of it.
type erasedPayload struct {
	Conversations int `json:"conversations"`
	Messages      int `json:"messages"`
	Media         int `json:"media"`
}

// EraseCustomer takes away what we keep of a customer: profile, conversations, messages and their files. The audit log says that it was done,
// and knows the customer by a hash of WeCom's id only. WeCom keeps what it has; what the customer writes from now on is kept again.
//
// Errors: ErrDenied, db.ErrNotFound, *Invalid (typed: typed), *Duplicate, ErrStorage.
func (o *Ops) EraseCustomer(ctx context.Context, actor auth.Actor, e Erase) (Result, error) {
	target := Target{Kind: KindCustomer, ID: CustomerHash(e.CustomerID)}
	if err := o.permit(ctx, actor, CustomerErase, target, e.IntentID); err != nil {
		return Result{}, err
	}
	customer, err := o.db.Customer(ctx, e.CustomerID)
	if err != nil {
		return Result{}, fmt.Errorf("read customer: %w", err)
	}
	typed := strings.TrimSpace(e.Typed)
	if typed == "" || typed != strings.TrimSpace(customer.Name) && typed != customer.ID {
		return Result{}, &Invalid{Field: "typed", Rule: "typed"}
	}
	var gone erasedPayload
	result, err := o.local(ctx, actor, change{id: e.IntentID, action: CustomerErase, target: target}, &gone, func(tx *db.DB) error {
		erased, err := tx.EraseCustomer(ctx, customer.ID, o.now())
		if err != nil {
			return err
		}
		gone = erasedPayload{erased.Conversations, erased.Messages, erased.Media}
		for _, topic := range []string{"customers", "conversations"} {
			if err := tx.AddChange(ctx, topic, ""); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return result, err
	}
	// The rows are gone; files that could not be deleted now are deleted with the next round of Work.
	if err := o.db.DropBlobs(ctx); err != nil {
		o.log.Warn("files of an erased customer are not deleted yet", "intent", result.IntentID, "error", err)
	}
	return result, nil
}

// CustomerHash is how the audit log knows a customer: the SHA-256 of WeCom's id, in hex.
func CustomerHash(customerID string) string {
	sum := sha256.Sum256([]byte(customerID))
	return hex.EncodeToString(sum[:])
}
