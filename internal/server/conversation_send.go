package server

import (
	"context"
	"errors"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/valyala/fasthttp"

	"kfconsole/internal/auth"
	"kfconsole/internal/db"
	"kfconsole/internal/kf"
	"kfconsole/internal/ops"
	"kfconsole/web/templates/conversation"
	"kfconsole/web/templates/href"
	"kfconsole/web/templates/layout"
	"kfconsole/web/templates/problem"
)

// menuShown is how many empty items a menu begins with.
const menuShown = 3

// maxMessageBody is the most that the composer may send: a file and some fields.
const maxMessageBody = kf.MaxFileBytes + 1<<20

// bodyLimit lets only the composer of somebody who may send messages send more than any other form may. It is asked when
// nothing but the head of a request has come.
func (s *Server) bodyLimit(head *fasthttp.RequestHeader) fasthttp.RequestConfig {
	uri, _, _ := strings.Cut(string(head.RequestURI()), "?")
	if !head.IsPost() || !strings.HasPrefix(uri, href.Conversations+"/") || path.Base(uri) != "messages" {
		return fasthttp.RequestConfig{}
	}
	ctx, cancel := context.WithTimeout(context.Background(), limitWithin)
	defer cancel()
	_, operator, err := s.Gate.Sessions.Find(ctx, string(head.Cookie(s.cookieName())))
	if err != nil || !auth.Role(operator.Role).Can(auth.SendMessages) {
		return fasthttp.RequestConfig{}
	}
	return fasthttp.RequestConfig{MaxRequestBodySize: maxMessageBody}
}

// limitWithin bounds the look at who sends a message; the request itself looks again.
const limitWithin = 5 * time.Second

// messageKinds are the kinds that can be written, with their icons.
func messageKinds() [][2]string {
	return [][2]string{{kf.KindText, "message-circle"}, {kf.KindImage, "image"}, {kf.KindFile, "paperclip"}, {kf.KindVoice, "mic"}, {kf.KindVideo, "video"},
		{kf.KindLink, "link"}, {kf.KindMiniProgram, "app-window"}, {kf.KindMenu, "list"}, {kf.KindLocation, "map-pin"}}
}

// composeFor completes what is typed to the whole form.
func composeFor(r *request, k *talk, c conversation.Compose) conversation.Compose {
	t := r.t().Conversation
	c.Action, c.Preview = k.board.q.On(href.Conversation(k.ID, "messages")), href.Conversation(k.ID, "preview")
	c.Intent, c.MaxBytes, c.MaxItems, c.Left = db.NewID(), kf.MaxTextBytes, kf.MaxMenuItems, k.window.Left
	if !r.can(auth.SendMessages) {
		c.Reason = t.SendRole
	}
	if c.Kind == "" {
		c.Kind = kf.KindText
	}
	for _, each := range messageKinds() {
		c.Kinds = append(c.Kinds, conversation.Kind{Value: each[0], Icon: each[1], Text: t.Kinds[each[0]]})
	}
	for len(c.Items) < menuShown {
		c.Items = append(c.Items, conversation.MenuInput{Type: kf.ItemClick})
	}
	c.Files = map[string]string{"link_cover": t.FileHelp["cover"], "mini_cover": t.FileHelp["cover"]}
	for _, kind := range []string{kf.KindImage, kf.KindFile, kf.KindVoice, kf.KindVideo} {
		c.Files[kind] = t.FileHelp[kind]
	}
	return c
}

// typedMessage is the composer as it was sent.
func typedMessage(r *request) conversation.Compose {
	c := conversation.Compose{Kind: r.form("kind"), Values: map[string]string{}, Errors: map[string]string{}}
	for _, name := range []string{"text", "link_title", "link_url", "link_desc", "mini_title", "mini_appid", "mini_path", "menu_head", "menu_tail", "latitude", "longitude", "place", "address"} {
		c.Values[name] = r.form(name)
	}
	types, contents, extras, paths := r.forms("item_type"), r.forms("item_content"), r.forms("item_extra"), r.forms("item_path")
	for n := range min(len(types), len(contents), len(extras), len(paths), kf.MaxMenuItems) {
		c.Items = append(c.Items, conversation.MenuInput{Type: types[n], Content: contents[n], Extra: extras[n], Path: paths[n]})
	}
	return c
}

