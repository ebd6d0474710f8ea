package server

import (
	"encoding/json"
	"errors"
	"html"
	"math"
	"net/http"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/a-h/templ"

	"kfconsole/internal/auth"
	"kfconsole/internal/db"
	"kfconsole/internal/ops"
	"kfconsole/web/templates/href"
	"kfconsole/web/templates/layout"
	"kfconsole/web/templates/link"
	"kfconsole/web/templates/scene"
	"kfconsole/web/templates/ui"
)

func (s *Server) linkShow(r *request) error {
	param, err := sceneParam(r)
	if err != nil {
		return err
	}
	l, err := s.DB.Link(r.ctx, r.param("id"))
	if err != nil {
		return err
	}
	m, err := s.linkPage(r, l, param)
	if err != nil {
		return err
	}
	body, status := link.Page(r.view, m), http.StatusOK
	if r.partial() {
		// While a scene_param is typed, the actions in the header follow it.
		body = components(body, link.PrintSheet(r.view, m), link.CopyAddress(r.view, m))
	} else if m.Param.Error != "" {
		status = http.StatusUnprocessableEntity
	}
	row := s.linkRow(r, l)
	p := layout.Page{Title: l.Name, Nav: layout.Links,
		Crumbs: []ui.Crumb{{Text: r.t().Link.Title, Href: href.Links}, {Text: row.Account, Href: href.Account(l.AccountID, "links")}, {Text: l.Name}},
		Facts:  []templ.Component{link.SceneFact(r.view, l.Scene), link.CreatedFact(r.view, row)}}
	p.Actions = components(s.shelveButton(r, l), s.linkEditButton(r, l), link.PrintSheet(r.view, m), link.CopyAddress(r.view, m))
	return s.replyStatus(r, status, p, body)
}

// shelveButton archives a link, or restores it.
func (s *Server) shelveButton(r *request, l db.Link) templ.Component {
	b, action := ui.Btn{Text: r.t().Link.Archive, Icon: "archive"}, "archive"
	if l.ArchivedAt != nil {
		b, action = ui.Btn{Text: r.t().Link.Restore, Icon: "archive-restore"}, "restore"
	}
	if !r.can(auth.ChangeLinks) {
		b.Reason = r.t().Link.ReasonRole
	}
	return ui.PostButton(href.Link(l.ID, action), []ui.Pair{{"intent", db.NewID()}}, b)
}

func (s *Server) linkEditButton(r *request, l db.Link) templ.Component {
	b := ui.Btn{Text: r.t().Link.Edit, Icon: "pencil", Href: href.Link(l.ID, "edit")}
	if !r.can(auth.ChangeLinks) {
		b.Reason = r.t().Link.ReasonRole
	}
	return ui.LinkButton(b)
}

// linkPage shapes the page of a link. A scene_param that cannot be taken is explained,
// and the page shows the address without it.
func (s *Server) linkPage(r *request, l db.Link, param string) (link.Show, error) {
	t := r.t().Link
	m := link.Show{Name: l.Name, Archived: l.ArchivedAt != nil, SeeAudit: r.can(auth.ViewAudit), RecentHref: href.Q("target", l.ID).On(href.Audit),
		Param: link.Param{Action: href.Link(l.ID), Value: param, Encoded: encodeParam(param), Limit: maxSceneParam}}
	a, err := s.DB.Account(r.ctx, l.AccountID)
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return m, err
	}
	m.Gone = err != nil || a.GoneAt != nil
	switch takesParam(l) {
	case errNoScene:
		m.Param.Why = t.ParamNoScene
	case errOldLink:
		m.Param.Why = t.ParamOld
	}
	if m.Address, err = addressWith(l, param); err != nil {
		if errors.Is(err, errLongParam) {
			m.Param.Error = t.ParamTooLong(len(m.Param.Encoded), maxSceneParam)
		}
		m.Address, param = l.URL, ""
	}
	if param != "" {
		m.Param.Event = `"scene": ` + quoted(l.Scene) + `, "scene_param": ` + quoted(m.Param.Encoded)
	}
	m.Print = href.Q("param", param).On(href.Link(l.ID, "print"))
	m.Places, m.Facts = s.linkPlaces(r, m.Address), s.linkFacts(r, l, a)
	if m.Code, err = linkCode(r, l, m.Address, param); err != nil {
		return m, err
	}
	brought, err := s.linkBrought(r, l)
	if err != nil {
		return m, err
	}
	m.Brought = scene.Figures(r.view, brought)
	if m.SeeAudit {
		m.Recent, err = s.recentFeed(r, db.AuditFilter{TargetKind: ops.KindLink, TargetID: l.ID}, 4)
	}
	return m, err
}

