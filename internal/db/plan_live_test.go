package db

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// checkWalk holds that a list from every kind of place walks an index in its order, and from both sides by one bound only.
func checkWalk(t *testing.T, d *DB, what string, q query, o order, index string, keys ...[]any) {
	t.Helper()
	places := []place{{}}
	for _, key := range keys {
		places = append(places, place{key: key}, place{key: key, back: true})
	}
	for _, p := range places {
		here := query{sel: q.sel, where: slices.Clone(q.where), args: slices.Clone(q.args)}
		text := here.seek(o, p, 51)
		steps := plan(t, d, text, here.args...)
		all := strings.Join(steps, "\n")
		if !strings.Contains(steps[0], index) || strings.Contains(all, "TEMP B-TREE") || strings.Count(all, "SCAN") > strings.Count(steps[0], "SCAN") {
			t.Errorf("%s, want %s:\n%s\n%s", what, index, text, all)
		}
		for _, op := range []string{" <", " >"} {
			if n := strings.Count(text, o.cols[0]+op) + strings.Count(text, strings.Join(o.cols, ", ")+")"+op); n > 1 {
				t.Errorf("%s has %d bounds%s:\n%s", what, n, op, text)
			}
		}
	}
}

// boardFilters are all combinations of the filters of the board.
func boardFilters() (list []ConversationFilter) {
	for bits := range 16 {
		for _, states := range [][]int{nil, {0}, {4}, {2, 3}, {0, 1, 2, 3}, {3, 4}} {
			for _, sort := range []string{SortWaiting, SortRecent} {
				f := ConversationFilter{States: states, Sort: sort}
				for i, set := range []func(){
					func() { f.Account = "wkA" }, func() { f.Servicer = "li.na" }, func() { f.Q = "退款" }, func() { f.UnansweredSince = testTime },
				} {
					if bits&(1<<i) != 0 {
						set()
					}
				}
				list = append(list, f)
			}
		}
	}
	return list
}

// boardIndex is the index that a filter is to be walked by.
func boardIndex(f ConversationFilter) string {
	recent := f.Sort == SortRecent
	switch {
	case f.Servicer != "" && recent:
		return "conversation_servicer_recent (servicer_key=?"
	case f.Servicer != "":
		return "conversation_servicer (servicer_key=?"
	case f.Account != "" && recent:
		return "conversation_account_recent (account_id=?"
	case f.Account != "":
		return "conversation_account (account_id=?"
	case recent:
		return "conversation_recent ("
	case len(f.States) == 1 && f.States[0] != StateEnded:
		return "conversation_state (state=?"
	}
	return "conversation_board ("
}

func TestBoardPlans(t *testing.T) {
	d := openTest(t)
	for _, f := range boardFilters() {
		q, o, _, err := conversationQuery(f, selectConversation)
		if err != nil {
			t.Fatal(err)
		}
		// Places of one who waits, one who does not, and one that is ended: each is outside of some filter's range.
		checkWalk(t, d, fmt.Sprintf("%+v", f), q, o, boardIndex(f), []any{ms(testTime), "x"}, []any{calmFrom - 5, "x"}, []any{endedFrom - 5, "x"})
	}
}

// TestBoardPlaces: a place outside the range of a filter never shows what the filter hides.
func TestBoardPlaces(t *testing.T) {
	ctx := context.Background()
	d := openTest(t)
	for i := range 9 {
		c := conversationFor(t, d, "wkA", fmt.Sprint(i))
		c.State, c.LastAt = []int{StateQueue, StateEnded, StateHuman}[i%3], testTime.Add(time.Duration(i)*time.Minute)
		if i%3 == 0 {
			c.WaitingSince = testTime
		}
		if err := d.UpdateConversation(ctx, c); err != nil {
			t.Fatal(err)
		}
	}
	for _, key := range []int64{-1 << 60, 0, ms(testTime), calmFrom, endedFrom, 1 << 62} {
		for _, back := range []bool{false, true} {
			for _, states := range [][]int{{0, 1, 2, 3}, {4}} {
				at := encodeCursor("conversation board", place{back: back, key: []any{key, "x"}})
				list, _, err := d.Conversations(ctx, ConversationFilter{States: states}, at, 4)
				if err != nil {
					t.Fatal(err)
				}
				for _, c := range list {
					if (c.State == StateEnded) != (states[0] == StateEnded) {
						t.Errorf("%d, %v: state %d among %v", key, back, c.State, states)
					}
				}
			}
		}
	}
}