// conversationPreview shows into how many messages a text would be cut.
func (s *Server) conversationPreview(r *request) error {
	k, err := s.talk(r)
	if err != nil {
		return err
	}
	parts := ops.SplitText(r.form("text"))
	return s.reply(r, layout.Page{Title: r.t().Conversation.Title}, conversation.Parts(r.view, conversation.Split{Parts: parts, Left: k.window.Left, Over: len(parts) > k.window.Left}))
}

// conversationSend sends what was written.
func (s *Server) conversationSend(r *request) error {
	k, err := s.talk(r)
	if err != nil {
		return err
	}
	typed := typedMessage(r)
	again := func(status int, above problem.Trouble) error {
		if k, err = s.talk(r); err != nil {
			return err
		}
		typed.Focus = true
		p, body, err := s.conversationPage(r, k, typed, above)
		return s.replyOr(r, status, p, body, err)
	}
	if r.form("more") != "" {
		for range min(menuShown, kf.MaxMenuItems-len(typed.Items)) {
			typed.Items = append(typed.Items, conversation.MenuInput{Type: kf.ItemClick})
		}
		return again(http.StatusOK, problem.Trouble{})
	}
	if s.uncut(r, k, &typed) {
		return again(http.StatusUnprocessableEntity, problem.Trouble{})
	}
	send, invalid := r.message(typed)
	if invalid != nil {
		return again(http.StatusUnprocessableEntity, refuse(r, &typed, invalid))
	}
	send.IntentID, send.ConversationID = r.intent(), k.ID
	results, err := s.Ops.SendMessage(r.ctx, r.actor, send)
	if typed.Kind == kf.KindText && len(results) > 1 {
		// What has gone out is not offered again.
		typed.Values["text"] = strings.Join(ops.SplitText(typed.Values["text"])[len(results)-1:], "\n")
	}
	c := change{err: err, tried: r.t().Conversation.SendTried, to: k.self()}
	if len(results) > 0 {
		c.result = results[len(results)-1]
	}
	c.again = func(t trouble) (layout.Page, templ.Component, error) {
		if k, err = s.talk(r); err != nil {
			return layout.Page{}, nil, err
		}
		if t.invalid != nil {
			t.above = refuse(r, &typed, t.invalid)
		}
		return s.conversationPage(r, k, typed, t.above)
	}
	return s.conclude(r, c)
}

// uncut tells that a text has to be cut into more messages than the writer has been shown, and shows them.
func (s *Server) uncut(r *request, k *talk, typed *conversation.Compose) bool {
	if typed.Kind != kf.KindText {
		return false
	}
	parts := ops.SplitText(typed.Values["text"])
	if len(parts) < 2 {
		return false
	}
	typed.Split = &conversation.Split{Parts: parts, Left: k.window.Left, Over: len(parts) > k.window.Left}
	t := r.t().Conversation
	switch {
	case !k.window.Allowed:
		return false // it is not the length that stands in the way
	case typed.Split.Over:
		typed.Errors["text"] = t.Wrong["limit"](k.window.Left)
	case r.form("parts") != strconv.Itoa(len(parts)):
		typed.Errors["text"] = t.SplitCheck(len(parts))
	default:
		return false
	}
	return true
}

