package kfsim

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

// maxSendBody is the largest file somebody may send, in base64, and its frame.
const maxSendBody = 32 << 20

// talkControls adds what customers and servicers do, and what they see.
func (s *Sim) talkControls(mux *http.ServeMux) {
	mux.HandleFunc("POST /_sim/customer/enter", control(s.customerEnter))
	mux.HandleFunc("POST /_sim/desk/status", control(s.deskStatus))
	for path, do := range map[string]func(actBody) (any, error){
		"customer/send": func(b actBody) (any, error) { return said(s.CustomerSends(b.Account, b.Customer, b.content())) },
		"customer/recall": func(b actBody) (any, error) {
			return struct{}{}, s.CustomerRecalls(b.Account, b.Customer, b.MsgID)
		},
		"customer/click": func(b actBody) (any, error) {
			return said(s.CustomerClicksMenu(b.Account, b.Customer, b.MsgID, b.Item))
		},
		"customer/refuse": func(b actBody) (any, error) { return struct{}{}, s.CustomerRefuses(b.Account, b.Customer, b.On) },
		"desk/pick":       func(b actBody) (any, error) { return struct{}{}, s.ServicerPicks(b.Account, b.Customer, b.UserID) },
		"desk/send": func(b actBody) (any, error) {
			return said(s.ServicerSends(b.Account, b.Customer, b.UserID, b.content()))
		},
		"desk/transfer": func(b actBody) (any, error) {
			return struct{}{}, s.ServicerTransfers(b.Account, b.Customer, b.UserID, b.To)
		},
		"desk/end":    func(b actBody) (any, error) { return struct{}{}, s.ServicerEnds(b.Account, b.Customer, b.UserID) },
		"desk/reopen": func(b actBody) (any, error) { return struct{}{}, s.ServicerReopens(b.Account, b.Customer, b.UserID) },
		"desk/recall": func(b actBody) (any, error) {
			return struct{}{}, s.ServicerRecalls(b.Account, b.Customer, b.UserID, b.MsgID)
		},
		"desk/reject": func(b actBody) (any, error) {
			return struct{}{}, s.ServicerRejects(b.Account, b.Customer, b.UserID, b.On)
		},
	} {
		mux.HandleFunc("POST /_sim/"+path, control(acting(do)))
	}
	mux.HandleFunc("POST /_sim/fail", control(s.failSends))
	mux.HandleFunc("POST /_sim/inject", control(s.injectEntry))
	mux.HandleFunc("POST /_sim/traffic", control(s.makeTraffic))
	mux.HandleFunc("GET /_sim/callback", control(s.showCallback))
	mux.HandleFunc("POST /_sim/callback", control(s.setCallback))
	mux.HandleFunc("GET /_sim/callbacks", control(s.showDelivery))
	mux.HandleFunc("POST /_sim/callbacks", control(s.setDelivery))
	mux.HandleFunc("POST /_sim/auth_change", control(s.announceAuth))
	mux.HandleFunc("GET /_sim/chat", control(s.showChat))
	mux.HandleFunc("GET /_sim/pool", control(func(r *http.Request) (any, error) { return s.Pool(r.URL.Query().Get("account")), nil }))
	mux.HandleFunc("GET /_sim/sessions", control(func(r *http.Request) (any, error) { return s.Sessions(r.URL.Query().Get("account")), nil }))
	mux.HandleFunc("GET /_sim/truth", control(func(*http.Request) (any, error) { return s.Truth(), nil }))
	mux.HandleFunc("GET /_sim/media/{id}", s.showMedia)
	mux.HandleFunc("GET /_sim/face/{id}", s.serveFace)
}

// actBody is the body of everything that happens in a chat; each call needs some of it.
type actBody struct {
	Account  string         `json:"account"`
	Customer string         `json:"customer"`
	UserID   string         `json:"userid"`
	To       string         `json:"to"`
	MsgID    string         `json:"msgid"`
	Item     string         `json:"item"`
	On       bool           `json:"on"`
	Type     string         `json:"type"`
	Fields   map[string]any `json:"fields"`
	Text     string         `json:"text"` // short for type text
}

