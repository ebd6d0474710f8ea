package live

import (
	"testing"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/kf"
	"kfconsole/internal/kf/kfsim"
)

// TestExpiry: 48 hours after the customer's last message a conversation is ended, as WeCom has it, without any event.
func TestExpiry(t *testing.T) {
	d := newDesk(t)
	ctx := t.Context()
	account, servicer := d.staff()
	s := d.syncer()
	d.run(s)
	wrote := d.clock()
	customer, err := d.sim.CustomerEnters(account, "web", "", kfsim.CustomerCard{})
	d.must(err)
	_, err = d.sim.CustomerSends(account, customer, kfsim.TextContent("在吗"))
	d.must(err)
	_, err = d.kf.TransferState(ctx, kf.AccountID(account), kf.CustomerID(customer), kf.StateQueue, "")
	d.must(err)
	d.must(d.sim.ServicerPicks(account, customer, servicer))
	read := func() db.Conversation {
		c, err := d.db.ConversationOf(ctx, account, customer)
		if err != nil {
			return db.Conversation{State: -1}
		}
		return c
	}
	d.until("the servicer has it", 0, func() bool { return read().State == db.StateHuman })
	d.pass(48*time.Hour - time.Second)
	d.until("the account was synced late", 0, func() bool {
		st, err := d.db.SyncState(ctx, account)
		return err == nil && st.OKAt.Equal(d.clock())
	})
	if c := read(); c.State != db.StateHuman {
		t.Errorf("ended a second early: %+v", c)
	}
	// Time alone ends nothing: while the account is not synced, a message may be there that nobody has read.
	d.pass(2 * time.Second)
	d.must(s.expireDue(ctx))
	if c := read(); c.State != db.StateHuman {
		t.Errorf("ended without looking at WeCom: %+v", c)
	}
	d.pass(DefaultEvery)
	d.until("it has ended", 0, func() bool { return read().State == db.StateEnded })
	c := read()
	rows, err := d.db.ConversationMessages(ctx, c.ID)
	d.must(err)
	last := rows[len(rows)-1]
	if end := wrote.Add(kf.SendWindow); !last.At.Equal(end) || last.Kind != db.KindState || !c.StateAt.Equal(end) || !c.WaitingSince.IsZero() || !c.ExpiresAt.IsZero() {
		t.Errorf("ended by %+v: %+v", last, c)
	}
	d.must(compare(d.db, d.sim.Truth()))
	_, err = d.sim.CustomerSends(account, customer, kfsim.TextContent("又来了"))
	d.must(err)
	d.until("it begins anew", 0, func() bool { return read().State == db.StateNew })
	visits, err := d.db.VisitsOf(ctx, c.ID)
	if err != nil || len(visits) != 2 || visits[0].EndedBy != db.EndedByExpiry {
		t.Errorf("visits %+v, %v", visits, err)
	}
}

// TestRefold: what an operator's change writes into the timeline is folded in the same transaction, and news that a message
// was not delivered is not undone by the news that it was accepted.
func TestRefold(t *testing.T) {
	d := newDesk(t)
	ctx := t.Context()
	account, _ := d.staff()
	d.run(d.syncer())
	customer, err := d.sim.CustomerEnters(account, "web", "", kfsim.CustomerCard{})
	d.must(err)
	_, err = d.sim.CustomerSends(account, customer, kfsim.TextContent("在吗"))
	d.must(err)
	var c db.Conversation
	d.until("the customer waits", 0, func() bool {
		c, err = d.db.ConversationOf(ctx, account, customer)
		return err == nil && !c.WaitingSince.IsZero()
	})
	id := db.NewID()
	write := func(delivery string) {
		d.must(d.db.Tx(ctx, func(tx *db.DB) error {
			_, err := tx.InsertMessages(ctx, []db.Message{{
				ID: id, AccountID: account, ConversationID: c.ID, At: d.clock(), Origin: db.OriginConsole, Kind: kf.KindText, Text: "您好",
				Raw: []byte(`{"msgtype":"text","text":{"content":"您好"}}`), Delivery: db.DeliverySending,
			}})
			if err != nil {
				return err
			}
			if err := tx.SetDelivery(ctx, account, id, delivery, 0); err != nil {
				return err
			}
			return Refold(ctx, tx, c.ID)
		}))
		c, err = d.db.Conversation(ctx, c.ID)
		d.must(err)
	}
	write(db.DeliverySending)
	if c.State != db.StateNew || c.Sent != 1 || c.WaitingSince.IsZero() {
		t.Errorf("on its way: %+v", c)
	}
	d.must(d.db.SetDelivery(ctx, account, id, db.DeliverySending, 0))
	_, err = d.kf.SendMsg(ctx, kf.AccountID(account), kf.CustomerID(customer), kf.MessageID(id), kf.Draft{Kind: kf.KindText, Content: kf.Text{Content: "您好"}})
	d.must(err)
	d.must(d.sim.FailSend(account, id, 10))
	d.until("the failure is there", 0, func() bool {
		m, err := d.db.Message(ctx, account, id)
		return err == nil && m.Delivery == db.DeliveryFailed && m.FailType == 10
	})
	write(db.DeliveryAccepted)
	m, err := d.db.Message(ctx, account, id)
	if err != nil || m.Delivery != db.DeliveryFailed || m.FailType != 10 || c.Sent != 1 || c.WaitingSince.IsZero() {
		t.Errorf("accepted after it had failed: %+v, %+v, %v", m, c, err)
	}
}
