package kfsim

import (
	"encoding/json"
	"fmt"
	"html/template"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// Sides of a chat, seen by who looks at it.
const (
	sideMine   = "mine"
	sideTheirs = "theirs"
	sideLine   = "line" // a thin line of the system
)

// chatRow is one message as a page shows it.
type chatRow struct {
	ID, Side, Kind  string
	Day, Clock      string // Day is there when the row begins after a pause
	Name, Avatar    string // of who wrote
	Initial         string // instead of an avatar
	Hue             int    // of the initial's ground
	Text            string
	Detail          string
	Mark            string // instead of a sign on a card
	Source          string // address of the file behind it
	Href            template.URL
	Seconds         int
	Lines           []chatLine
	Items           []chatItem
	Tail            string
	Recalled        bool
	MayRecall       bool
	Failed, Pending bool
	FailType        int
}

// chatLine is a line of a forwarded chat record.
type chatLine struct{ Name, Text string }

// chatItem is an item of a menu.
type chatItem struct {
	Type, ID, Text string
	Href           template.URL
	Tappable       bool
}

// chatReader turns messages into rows for one who looks. The world must be locked while it reads.
type chatReader struct {
	w        *world
	t        chatWords
	account  *account
	customer *customer
	servicer string // who looks: empty is the customer
	zone     *time.Location
	now      time.Time
	last     time.Time
}

// read returns the rows of a chat, oldest first.
func (r *chatReader) read(chat []*message) []chatRow {
	rows := []chatRow{}
	for _, m := range chat {
		if row, shown := r.row(m); shown {
			r.stamp(&row, time.Unix(m.At, 0).In(r.zone))
			rows = append(rows, row)
		}
	}
	return rows
}

// stamp gives the row its time, and its day when it begins after five minutes of silence.
func (r *chatReader) stamp(row *chatRow, at time.Time) {
	row.Clock = at.Format("15:04:05")
	if at.Sub(r.last) >= 5*time.Minute {
		today := r.now.In(r.zone)
		switch days := daysBetween(at, today); {
		case days == 0:
			row.Day = at.Format("15:04")
		case days == 1:
			row.Day = r.t.Yesterday + " " + at.Format("15:04")
		default:
			row.Day = at.Format("2006-01-02 15:04")
		}
	}
	r.last = at
}

func daysBetween(a, b time.Time) int {
	day := func(t time.Time) time.Time { return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC) }
	return int(day(b).Sub(day(a)).Hours() / 24)
}

// row shows a message, or nothing to the customer when it never reached him.
func (r *chatReader) row(m *message) (row chatRow, shown bool) {
	row = chatRow{ID: "m" + m.ID, Kind: m.Type, Recalled: m.Recalled}
	if m.Type == "event" {
		row.Side = sideLine
		row.Text = r.eventLine(m.Body)
		return row, row.Text != ""
	}
	looks := r.servicer != ""
	if !looks && (m.Failed != nil || m.Held) {
		return row, false
	}
	row.Side = sideTheirs
	switch mine := m.Origin == fromCustomer; {
	case mine != looks && m.Origin >= fromCustomer:
		row.Side = sideMine
	case looks && !mine:
		row.Side = sideMine // what the app sent speaks for the servicers
	}
	r.author(&row, m)
	if m.Recalled {
		row.Side, row.Text = sideLine, fmt.Sprintf(r.t.RecalledBy, row.Name)
		return row, true
	}
	row.MayRecall = !looks && m.Origin == fromCustomer || looks && m.Origin == fromServicer && m.Servicer == r.servicer
	if m.Failed != nil {
		row.Failed, row.FailType = true, *m.Failed
	}
	row.Pending = m.Held
	r.fill(&row, m)
	return row, true
}

// author names who wrote.
func (r *chatReader) author(row *chatRow, m *message) {
	switch m.Origin {
	case fromCustomer:
		row.Name = r.customer.Name
		row.Initial, row.Hue = initial(r.customer.Name), hue(r.customer.ID)
	case fromServicer:
		row.Name, row.Avatar = r.personName(m.Servicer), r.account.avatarPath()
	default:
		row.Name, row.Avatar = r.account.Name, r.account.avatarPath()
	}
}

func (r *chatReader) personName(userID string) string {
	if p := r.w.person(userID); p != nil {
		return p.Name
	}
	return userID
}

// initial is the first character of a name.
func initial(name string) string {
	for _, c := range strings.TrimSpace(name) {
		return strings.ToUpper(string(c))
	}
	return "?"
}

// hues is how many grounds an initial may have; the style sheet has a class for each.
const hues = 8

func hue(id string) int {
	sum := 0
	for _, b := range []byte(id) {
		sum = sum*31%997 + int(b)
	}
	return sum % hues
}

// body is every field of every type that a page shows. A field of the wrong type leaves its row without it.
type body struct {
	Content   string        `json:"content"`
	MediaID   string        `json:"media_id"`
	Name      string        `json:"name"`
	Address   string        `json:"address"`
	Latitude  any           `json:"latitude"`
	Longitude any           `json:"longitude"`
	Title     string        `json:"title"`
	Desc      string        `json:"desc"`
	URL       string        `json:"url"`
	LinkURL   string        `json:"link_url"`
	UserID    string        `json:"userid"`
	Nickname  string        `json:"nickname"`
	ShopName  string        `json:"shop_nickname"`
	Price     any           `json:"sales_price"`
	OrderID   string        `json:"order_id"`
	Products  any           `json:"product_titles"`
	Wording   string        `json:"price_wording"`
	State     string        `json:"state"`
	Head      string        `json:"head_content"`
	Tail      string        `json:"tail_content"`
	List      []menuEntry   `json:"list"`
	Merged    []mergedEntry `json:"item"`
}