func (b actBody) content() Content {
	if b.Type == "" && b.Fields == nil {
		return TextContent(b.Text)
	}
	return Content{b.Type, b.Fields}
}

// acting reads the body of a call, which may carry a whole file.
func acting(do func(actBody) (any, error)) func(*http.Request) (any, error) {
	return func(r *http.Request) (any, error) {
		raw, err := io.ReadAll(io.LimitReader(r.Body, maxSendBody+1))
		if err != nil {
			return nil, fmt.Errorf("read body: %w", err)
		}
		if len(raw) > maxSendBody {
			return nil, fmt.Errorf("body: at most %d bytes", maxSendBody)
		}
		var body actBody
		if err := decode(raw, &body); err != nil {
			return nil, err
		}
		return do(body)
	}
}

func said(msgid string, err error) (any, error) {
	return map[string]string{"msgid": msgid}, err
}

func (s *Sim) customerEnter(r *http.Request) (any, error) {
	var body struct {
		Account    string       `json:"account"`
		Scene      string       `json:"scene"`
		SceneParam string       `json:"scene_param"`
		Customer   CustomerCard `json:"customer"`
	}
	if err := read(r, &body); err != nil {
		return nil, err
	}
	id, err := s.CustomerEnters(body.Account, body.Scene, body.SceneParam, body.Customer)
	return map[string]string{"external_userid": id}, err
}

func (s *Sim) deskStatus(r *http.Request) (any, error) {
	var body struct {
		Account string `json:"account"`
		UserID  string `json:"userid"`
		Status  string `json:"status"`
	}
	if err := read(r, &body); err != nil {
		return nil, err
	}
	return struct{}{}, s.ServicerStatus(body.Account, body.UserID, body.Status)
}

// failSends makes one message fail that was accepted, or the next ones, or holds them back.
func (s *Sim) failSends(r *http.Request) (any, error) {
	var body struct {
		Account string `json:"account"`
		MsgID   string `json:"msgid"`
		Type    int    `json:"type"`
		Next    int    `json:"next"`
		Hold    *bool  `json:"hold"`
	}
	if err := read(r, &body); err != nil {
		return nil, err
	}
	switch {
	case body.Hold != nil:
		s.HoldSends(*body.Hold)
		return struct{}{}, nil
	case body.MsgID != "":
		return struct{}{}, s.FailSend(body.Account, body.MsgID, body.Type)
	}
	return struct{}{}, s.FailNextSends(body.Account, body.Next, body.Type)
}

func (s *Sim) injectEntry(r *http.Request) (any, error) {
	var body struct {
		Account string          `json:"account"`
		Entry   json.RawMessage `json:"entry"`
	}
	if err := read(r, &body); err != nil {
		return nil, err
	}
	return struct{}{}, s.Inject(body.Account, body.Entry)
}

func (s *Sim) makeTraffic(r *http.Request) (any, error) {
	var body struct {
		Accounts  int    `json:"accounts"`
		Customers int    `json:"customers"`
		Messages  int    `json:"messages"`
		Seed      int64  `json:"seed"`
		Over      string `json:"over"`
	}
	if err := read(r, &body); err != nil {
		return nil, err
	}
	plan := TrafficPlan{Accounts: body.Accounts, Customers: body.Customers, Messages: body.Messages, Seed: body.Seed}
	if body.Over != "" {
		var err error
		if plan.Over, err = time.ParseDuration(body.Over); err != nil {
			return nil, errors.New(`over: a duration such as "10s"`)
		}
	}
	return map[string]int{"messages": plan.Messages}, s.TrafficContext(r.Context(), plan)
}

func (s *Sim) showChat(r *http.Request) (any, error) {
	return s.Chat(r.URL.Query().Get("account"), r.URL.Query().Get("customer"))
}