// message reads what the chosen kind takes of the form.
func (r *request) message(typed conversation.Compose) (ops.Send, *ops.Invalid) {
	send := ops.Send{Kind: typed.Kind}
	field, limit := typed.Kind, int64(kf.MaxFileBytes)
	v := typed.Values
	switch typed.Kind {
	case kf.KindText:
		send.Text = v["text"]
		return send, nil
	case kf.KindImage, kf.KindFile, kf.KindVoice, kf.KindVideo:
	case kf.KindLink:
		field = "link_cover"
		send.Content = kf.LinkCard{Title: strings.TrimSpace(v["link_title"]), URL: strings.TrimSpace(v["link_url"]), Desc: strings.TrimSpace(v["link_desc"])}
	case kf.KindMiniProgram:
		field = "mini_cover"
		send.Content = kf.MiniProgram{Title: strings.TrimSpace(v["mini_title"]), AppID: strings.TrimSpace(v["mini_appid"]), Path: strings.TrimSpace(v["mini_path"])}
	case kf.KindMenu:
		send.Content = typedMenu(typed)
		return send, nil
	case kf.KindLocation:
		place := kf.Location{Name: strings.TrimSpace(v["place"]), Address: strings.TrimSpace(v["address"])}
		for name, into := range map[string]*float64{"latitude": &place.Latitude, "longitude": &place.Longitude} {
			var err error
			if *into, err = strconv.ParseFloat(strings.TrimSpace(v[name]), 64); err != nil {
				return send, &ops.Invalid{Field: name, Rule: "number"}
			}
		}
		send.Content = place
		return send, nil
	default:
		return send, &ops.Invalid{Field: "kind", Rule: "kind"}
	}
	data, err := r.file(field, limit)
	var invalid *ops.Invalid
	if errors.As(err, &invalid) {
		return send, invalid
	}
	if err == nil {
		send.Upload = &ops.Upload{Name: path.Base(strings.ReplaceAll(r.files[field][0].Filename, "\\", "/")), Data: data}
	}
	return send, nil
}

// typedMenu is the menu of the form without its empty items.
func typedMenu(typed conversation.Compose) kf.Menu {
	m := kf.Menu{Head: strings.TrimSpace(typed.Values["menu_head"]), Tail: strings.TrimSpace(typed.Values["menu_tail"])}
	for _, i := range typed.Items {
		item := kf.MenuItem{Type: i.Type, Content: strings.TrimSpace(i.Content)}
		extra := strings.TrimSpace(i.Extra)
		if item.Content == "" && extra == "" && strings.TrimSpace(i.Path) == "" {
			continue
		}
		switch i.Type {
		case kf.ItemClick:
			item.ID = extra
		case kf.ItemView:
			item.URL = extra
		case kf.ItemMiniProgram:
			item.AppID, item.Path = extra, strings.TrimSpace(i.Path)
		}
		m.Items = append(m.Items, item)
	}
	return m
}

// messageFields says which field of the form a field of the protocol is, by the kind of the message.
var messageFields = map[string]map[string]string{
	kf.KindText:        {"text": "text", "content": "text"},
	kf.KindLink:        {"title": "link_title", "url": "link_url", "desc": "link_desc", "media": "link_cover", "filename": "link_cover", "type": "link_cover", "link_cover": "link_cover"},
	kf.KindMiniProgram: {"title": "mini_title", "appid": "mini_appid", "pagepath": "mini_path", "media": "mini_cover", "filename": "mini_cover", "type": "mini_cover", "mini_cover": "mini_cover"},
	kf.KindMenu:        {"head_content": "menu_head", "tail_content": "menu_tail"},
	kf.KindLocation:    {"latitude": "latitude", "longitude": "longitude", "name": "place", "address": "address"},
}

// refuse puts the sentence about what cannot be sent beside its field; what concerns the whole is a notice above.
func refuse(r *request, typed *conversation.Compose, invalid *ops.Invalid) problem.Trouble {
	t := r.t().Conversation
	if invalid.Field == "window" {
		return problem.Trouble{Notice: &problem.Notice{Title: t.Locked[invalid.Rule]}}
	}
	if invalid.Field == "account" {
		return problem.Trouble{Notice: &problem.Notice{Title: moveWords(r, invalid)}}
	}
	words := invalid.Rule
	if say := t.Wrong[invalid.Rule]; say != nil {
		words = say(invalid.Limit)
	}
	field := messageFields[typed.Kind][invalid.Field]
	switch {
	case field != "":
	case typed.Kind == kf.KindMenu:
		field = "items"
	case messageFields[typed.Kind] == nil && invalid.Field != "kind":
		field = typed.Kind
	default:
		return problem.Trouble{Notice: &problem.Notice{Title: words}}
	}
	typed.Errors[field] = words
	return problem.Trouble{Errors: 1}
}
