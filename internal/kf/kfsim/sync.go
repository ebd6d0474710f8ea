package kfsim

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"hash/fnv"
	"time"
)

const (
	messageLife   = 3 * 24 * time.Hour
	syncTokenLife = 10 * time.Minute
	maxSyncPage   = 1000
	maxCursor     = 64  // bytes
	maxSyncToken  = 128 // bytes
)

type syncAnswer struct {
	NextCursor string            `json:"next_cursor"`
	HasMore    int               `json:"has_more"`
	MsgList    []json.RawMessage `json:"msg_list"`
}

// syncMessages answers kf/sync_msg.
func syncMessages(c *call) (any, error) {
	f := c.fields(false)
	cursor, _ := f.text("cursor", maxCursor)
	token, _ := f.text("token", maxSyncToken)
	limit := f.number("limit", 1, maxSyncPage, maxSyncPage)
	f.number("voice_format", 0, 1, 0)
	account := f.accountID()
	if err := f.end(); err != nil {
		return nil, err
	}
	s, now := c.sim, c.sim.now()
	s.mu.RLock()
	defer s.mu.RUnlock()
	w := s.world
	if _, err := w.managedAccount(account); err != nil {
		return nil, err
	}
	if err := s.checkSyncToken(account, token, now); err != nil {
		return nil, err
	}
	at, err := parseCursor(account, cursor)
	if err != nil {
		return nil, err
	}
	return w.talk.page(account, at, s.limits.paging(limit), now)
}

// position is where a cursor stands: before a message of the log, or just after an empty page was given there.
type position struct {
	index int
	empty bool
}

// page is the part of an account's log from a position on.
func (t *talk) page(account string, at position, p paging, now time.Time) (any, error) {
	var all []*message
	if l := t.logBy[account]; l != nil {
		all = l.Messages
	}
	if at.index > len(all) {
		return nil, refuse(40058, "cursor: beyond the last message")
	}
	oldest := now.Add(-messageLife).Unix()
	answer := syncAnswer{MsgList: []json.RawMessage{}}
	size, empty := p.at(account, at)
	for at.index < len(all) && !empty {
		m := all[at.index]
		if m.listed() && m.At > oldest {
			if len(answer.MsgList) == size {
				break
			}
			answer.MsgList = append(answer.MsgList, m.entry(account))
		}
		at.index++
	}
	at.empty = empty
	for i := at.index; i < len(all); i++ {
		if all[i].listed() && all[i].At > oldest {
			answer.HasMore = 1
			break
		}
	}
	answer.NextCursor = at.cursor(account)
	return answer, nil
}

// paging is how pages are cut.
type paging struct {
	limit int
	short bool // of uneven length
	empty bool // some with nothing in them
}

// at decides the page at a position, the same one each time: how many messages, or none at all though there are some.
func (p paging) at(account string, at position) (size int, empty bool) {
	h := fnv.New64a()
	_, _ = h.Write([]byte(account))
	_, _ = h.Write(binary.LittleEndian.AppendUint64(nil, uint64(at.index)))
	chance := h.Sum64() >> 8
	size = p.limit
	if p.short {
		size = 1 + int(chance%uint64(p.limit))
	}
	return size, p.empty && !at.empty && chance/7%3 == 0
}

// cursor writes a position. It means nothing to whoever gets it.
func (p position) cursor(account string) string {
	raw := make([]byte, 13)
	binary.BigEndian.PutUint64(raw, uint64(p.index))
	if p.empty {
		raw[8] = 1
	}
	binary.BigEndian.PutUint32(raw[9:], accountMark(account))
	return base64.RawURLEncoding.EncodeToString(raw)
}

func accountMark(account string) uint32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(account))
	return h.Sum32()
}

// parseCursor reads what cursor wrote; empty is the beginning.
func parseCursor(account, text string) (position, error) {
	if text == "" {
		return position{}, nil
	}
	raw, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(raw) != 13 {
		return position{}, refuse(40058, "cursor: not one of ours")
	}
	if binary.BigEndian.Uint32(raw[9:]) != accountMark(account) {
		return position{}, refuse(40058, "cursor: of another account")
	}
	index := binary.BigEndian.Uint64(raw)
	if index > 1<<40 {
		return position{}, refuse(40058, "cursor: not one of ours")
	}
	return position{int(index), raw[8] == 1}, nil
}

// syncToken makes the Token of a callback. Everything needed to judge it later is in it.
func (s *Sim) syncToken(account string, now time.Time) string {
	raw := binary.BigEndian.AppendUint64(nil, uint64(now.UnixMilli()))
	return "ENC" + base64.RawURLEncoding.EncodeToString(append(raw, s.tokenMark(account, raw)...))
}

func (s *Sim) tokenMark(account string, issued []byte) []byte {
	h := hmac.New(sha256.New, []byte(s.secret))
	_, _ = h.Write(issued)
	_, _ = h.Write([]byte(account))
	return h.Sum(nil)[:18]
}

// checkSyncToken judges the token of a call. Calls without a good one are counted.
func (s *Sim) checkSyncToken(account, token string, now time.Time) error {
	if token != "" && s.goodSyncToken(account, token, now) {
		return nil
	}
	if err := s.limits.checkSync(now); err != nil {
		return err
	}
	if token != "" {
		return refuse(95007, "")
	}
	return nil
}

func (s *Sim) goodSyncToken(account, token string, now time.Time) bool {
	if len(token) < 3 || token[:3] != "ENC" {
		return false
	}
	raw, err := base64.RawURLEncoding.DecodeString(token[3:])
	if err != nil || len(raw) != 8+18 {
		return false
	}
	issued := time.UnixMilli(int64(binary.BigEndian.Uint64(raw)))
	return subtle.ConstantTimeCompare(raw[8:], s.tokenMark(account, raw[:8])) == 1 && now.Sub(issued) < syncTokenLife
}