// pngSizes are the pictures on offer, in pixels; a request may name any between 128
// and 2048.
func pngSizes() []int { return []int{256, 512, 1024, 2048} }

// pngStandard is the picture that a request without a size gets.
const pngStandard = 1024

func linkCode(r *request, l db.Link, address, param string) (link.Code, error) {
	code, err := newQR(address)
	if err != nil {
		return link.Code{}, err
	}
	svg, err := qrSVG(address, r.t().Link.CodeOf(l.Name))
	if err != nil {
		return link.Code{}, err
	}
	q := href.Q("param", param)
	m := link.Code{Picture: templ.Raw(string(svg)), Readable: Readable(address), Modules: code.Size, Side: centimetres(leastSide(code.Size)),
		PNG: href.Link(l.ID, "qr.png"), SVG: q.On(href.Link(l.ID, "qr.svg")), Hidden: q.Pairs()}
	for _, size := range pngSizes() {
		m.Sizes = append(m.Sizes, ui.Option{Value: strconv.Itoa(size), Text: r.t().Link.PNGOption(size, centimetres(float64(size)/300*2.54)), On: size == pngStandard})
	}
	return m, nil
}

// leastSide is the least width of a print of that many modules in centimetres: half a
// millimetre a module with the border, which phones still read from a hand's distance,
// rounded up to half centimetres and never below two.
func leastSide(modules int) float64 {
	return max(2, math.Ceil(float64(modules+2*qrQuiet)*.05*2)/2)
}

// centimetres writes a length with at most one digit after the point.
func centimetres(n float64) string {
	return strings.TrimSuffix(strconv.FormatFloat(n, 'f', 1, 64), ".0")
}

func (s *Server) linkFacts(r *request, l db.Link, a db.Account) []ui.KV {
	t := r.t().Link
	scene := ui.KV{Key: t.Scene, Show: ui.Text(t.NoScene)}
	if l.Scene != "" {
		scene = ui.KV{Key: t.Scene, Value: l.Scene, Mono: true}
	}
	facts := []ui.KV{{Key: t.Account, Show: link.Owner(orID(l.AccountName, l.AccountID), href.Account(l.AccountID), a.ID != "")}, scene}
	for _, each := range []struct{ key, value string }{{t.Campaign, l.Campaign}, {t.Note, l.Note}} {
		if each.value != "" {
			facts = append(facts, ui.KV{Key: each.key, Show: link.Data(each.value)})
		}
	}
	facts = append(facts, ui.KV{Key: t.Created, Show: ui.ExactTime(r.view, l.CreatedAt)})
	if l.UpdatedAt.After(l.CreatedAt) {
		facts = append(facts, ui.KV{Key: t.Changed, Show: ui.Time(r.view, l.UpdatedAt)})
	}
	return append(facts, ui.KV{Key: t.PageAddress, Show: ui.Copy(r.view, t.PageAddress, s.origin(r)+href.Link(l.ID))})
}

// origin is the beginning of the console's addresses as operators open them.
func (s *Server) origin(r *request) string {
	if s.PublicURL != nil {
		return s.PublicURL.Scheme + "://" + s.PublicURL.Host
	}
	return r.c.BaseURL()
}

