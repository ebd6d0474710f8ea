package kf

import (
	"encoding/json"
	"strings"
)

// EnterSession is a customer who opened the chat.
type EnterSession struct {
	Scene      string // of the link, see AddContactWay
	SceneParam string // as it was appended to the link, still URL-encoded
	// WelcomeCode is good for one SendOnEvent within WelcomeCodeLife of the
	// event. It is empty if the customer was welcomed or wrote not long ago.
	WelcomeCode string
	Channels    *WeChatChannels // nil unless the customer came from channels
}

// The places in channels a customer can come from.
const (
	ChannelsHome        = 1
	ChannelsLiveRoom    = 2
	ChannelsWindow      = 3
	ChannelsShopProduct = 4
	ChannelsShopOrder   = 5
)

// WeChatChannels is the channels account a customer came from.
type WeChatChannels struct {
	Nickname     string // with ChannelsHome, ChannelsLiveRoom and ChannelsWindow
	ShopNickname string // with ChannelsShopProduct and ChannelsShopOrder
	Scene        int
}

// SendFailed is a message of ours that was accepted and yet not delivered.
type SendFailed struct {
	Message MessageID
	Type    int // fail_type
}

// The states of ServicerChange. ListServicers counts differently.
const (
	ChangeServing = 1
	ChangeStopped = 2
)

// ServicerChange is a servicer who began or ceased to take customers.
type ServicerChange struct {
	Servicer UserID
	Status   int // ChangeServing or ChangeStopped
	StopType int // with ChangeStopped: 0 stopped, 1 away for a while
}

// The types of SessionChange.
const (
	SessionPicked      = 1 // a servicer took the customer from the queue
	SessionTransferred = 2
	SessionEnded       = 3
	SessionReopened    = 4
)

// SessionChange is what a servicer did in the WeCom client. Calls of
// TransferState and the end of the 48 hours make no such event.
type SessionChange struct {
	Type int
	Old  UserID // unless SessionPicked
	New  UserID // unless SessionEnded
	// Code is good for one SendOnEvent: for ReplyCodeLife with SessionPicked, for
	// EndingCodeLife with SessionEnded, and as long as the state stays.
	Code string
}

// Recalled is a message that its sender took back.
type Recalled struct {
	Message    MessageID
	ByServicer bool
	Servicer   UserID // if ByServicer
}

// RejectSwitch is a servicer who began or ceased to refuse a customer's messages.
type RejectSwitch struct {
	Servicer UserID
	On       bool
}

// UnknownEvent is an event of a type this package does not know.
type UnknownEvent struct {
	Type string // event_type
}

// The values of event_type.
const (
	eventEnterSession   = "enter_session"
	eventSendFailed     = "msg_send_fail"
	eventServicerChange = "servicer_status_change"
	eventSessionChange  = "session_status_change"
	eventCustomerRecall = "user_recall_msg"
	eventServicerRecall = "servicer_recall_msg"
	eventRejectSwitch   = "reject_customer_msg_switch_change"
)

// EventType returns the event_type of an event, and for all other messages "".
func (m Message) EventType() string {
	switch content := m.Content.(type) {
	case EnterSession:
		return eventEnterSession
	case SendFailed:
		return eventSendFailed
	case ServicerChange:
		return eventServicerChange
	case SessionChange:
		return eventSessionChange
	case Recalled:
		if content.ByServicer {
			return eventServicerRecall
		}
		return eventCustomerRecall
	case RejectSwitch:
		return eventRejectSwitch
	case UnknownEvent:
		return content.Type
	}
	return ""
}

// eventPayload holds the fields of all events.
type eventPayload struct {
	Type         looseString      `json:"event_type"`
	Account      looseString      `json:"open_kfid"`
	Customer     looseString      `json:"external_userid"`
	Servicer     looseString      `json:"servicer_userid"`
	Scene        looseString      `json:"scene"`
	SceneParam   looseString      `json:"scene_param"`
	WelcomeCode  looseString      `json:"welcome_code"`
	Channels     *channelsContext `json:"wechat_channels"`
	FailMessage  looseString      `json:"fail_msgid"`
	FailType     looseInt         `json:"fail_type"`
	Status       looseInt         `json:"status"`
	StopType     looseInt         `json:"stop_type"`
	ChangeType   looseInt         `json:"change_type"`
	Old          looseString      `json:"old_servicer_userid"`
	New          looseString      `json:"new_servicer_userid"`
	Code         looseString      `json:"msg_code"`
	Recalled     looseString      `json:"recall_msgid"`
	RejectSwitch looseInt         `json:"reject_switch"`
}

// channelsContext is a wechat_channels object.
type channelsContext struct {
	Nickname     looseString `json:"nickname,omitempty"`
	ShopNickname looseString `json:"shop_nickname,omitempty"`
	Scene        looseInt    `json:"scene,omitempty"`
}

// UnmarshalJSON implements json.Unmarshaler. It never fails: what is no object
// reads as an empty one.
func (c *channelsContext) UnmarshalJSON(b []byte) error {
	type plain channelsContext
	if isObject(b) {
		_ = json.Unmarshal(b, (*plain)(c))
	}
	return nil
}

func (c *channelsContext) value() *WeChatChannels {
	if c == nil || *c == (channelsContext{}) {
		return nil
	}
	return &WeChatChannels{string(c.Nickname), string(c.ShopNickname), int(c.Scene)}
}

// readEvent reads the object of an event, and lifts out of it what other
// messages have in their head.
func (m *Message) readEvent(raw []byte) {
	var e eventPayload
	if err := json.Unmarshal(raw, &e); err != nil {
		m.Kind = KindBroken
		return
	}
	m.Account = AccountID(first(looseString(m.Account), e.Account))
	m.Customer = CustomerID(first(looseString(m.Customer), e.Customer))
	m.Servicer = UserID(first(looseString(m.Servicer), e.Servicer))
	m.Content = e.content()
}

func (e eventPayload) content() any {
	switch e.Type {
	case eventEnterSession:
		return EnterSession{string(e.Scene), string(e.SceneParam), string(e.WelcomeCode), e.Channels.value()}
	case eventSendFailed:
		return SendFailed{MessageID(e.FailMessage), int(e.FailType)}
	case eventServicerChange:
		return ServicerChange{UserID(e.Servicer), int(e.Status), int(e.StopType)}
	case eventSessionChange:
		return SessionChange{int(e.ChangeType), UserID(e.Old), UserID(e.New), string(e.Code)}
	case eventCustomerRecall:
		return Recalled{Message: MessageID(e.Recalled)}
	case eventServicerRecall:
		return Recalled{MessageID(e.Recalled), true, UserID(e.Servicer)}
	case eventRejectSwitch:
		return RejectSwitch{UserID(e.Servicer), e.RejectSwitch == 1}
	}
	return UnknownEvent{string(e.Type)}
}

// dropCodes removes the one-time codes from decoded JSON and reports whether
// there were any.
func dropCodes(v any) (found bool) {
	switch v := v.(type) {
	case map[string]any:
		for key, inner := range v {
			if strings.EqualFold(key, "welcome_code") || strings.EqualFold(key, "msg_code") {
				delete(v, key)
				found = true
			} else if dropCodes(inner) {
				found = true
			}
		}
	case []any:
		for _, inner := range v {
			if dropCodes(inner) {
				found = true
			}
		}
	}
	return found
}