func TestLiveListPlans(t *testing.T) {
	d := openTest(t)
	for index, f := range map[string]CodeFilter{"code_got": {State: CodeSent}, "code_account (account_id=?": {Account: "wkA", Scene: SceneQueue},
		"code_conversation (conversation_id=?": {Conversation: "c", Account: "wkA"}, "code_scene (scene=?": {Scene: SceneQueue, State: CodeDue}} {
		q, o := codeQuery(f)
		checkWalk(t, d, fmt.Sprintf("codes %+v", f), q, o, index, []any{int64(5), "x"})
	}
	for _, f := range []CustomerFilter{{}, {Sort: SortName}, {Account: "wkA"}, {Q: "王", Sort: SortName}, {Profile: ProfileInvalid}} {
		o, _, err := customerOrder(f)
		if err != nil {
			t.Fatal(err)
		}
		index := "customer_last"
		if f.Sort == SortName {
			index = "customer_name"
		}
		key := slices.Clone(o.like)
		checkWalk(t, d, fmt.Sprintf("customers %+v", f), customerQuery(f, customerCols), o, index, key)
	}
	timeline := query{sel: "SELECT " + messageCols + " FROM message m"}
	timeline.add("m.conversation_id = ?", "c")
	checkWalk(t, d, "timeline", timeline, timelineOrder, "message_conversation (conversation_id=?", []any{int64(5), int64(5)})
	for _, f := range []MessageFilter{{}, {Account: "wkA"}, {Conversation: "c"}} {
		q, o := searchSelect(searchQuery("退款", f.Account, f.Conversation), f)
		checkWalk(t, d, fmt.Sprintf("search %+v", f), q, o, "VIRTUAL TABLE INDEX", []any{int64(5)})
	}
}

// TestLivePlans looks at the queries beside the lists: none walks a whole table or sorts.
func TestLivePlans(t *testing.T) {
	d := openTest(t)
	funnel := funnelQuery("wkA", "door", testTime, testTime)
	for text, args := range map[string][]any{
		selectConversation + " WHERE c.account_id = $1 AND c.customer_id = $2":                                                     {"a", "c"},
		selectConversation + " WHERE c.state < 4 AND c.expires_at > 0 AND c.expires_at <= $1 ORDER BY c.expires_at, c.id LIMIT $2": {1, 1},
		"SELECT max(seq) FROM message": nil,
		selectBusy:                     {0, calmFrom, 1},
		"SELECT " + messageCols + " FROM message m WHERE m.account_id = $1 AND m.id = $2":                                                  {"a", "m"},
		"SELECT " + messageCols + " FROM message m WHERE m.delivery = $1 AND m.delivery IN ('sending', 'unknown') ORDER BY m.seq LIMIT $2": {"sending", 1},
		"SELECT " + messageCols + " FROM message m WHERE m.conversation_id IS NULL AND m.kind = $1 ORDER BY m.seq DESC LIMIT $2":           {"broken", 1},
		"SELECT id FROM customer WHERE profile_state = $1 AND tried_at < $2 ORDER BY tried_at, id LIMIT $3":                                {"", 1, 1},
		selectCode + " WHERE k.state = $1 AND k.state IN ('due', 'sending') ORDER BY k.got_at DESC, k.id DESC LIMIT $2":                    {"due", 1},
		openMedia: {"wanted", 1, 1, 1, 1},
		selectMedia + " WHERE conversation_id = $1":                                                                            {"c"},
		"SELECT count(*) FROM media WHERE sha256 = $1 AND sha256 <> ''":                                                        {"x"},
		"SELECT " + visitCols + " FROM visit WHERE conversation_id = $1 AND conversation_id <> '' ORDER BY entered_at, id":     {"c"},
		"SELECT replied_at - wrote_at FROM visit WHERE wrote_at <> 0 AND wrote_at >= $1 AND wrote_at < $2 AND replied_at <> 0": {1, 2},
		"SELECT seq, topic, ref, at FROM change WHERE seq > $1 ORDER BY seq LIMIT $2":                                          {1, 1},
		"DELETE FROM change WHERE at < $1 AND seq < (SELECT max(c.seq) FROM change c)":                                         {1},
		funnel.text(): funnel.args,
	} {
		steps := strings.Join(plan(t, d, text, args...), "\n")
		if strings.Contains(steps, "SCAN") || strings.Contains(steps, "TEMP B-TREE") {
			t.Errorf("%s:\n%s", text, steps)
		}
	}
}