type menuEntry struct {
	Type  string `json:"type"`
	Click struct {
		ID      string `json:"id"`
		Content string `json:"content"`
	} `json:"click"`
	View struct {
		URL     string `json:"url"`
		Content string `json:"content"`
	} `json:"view"`
	Program struct {
		Content string `json:"content"`
	} `json:"miniprogram"`
	Text struct {
		Content string `json:"content"`
	} `json:"text"`
}

type mergedEntry struct {
	Sender  string `json:"sender_name"`
	Content string `json:"msg_content"`
}

// fill shows what the message holds.
func (r *chatReader) fill(row *chatRow, m *message) {
	var b body
	_ = json.Unmarshal(m.Body, &b) // what cannot be read stays empty
	row.Text, row.Detail = b.Title, b.Desc
	switch m.Type {
	case "text":
		row.Text = b.Content
	case "image", "voice", "video", "file":
		r.file(row, b.MediaID)
	case "location":
		row.Text, row.Detail = b.Name, b.Address
	case "link":
		row.Href = safeLink(b.URL)
	case "ca_link":
		row.Kind, row.Text, row.Href = "link", b.LinkURL, safeLink(b.LinkURL)
	case "business_card":
		row.Text, row.Mark, row.Detail = r.personName(b.UserID), initial(r.personName(b.UserID)), r.t.Card
	case "miniprogram":
		row.Detail = r.t.MiniProgram
	case "msgmenu":
		r.menu(row, b)
	case "channels_shop_product":
		row.Detail = strings.Trim(b.ShopName+" · "+fen(b.Price), " ·")
	case "channels_shop_order":
		row.Text, row.Detail = plain(b.Products), strings.Trim(b.OrderID+" · "+b.Wording+" · "+b.State, " ·")
	case "channels":
		row.Text, row.Detail = b.Nickname, b.Title
	case "merged_msg":
		for _, one := range b.Merged {
			row.Lines = append(row.Lines, chatLine{one.Sender, inner(one.Content)})
		}
	default:
		row.Kind, row.Text = "other", r.t.Kind(m.Type)
	}
}

// file shows a file that was sent.
func (r *chatReader) file(row *chatRow, mediaID string) {
	m := r.w.mediaByID[mediaID]
	if m == nil {
		row.Kind, row.Text = "other", r.t.Kind(row.Kind)
		return
	}
	row.Source, row.Text, row.Detail = "/_sim/media/"+url.PathEscape(m.ID), m.Filename, bytesText(m.Size)
	if row.Kind == "voice" {
		row.Seconds = voiceSeconds(m.Size)
	}
}

// menu shows the items of a menu; the customer may tap them.
func (r *chatReader) menu(row *chatRow, b body) {
	row.Text, row.Tail = b.Head, b.Tail
	for _, e := range b.List {
		item := chatItem{Type: e.Type}
		switch e.Type {
		case "click":
			item.ID, item.Text, item.Tappable = e.Click.ID, e.Click.Content, r.servicer == ""
		case "view":
			item.Text, item.Href = e.View.Content, safeLink(e.View.URL)
		case "miniprogram":
			item.Text = e.Program.Content
		default:
			item.Text = e.Text.Content
		}
		row.Items = append(row.Items, item)
	}
}

// eventLine says an event in words. The customer sees only what WeChat tells him.
func (r *chatReader) eventLine(raw json.RawMessage) string {
	var e struct {
		Type     string `json:"event_type"`
		Scene    string `json:"scene"`
		Change   int    `json:"change_type"`
		New      string `json:"new_servicer_userid"`
		Reject   int    `json:"reject_switch"`
		FailType int    `json:"fail_type"`
	}
	if json.Unmarshal(raw, &e) != nil {
		return ""
	}
	looks, t := r.servicer != "", r.t
	switch {
	case e.Type == "session_status_change" && e.Change == changeEnded:
		return t.Ended
	case e.Type == "session_status_change":
		return fmt.Sprintf(t.Serves, r.personName(e.New))
	case e.Type == "enter_session" && looks && e.Scene != "":
		return fmt.Sprintf(t.EnteredFrom, r.customer.Name, e.Scene)
	case e.Type == "enter_session" && looks:
		return fmt.Sprintf(t.Entered, r.customer.Name)
	case e.Type == "msg_send_fail" && looks:
		return fmt.Sprintf(t.NotDelivered, strconv.Itoa(e.FailType))
	case e.Type == "reject_customer_msg_switch_change" && looks && e.Reject == rejectOn:
		return t.RejectedOn
	case e.Type == "reject_customer_msg_switch_change" && looks:
		return t.RejectedOff
	}
	return ""
}

// safeLink lets only web addresses be followed.
func safeLink(address string) template.URL {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" {
		return ""
	}
	return template.URL(u.String()) // #nosec: the scheme was just checked
}

// inner is the text inside an entry of a chat record, which is JSON in a string.
func inner(content string) string {
	var b struct {
		Text struct {
			Content string `json:"content"`
		} `json:"text"`
	}
	if json.Unmarshal([]byte(content), &b) == nil && b.Text.Content != "" {
		return b.Text.Content
	}
	return "…"
}

func plain(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case []any:
		parts := make([]string, 0, len(v))
		for _, one := range v {
			parts = append(parts, fmt.Sprint(one))
		}
		return strings.Join(parts, "、")
	}
	return ""
}

// fen writes an amount of fen in yuan.
func fen(v any) string {
	n, err := strconv.ParseFloat(fmt.Sprint(v), 64)
	if v == nil || err != nil {
		return ""
	}
	return fmt.Sprintf("¥%.2f", n/100)
}

func bytesText(n int) string {
	switch {
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%.1f KB", float64(n)/(1<<10))
	}
	return fmt.Sprintf("%d B", n)
}
