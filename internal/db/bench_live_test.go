//go:build bench

package db

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// phrases are what made-up customers say; with numbers between they make messages of about 30 characters.
var phrases = strings.Fields(`您好 请问 我想 申请 退款 订单 发货 了吗 什么时候 到货 沙发 安装 师傅 预约 明天 上午 下午 联系 电话 地址 修改 发票 质量 问题 换货 尺寸 颜色
	客服 在吗 谢谢 麻烦 帮我 查一下 物流 一直 没有 更新 已经 三天 门店 活动 优惠 价格 可以 便宜 一点 定金 尾款 支付 失败 微信 账户 木门 橱柜 衣柜 床垫 灯具 地板 保修`)

func phrase(r *rand.Rand) string {
	var b strings.Builder
	for range 8 + r.IntN(7) {
		switch n := r.IntN(40); {
		case n == 0:
			fmt.Fprint(&b, r.IntN(1_000_000))
		case n < 5:
			b.WriteString("，")
		default:
			// The first words are said far more often than the last ones.
			b.WriteString(phrases[min(r.IntN(len(phrases)), r.IntN(len(phrases)))])
		}
	}
	return b.String()
}

// fillMessages takes made-up messages in, 1 000 at a time.
func fillMessages(t *testing.T, d *DB, r *rand.Rand, n int) (texts []string) {
	t.Helper()
	ctx := context.Background()
	for len(texts) < n {
		err := d.Tx(ctx, func(tx *DB) error {
			c, _, err := tx.ConversationFor(ctx, "wkA", fmt.Sprint("wm", len(texts)/1000), testTime)
			if err != nil {
				return err
			}
			var page []Message
			for range 1000 {
				page = append(page, said(c, len(texts), phrase(r)))
				texts = append(texts, page[len(page)-1].Text)
			}
			_, err = tx.InsertMessages(ctx, page)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return texts
}

// part is some characters of some text.
func part(r *rand.Rand, texts []string, n int) string {
	for {
		text := []rune(texts[r.IntN(len(texts))])
		if len(text) >= n {
			from := r.IntN(len(text) - n + 1)
			return string(text[from : from+n])
		}
	}
}

func TestBenchP5(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 5))
	d := openTest(t)
	texts := fillMessages(t, d, r, 200_000)
	ctx := context.Background()
	var seen []string
	for _, text := range texts {
		seen = append(seen, foldText(text))
	}
	same, hits := 0, 0
	for i := range 1000 {
		q := part(r, texts, 1+i%8)
		if i%10 == 9 {
			q += "无"
		}
		got, err := all(ctx, d, scanInt, "SELECT rowid FROM message_text WHERE message_text MATCH $1 ORDER BY rowid", searchQuery(q, "", ""))
		if err != nil {
			t.Fatal(err)
		}
		var want []int64
		folded := foldText(q)
		for i, text := range seen {
			if strings.Contains(text, folded) {
				want = append(want, int64(i+1))
			}
		}
		if slices.Equal(got, want) {
			same++
		}
		hits += len(want)
	}
	fmt.Printf("P5   %d of 1000 queries of 1 to 8 characters over 200 000 messages equal to looking at each (%d hits) (target 1000)\n", same, hits)
	for _, n := range []int{1, 2, 4, 8} {
		target := map[bool]string{true: "<= 0.05", false: "none"}[n == 2]
		compare(t, "P5 ", fmt.Sprintf("ms, p95 of a page of a search for %d characters / LIKE scan", n), target, func() float64 {
			var took []float64
			for range 100 {
				q := part(r, texts, n)
				start := time.Now()
				if _, _, err := d.SearchMessages(ctx, q, MessageFilter{}, "", 50); err != nil {
					t.Fatal(err)
				}
				took = append(took, float64(time.Since(start).Nanoseconds())/1e6)
			}
			slices.Sort(took)
			return took[95]
		}, func() float64 {
			start := time.Now()
			if _, err := number(ctx, d, "SELECT count(*) FROM message WHERE text LIKE $1", contains(part(r, texts, 2))); err != nil {
				t.Fatal(err)
			}
			return float64(time.Since(start).Nanoseconds()) / 1e6
		})
	}
}

// syncPage is what WeCom answers with once: 1 000 messages of 100 customers.
func syncPage(r *rand.Rand, n int) (page []Message) {
	for i := range 1000 {
		c := Conversation{AccountID: "wkA", ID: fmt.Sprint("wm", i%100)}
		m := said(c, n*1000+i, phrase(r))
		m.Raw = []byte(fmt.Sprintf(`{"msgid":%q,"open_kfid":"wkA","external_userid":%q,"send_time":1760000150,"origin":3,"msgtype":"text","text":{"content":%q}}`, m.ID, c.ID, m.Text))
		page = append(page, m)
	}
	return page
}

// takeIn stores a page as the sync does, without folding.
func takeIn(d *DB, page []Message, n int) error {
	ctx := context.Background()
	return d.Tx(ctx, func(tx *DB) error {
		conversations := map[string]*Conversation{}
		rows := slices.Clone(page)
		for i, m := range rows {
			c := conversations[m.ConversationID]
			if c == nil {
				made, _, err := tx.ConversationFor(ctx, m.AccountID, m.ConversationID, m.At)
				if err != nil {
					return err
				}
				c = &made
				conversations[m.ConversationID] = c
			}
			rows[i].ConversationID = c.ID
			c.LastAt, c.LastCustomerAt, c.WaitingSince, c.LastText, c.Messages, c.FoldedAt = m.At, m.At, m.At, m.Text, c.Messages+1, m.At
		}
		if _, err := tx.InsertMessages(ctx, rows); err != nil {
			return err
		}
		for _, c := range conversations {
			if err := tx.UpdateConversation(ctx, *c); err != nil {
				return err
			}
			if err := tx.AddChange(ctx, "conversation/"+c.ID, c.ID); err != nil {
				return err
			}
		}
		return tx.SaveSyncState(ctx, SyncState{AccountID: "wkA", Cursor: fmt.Sprint(n)})
	})
}

// bareLoop is a database/sql loop that writes the same rows and index, and nothing else.
type bareLoop struct {
	pool                                           *sql.DB
	message, index, conversation, change, customer *sql.Stmt
	seq, changes                                   int64
	ids                                            map[string]string // of conversations by customer
}

func (b *bareLoop) idOf(customer string) string {
	if b.ids[customer] == "" {
		b.ids[customer] = NewID()
	}
	return b.ids[customer]
}

func openBare(t *testing.T) *bareLoop {
	t.Helper()
	path := filepath.Join(t.TempDir(), "bare.db")
	openAt(t, path).Close()
	pool, err := openWriter(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { pool.Close() })
	b := &bareLoop{pool: pool, ids: map[string]string{}}
	for st, text := range map[**sql.Stmt]string{
		&b.message: `INSERT INTO message (seq, id, account_id, conversation_id, at, origin, servicer_id, operator_id, operator_name, kind, text, raw, media_id, delivery,
			fail_type, recalled_at, coded) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?) ON CONFLICT (account_id, id) DO NOTHING`,
		&b.index: "INSERT INTO message_text (rowid, body, place) VALUES (?, ?, ?)",
		&b.conversation: `INSERT INTO conversation (id, account_id, customer_id, state, servicer_id, servicer_key, state_at, waiting_since, last_customer_at, last_at, entered_at,
			expires_at, last_text, last_kind, last_origin, sent, scene, scene_param, visit_id, rejected, messages, first_at, rev, folded_at, folded_seq, erased_at, board_key,
			recent_key, search) VALUES ($4, 'wkA', $1, 0, '', '', 0, $2, $2, $2, 0, 0, $3, 'text', 3, 0, '', '', '', 0, 1, $2, 1, $2, 0, 0, $2, $2, $3)
			ON CONFLICT (id) DO UPDATE SET waiting_since = excluded.waiting_since, last_customer_at = excluded.last_customer_at, last_at = excluded.last_at,
			last_text = excluded.last_text, messages = conversation.messages + 1, rev = conversation.rev + 1, folded_at = excluded.folded_at, board_key = excluded.board_key,
			recent_key = excluded.recent_key, search = excluded.search`,
		&b.change: "INSERT INTO change (seq, topic, ref, at) VALUES (?, ?, ?, 0)",
		&b.customer: `INSERT INTO customer (id, name, name_key, search, avatar_url, picture_id, gender, union_id, first_at, last_at, profile_at, tried_at, profile_state, conversations)
			VALUES ($1, '', '', '', '', '', 0, '', $2, $2, 0, 0, '', 1) ON CONFLICT (id) DO UPDATE SET last_at = excluded.last_at`,
	} {
		if *st, err = pool.Prepare(text); err != nil {
			t.Fatal(err)
		}
	}
	return b
}

func (b *bareLoop) takeIn(t *testing.T, page []Message) {
	t.Helper()
	tx, err := b.pool.Begin()
	if err != nil {
		t.Fatal(err)
	}
	run := func(st *sql.Stmt, args ...any) {
		if _, err := tx.Stmt(st).Exec(args...); err != nil {
			t.Fatal(err)
		}
	}
	last := map[string]Message{}
	for _, m := range page {
		last[m.ConversationID] = m
	}
	for id, m := range last {
		run(b.customer, id, ms(m.At))
		run(b.conversation, id, ms(m.At), m.Text, b.idOf(id))
		b.changes++
		run(b.change, b.changes, "conversation/"+id, id)
	}
	message, index := tx.Stmt(b.message), tx.Stmt(b.index)
	for _, m := range page {
		b.seq++
		if _, err := message.Exec(b.seq, m.ID, m.AccountID, b.idOf(m.ConversationID), ms(m.At), m.Origin, m.ServicerID, m.OperatorID, m.OperatorName,
			m.Kind, m.Text, string(m.Raw), m.Media, m.Delivery, m.FailType, m.Coded); err != nil {
			t.Fatal(err)
		}
		if _, err := index.Exec(b.seq, grams(m.Text), placesOf(m.AccountID, b.idOf(m.ConversationID))); err != nil {
			t.Fatal(err)
		}
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
}

func TestBenchP9(t *testing.T) {
	d, bare := openTest(t), openBare(t)
	pages := map[bool]int{}
	measure := func(ours bool, take func(page []Message, n int)) func() float64 {
		r := rand.New(rand.NewPCG(9, 9))
		return func() float64 {
			var took time.Duration
			n := 0
			for ; took < 2*turn; n++ {
				page := syncPage(r, pages[ours])
				start := time.Now()
				take(page, pages[ours])
				took += time.Since(start)
				pages[ours]++
			}
			return float64(n*1000) / took.Seconds()
		}
	}
	compare(t, "P9 ", "messages/s of sync pages of 1 000 with search index / bare loop", ">= 0.8", measure(true, func(page []Message, n int) {
		if err := takeIn(d, page, n); err != nil {
			t.Fatal(err)
		}
	}), measure(false, func(page []Message, _ int) { bare.takeIn(t, page) }))
}

// fillBoard makes 10 000 open conversations and as many ended ones.
func fillBoard(t *testing.T, d *DB) {
	t.Helper()
	ctx := context.Background()
	r := rand.New(rand.NewPCG(3, 3))
	for n := 0; n < 20_000; {
		err := d.Tx(ctx, func(tx *DB) error {
			for end := n + 1000; n < end; n++ {
				c, _, err := tx.ConversationFor(ctx, fmt.Sprint("wk", n%20), fmt.Sprint("wm", n), testTime)
				if err != nil {
					return err
				}
				c.State, c.LastAt, c.LastText = n%4, testTime.Add(time.Duration(r.IntN(1e6))*time.Second), phrase(r)
				if n >= 10_000 {
					c.State = StateEnded
				} else if n%3 == 0 {
					c.WaitingSince = c.LastAt
				}
				if err := tx.UpdateConversation(ctx, c); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestBenchP3Board(t *testing.T) {
	ctx := context.Background()
	d := openTest(t)
	fillBoard(t, d)
	for name, f := range map[string]ConversationFilter{"": {States: []int{0, 1, 2, 3}}, " of a state": {States: []int{StateQueue}}, " of an account": {Account: "wk7", States: []int{0, 1, 2, 3}}} {
		var last Cursor
		for at := Cursor(""); ; at = last {
			_, page, err := d.Conversations(ctx, f, at, 50)
			if err != nil {
				t.Fatal(err)
			}
			if page.Next == "" {
				break
			}
			last = page.Next
		}
		read := func(at Cursor) func() float64 {
			return func() float64 {
				return pageTime(t, func() (int, error) {
					rows, _, err := d.Conversations(ctx, f, at, 50)
					return len(rows), err
				})
			}
		}
		compare(t, "P3 board", "ms, last / first page of 10 000 open conversations"+name, "<= 1.2", read(last), read(""))
	}
	compare(t, "P3 board", "ms, counts after a write / first page", "none", func() float64 {
		return pageTime(t, func() (int, error) {
			d.e.written.add("conversation")
			_, err := d.ConversationCounts(ctx, ConversationFilter{})
			return 50, err
		})
	}, func() float64 {
		return pageTime(t, func() (int, error) {
			rows, _, err := d.Conversations(ctx, ConversationFilter{}, "", 50)
			return len(rows), err
		})
	})
}
