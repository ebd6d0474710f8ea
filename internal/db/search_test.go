package db

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"
)

// conversationFor makes the conversation of a customer with an account.
func conversationFor(t testing.TB, d *DB, account, customer string) Conversation {
	t.Helper()
	c, _, err := d.ConversationFor(context.Background(), account, customer, testTime)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// said is message number n of a conversation.
func said(c Conversation, n int, text string) Message {
	return Message{ID: fmt.Sprintf("msg%06d", n), AccountID: c.AccountID, ConversationID: c.ID, At: testTime.Add(time.Duration(n+1) * time.Second),
		Origin: OriginCustomer, Kind: "text", Text: text, Raw: []byte(`{"msgtype":"text"}`)}
}

func mustInsert(t testing.TB, d *DB, messages ...Message) []Message {
	t.Helper()
	fresh, err := d.InsertMessages(context.Background(), messages)
	if err != nil {
		t.Fatal(err)
	}
	return fresh
}

// alphabet is what searched texts are made of; few characters, so that they meet often.
var alphabet = []string{"退", "款", "的", "货", "は", "カ", "한", "글", "a", "B", "é", "ß", "İ", "1", "0", "7", " ", "\n", ".", ",", "，", "。", "！", "?",
	`"`, "'", "*", "-", ":", "(", ")", "^", "\\", "%", "_", "😀", "👨‍👩‍👧", "🇨🇳", "Ａ", "１", "\u00a0", "\u200b", "\u0301", "\ue001", "𠮷", "Z"}

func anyText(r *rand.Rand, most int) string {
	var b strings.Builder
	for range r.IntN(most + 1) {
		b.WriteString(alphabet[r.IntN(len(alphabet))])
	}
	return b.String()
}

// oracle finds what has q in it by looking at every text, the latest first.
func oracle(texts []string, q string) (ids []string) {
	q = foldText(q)
	for i, text := range slices.Backward(texts) {
		if q != "" && strings.Contains(foldText(text), q) {
			ids = append(ids, fmt.Sprintf("msg%06d", i))
		}
	}
	return ids
}

func found(t testing.TB, d *DB, q string, f MessageFilter) (ids []string) {
	t.Helper()
	for at := Cursor(""); ; {
		hits, page, err := d.SearchMessages(context.Background(), q, f, at, 700)
		if err != nil {
			t.Fatalf("%q: %v", q, err)
		}
		for _, h := range hits {
			ids = append(ids, h.ID)
		}
		if at = page.Next; at == "" {
			return ids
		}
	}
}

// TestSearchOracle: the index finds exactly what looking at every text finds.
func TestSearchOracle(t *testing.T) {
	r := seeded(t)
	d := openTest(t)
	c := conversationFor(t, d, "wkA", "wm1")
	var texts []string
	var messages []Message
	for i := range 1500 {
		texts = append(texts, anyText(r, 24))
		messages = append(messages, said(c, i, texts[i]))
	}
	mustInsert(t, d, messages...)
	hits := 0
	for range 1000 {
		q := anyText(r, 8)
		if text := []rune(texts[r.IntN(len(texts))]); r.IntN(2) == 0 && len(text) > 0 {
			from := r.IntN(len(text))
			q = string(text[from:min(len(text), from+1+r.IntN(8))])
		}
		want := oracle(texts, q)
		if got := found(t, d, q, MessageFilter{}); !slices.Equal(got, want) {
			t.Fatalf("%q: found %d, want %d\n%v\n%v", q, len(got), len(want), got, want)
		}
		hits += len(want)
	}
	if hits < 1000 {
		t.Errorf("only %d hits in all: the queries prove nothing", hits)
	}
}

// TestSearchOracleNotices: the comparison fails when a text is not in the index.
func TestSearchOracleNotices(t *testing.T) {
	d := openTest(t)
	c := conversationFor(t, d, "wkA", "wm1")
	texts := []string{"我要退款", "退款到了吗"}
	fresh := mustInsert(t, d, said(c, 0, texts[0]), said(c, 1, texts[1]))
	if err := d.Tx(context.Background(), func(tx *DB) error {
		return tx.unindexText(context.Background(), fresh[1].Seq, texts[1], c.AccountID, c.ID)
	}); err != nil {
		t.Fatal(err)
	}
	if got, want := found(t, d, "退款", MessageFilter{}), oracle(texts, "退款"); slices.Equal(got, want) || len(got) != 1 {
		t.Errorf("found %v, and looking at every text %v", got, want)
	}
}

func TestSearchWords(t *testing.T) {
	d := openTest(t)
	c := conversationFor(t, d, "wkA", "wm1")
	texts := []string{"您好，我想申请退款，订单号 A-20260301-77", "REFUND please", "什么时候退 款", "好", "", "他说：“OK”"}
	for i, text := range texts {
		mustInsert(t, d, said(c, i, text))
	}
	for q, want := range map[string]int{"退款": 1, "退": 2, "款": 2, "refund": 1, "fun": 1, "Ｒｅｆｕｎｄ": 1, "20260301": 1, "0301-7": 1, "好": 2, "ok": 1,
		"“o": 1, "": 0, "没有": 0, `" OR body : "`: 0, "*": 0, "  ": 0, "NEAR(": 0} {
		if got := found(t, d, q, MessageFilter{}); len(got) != want || want != len(oracle(texts, q)) {
			t.Errorf("%q found %v, want %d", q, got, want)
		}
	}
}

func TestSearchFilters(t *testing.T) {
	ctx := context.Background()
	d := openTest(t)
	if err := d.UpsertAccount(ctx, Account{ID: "wkA", Name: "售前"}); err != nil {
		t.Fatal(err)
	}
	a, b, other := conversationFor(t, d, "wkA", "wm1"), conversationFor(t, d, "wkA", "wm2"), conversationFor(t, d, "wka", "wm1")
	for i := range 30 {
		c := []Conversation{a, b, other}[i%3]
		m := said(c, i, fmt.Sprintf("退款 %d", i))
		mustInsert(t, d, m)
	}
	mustInsert(t, d, Message{ID: "odd", AccountID: "wkA", At: testTime, Kind: "broken", Text: "退款"})
	for want, f := range map[int]MessageFilter{31: {}, 21: {Account: "wkA"}, 10: {Conversation: other.ID}, 0: {Account: "wka", Conversation: a.ID}} {
		if got := found(t, d, "退款", f); len(got) != want {
			t.Errorf("%+v found %d, want %d", f, len(got), want)
		}
	}
	hits, page, err := d.SearchMessages(ctx, "退", MessageFilter{Account: "wkA"}, "", 5)
	if err != nil || len(hits) != 5 || page.Next == "" || page.Prev != "" || hits[0].ID != "odd" || hits[1].ID != "msg000028" {
		t.Fatalf("%d hits, %+v, %v", len(hits), page, err)
	}
	if h := hits[1]; h.AccountName != "售前" || h.CustomerID != "wm2" || h.ConversationID != b.ID {
		t.Errorf("%+v", h)
	}
	if _, _, err := d.SearchMessages(ctx, "退", MessageFilter{}, "x", 5); err == nil {
		t.Error("a bad cursor was taken")
	}
}

// TestSearchLongQuery: what is longer than any message is cut, not refused.
func TestSearchLongQuery(t *testing.T) {
	d := openTest(t)
	c := conversationFor(t, d, "wkA", "wm1")
	long := strings.Repeat("退款", 700)
	mustInsert(t, d, said(c, 0, long))
	if got := found(t, d, strings.Repeat("退款", 5000), MessageFilter{}); len(got) != 1 {
		t.Errorf("found %v", got)
	}
}

// FuzzSearchGrams: whatever is searched for, the index understands the question, and finds it in a text that has it.
func FuzzSearchGrams(f *testing.F) {
	for _, q := range append(alphabet, "", `"`, `body : "x"`, "a AND b", "NEAR(a b, 2)", "^a", "a*", "{body place} : x", "\x00", "\xff", "退款\ufeff", "a\"\"b") {
		f.Add(q, "前", "后")
	}
	d := openTest(f)
	c := conversationFor(f, d, "wkA", "wm1")
	ctx := context.Background()
	undone := fmt.Errorf("taken back")
	f.Fuzz(func(t *testing.T, q, before, after string) {
		if len([]rune(q)) > maxQuery {
			return
		}
		text := before + q + after
		err := d.Tx(ctx, func(tx *DB) error {
			if _, err := tx.InsertMessages(ctx, []Message{said(c, 0, text)}); err != nil {
				t.Fatal(err)
			}
			for _, filter := range []MessageFilter{{}, {Account: "wkA", Conversation: c.ID}} {
				hits, _, err := tx.SearchMessages(ctx, q, filter, "", 0)
				if err != nil {
					t.Fatalf("%q: %v", q, err)
				}
				if (len(hits) == 1) != (q != "" && strings.Contains(foldText(clean(text)), foldText(q))) {
					t.Fatalf("%q in %q: %d hits", q, text, len(hits))
				}
			}
			return undone
		})
		if err != undone {
			t.Fatal(err)
		}
	})
}