// linkPlaces is the code for every place where customers may meet a link.
func (s *Server) linkPlaces(r *request, address string) []link.Place {
	t := r.t().Link.Place
	here, corp, words := quoted(address), quoted(s.CorpID), html.EscapeString(t.Contact)
	anchor := `<a href="` + html.EscapeString(address) + `"`
	button := "\n  " + `style="display: inline-block; padding: 10px 18px; border-radius: 6px; background: #087a3c; color: #fff; text-decoration: none"`
	call := "Page({\n  openChat() {\n    wx.openCustomerServiceChat({\n      extInfo: { url: " + here + " },\n      corpId: " + corp +
		",\n      fail: (err) => console.error(err)\n    })\n  }\n})"
	menu := "{\n  \"button\": [\n    { \"type\": \"view\", \"name\": " + quoted(t.Contact) + ", \"url\": " + here + " }\n  ]\n}"
	app := "WXOpenCustomerServiceChat.Req req = new WXOpenCustomerServiceChat.Req();\nreq.corpId = " + corp + ";\nreq.url = " + here + ";\napi.sendReq(req);"
	return []link.Place{
		{ID: "web", Title: t.Web, Note: t.WebNote, Snippets: []link.Snippet{{Title: t.WebLink, Code: anchor + ">" + words + "</a>"}, {Title: t.WebButton, Code: anchor + button + ">" + words + "</a>"}}},
		{ID: "mini", Title: t.Mini, Note: t.MiniNote, Snippets: []link.Snippet{{Title: t.MiniCall, Code: call}, {Title: t.MiniButton, Code: `<button bindtap="openChat">` + words + `</button>`}}},
		{ID: "menu", Title: t.Menu, Note: t.MenuNote, Snippets: []link.Snippet{{Title: t.MenuBody, Code: menu}}},
		{ID: "app", Title: t.App, Note: t.AppNote, Snippets: []link.Snippet{{Title: t.AppBody, Code: app}}},
		{ID: "plain", Title: t.Plain, Note: t.PlainNote, Snippets: []link.Snippet{{Title: t.PlainText, Code: address}}},
	}
}

// quoted writes a string as JSON and JavaScript do, and Java for what an address holds.
func quoted(s string) string {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		return `""`
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// linkPrint is a sheet to put up: the account's name and picture, the code, a caption.
func (s *Server) linkPrint(r *request) error {
	paper, err := r.oneOf("paper", "A4", "A6")
	if err != nil {
		return err
	}
	caption := r.query("caption")
	if utf8.RuneCountInString(caption) > ops.MaxLinkName || !utf8.ValidString(caption) {
		return badRequest("caption")
	}
	l, address, err := s.linkAndAddress(r)
	if err != nil {
		return err
	}
	if caption == "" {
		caption = l.Name
	}
	a, err := s.DB.Account(r.ctx, l.AccountID)
	if err != nil && !errors.Is(err, db.ErrNotFound) {
		return err
	}
	t := r.t().Link
	svg, err := qrSVG(address, t.CodeOf(l.Name))
	if err != nil {
		return err
	}
	name := orID(l.AccountName, l.AccountID)
	m := link.Sheet{Small: paper == "A6", Action: href.Link(l.ID, "print"), Caption: caption, Hidden: href.Q("param", r.query("param")).Pairs(),
		Back:   href.Q("param", r.query("param")).On(href.Link(l.ID)),
		Poster: ui.PosterModel{Corp: s.Corp, Account: name, Picture: pictureHref(a), Code: templ.Raw(string(svg)), Caption: caption, Foot: t.PosterScan(name)}}
	m.Sizes = []ui.Option{{Value: "A4", Text: t.PosterA4, On: !m.Small}, {Value: "A6", Text: t.PosterA6, On: m.Small}}
	return s.sheet(r, layout.Page{Title: caption + " · " + name}, link.Print(r.view, m))
}
