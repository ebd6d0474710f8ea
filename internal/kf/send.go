package kf

import (
	"bytes"
	"context"
	"encoding/json"
)

// Draft is a message to be sent. Kind and the type of Content belong together:
//
//	KindText                                    Text, without MenuID
//	KindImage, KindVoice, KindVideo, KindFile   Media, uploaded as that kind
//	KindLink                                    LinkCard, without Picture
//	KindMiniProgram                             MiniProgram
//	KindMenu                                    Menu
//	KindLocation                                Location
//	KindCALink                                  CALink
type Draft struct {
	Kind    string
	Content any
}

// sendRequest is the frame of a message. Its payload goes into the field that has
// the name of its kind.
type sendRequest struct {
	Customer CustomerID `json:"touser,omitempty"`
	Account  AccountID  `json:"open_kfid,omitempty"`
	Code     string     `json:"code,omitempty"`
	ID       MessageID  `json:"msgid,omitempty"`
	draftPayload
}

// draftPayload is a draft as it travels.
type draftPayload struct {
	Kind        string              `json:"msgtype"`
	Text        *textPayload        `json:"text,omitempty"`
	Image       *mediaPayload       `json:"image,omitempty"`
	Voice       *mediaPayload       `json:"voice,omitempty"`
	Video       *mediaPayload       `json:"video,omitempty"`
	File        *mediaPayload       `json:"file,omitempty"`
	Link        *linkPayload        `json:"link,omitempty"`
	MiniProgram *miniProgramPayload `json:"miniprogram,omitempty"`
	Menu        *menuPayload        `json:"msgmenu,omitempty"`
	Location    *locationPayload    `json:"location,omitempty"`
	CALink      *caLinkPayload      `json:"ca_link,omitempty"`
}

// newDraftPayload is of a draft that was checked.
func newDraftPayload(d Draft) draftPayload {
	p := draftPayload{Kind: d.Kind}
	switch content := d.Content.(type) {
	case Text:
		p.Text = &textPayload{Content: looseString(content.Content)}
	case Media:
		media := &mediaPayload{looseString(content.ID)}
		switch d.Kind {
		case KindImage:
			p.Image = media
		case KindVoice:
			p.Voice = media
		case KindVideo:
			p.Video = media
		case KindFile:
			p.File = media
		}
	case LinkCard:
		p.Link = &linkPayload{Title: looseString(content.Title), Desc: looseString(content.Desc),
			URL: looseString(content.URL), Thumb: looseString(content.Thumb)}
	case MiniProgram:
		p.MiniProgram = &miniProgramPayload{looseString(content.Title), looseString(content.AppID),
			looseString(content.Path), looseString(content.Thumb)}
	case Menu:
		p.Menu = newMenuPayload(content)
	case Location:
		p.Location = &locationPayload{looseFloat(content.Latitude), looseFloat(content.Longitude),
			looseString(content.Name), looseString(content.Address)}
	case CALink:
		p.CALink = &caLinkPayload{looseString(content.URL)}
	}
	return p
}

// EncodeDraft returns a draft in the shape of an entry of sync_msg that has
// nothing but its msgtype and its payload, so that ParseMessage reads what was
// sent as it reads what was received.
func EncodeDraft(d Draft) (json.RawMessage, error) {
	if err := CheckDraft(d); err != nil {
		return nil, err
	}
	r, err := jsonRequest(endpointSend, newDraftPayload(d))
	return bytes.TrimSpace(r.body), err
}

type sendAnswer struct {
	status
	ID looseString `json:"msgid"`
}

// SendMsg sends a message to a customer (document 94677) and returns its id,
// which is that of the caller unless that is empty. WeCom takes it in StateNew
// and StateAssistant, SendQuota times after each message of the customer, for
// SendWindow; otherwise it gives errcode 95018, 95001 or 95002.
//
// Success means accepted: a SendFailed may follow. A call with an id of the
// account's that was used already is refused, so that after an Unknown end the
// same call may be made again, and the refusal means that the first one worked.
func (c *Client) SendMsg(ctx context.Context, account AccountID, customer CustomerID, id MessageID, d Draft) (MessageID, error) {
	if err := firstError(checkAccountID(account), checkCustomerID(customer), checkMessageID(id), CheckDraft(d)); err != nil {
		return "", err
	}
	return c.sendDraft(ctx, endpointSend, sendRequest{
		Customer: customer, Account: account, ID: id, draftPayload: newDraftPayload(d)})
}

// SendOnEvent sends the one message a code is good for (document 95122): a
// welcome, a note to who waits, or a farewell. The draft must be KindText, or
// with the code of a welcome or a farewell KindMenu. Its message does not appear
// in sync_msg, and the session must still be in the state of the code.
func (c *Client) SendOnEvent(ctx context.Context, code string, id MessageID, d Draft) (MessageID, error) {
	if code == "" {
		return "", &ArgumentError{Field: "code", Rule: RuleRequired}
	}
	if err := firstError(checkMessageID(id), CheckDraft(d)); err != nil {
		return "", err
	}
	if d.Kind != KindText && d.Kind != KindMenu {
		return "", &ArgumentError{Field: "msgtype", Rule: RuleKind}
	}
	return c.sendDraft(ctx, endpointSendOnEvent, sendRequest{Code: code, ID: id, draftPayload: newDraftPayload(d)})
}

func (c *Client) sendDraft(ctx context.Context, endpoint string, r sendRequest) (MessageID, error) {
	v, err := post[sendAnswer](ctx, c, endpoint, r)
	switch {
	case err != nil:
		return "", err
	case r.ID != "":
		return r.ID, nil
	case v.ID == "":
		return "", malformed(endpoint, "no msgid")
	}
	return MessageID(v.ID), nil
}
