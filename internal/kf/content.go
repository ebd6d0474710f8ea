package kf

import "encoding/json"

// Text is what somebody wrote. MenuID is the id of the menu item if the customer
// tapped one instead of writing.
type Text struct {
	Content string
	MenuID  string
}

// Media is a file of KindImage, KindVoice, KindVideo or KindFile. Its id, which
// the sender's fault may leave empty, is good for GetMedia for MediaLife.
type Media struct {
	ID MediaID
}

// Location is a place on the map.
type Location struct {
	Latitude  float64 // -90 to 90
	Longitude float64 // -180 to 180
	Name      string
	Address   string
}

// LinkCard is a link with a title and a picture. What is received has the
// address of its Picture, what is sent the id of its Thumb.
type LinkCard struct {
	Title, Desc, URL string
	Picture          string
	Thumb            MediaID
}

// BusinessCard is the card of a member of the corp.
type BusinessCard struct {
	User UserID
}

// MiniProgram is a card that opens a mini program.
type MiniProgram struct {
	Title, AppID, Path string
	Thumb              MediaID
}

// Menu is a text with lines to tap.
type Menu struct {
	Head  string
	Items []MenuItem
	Tail  string
}

// The types of menu items.
const (
	ItemClick       = "click"       // answers with Content and ID
	ItemView        = "view"        // opens URL
	ItemMiniProgram = "miniprogram" // opens Path of AppID
	ItemText        = "text"        // is only read
)

// MenuItem is a line of a menu. Which fields count depends on its type.
type MenuItem struct {
	Type      string // one of the Item constants; what is received may have others
	ID        string
	Content   string
	URL       string
	AppID     string
	Path      string
	NoNewline bool // the next item follows on the same line; with ItemText
}

// Product is a card of a product in a channels shop.
type Product struct {
	ID, Picture, Title    string
	Price                 string // in fen
	ShopName, ShopPicture string
}

// Order is a card of an order in a channels shop.
type Order struct {
	ID       string
	Products []string // their titles
	Price    string   // in words
	State    string
	Picture  string
	ShopName string
}

// The types of Channels.
const (
	ChannelsPost = 1
	ChannelsLive = 2
	ChannelsCard = 3
)

// Channels is a card of something in WeChat channels.
type Channels struct {
	Type     int // one of the Channels constants
	Nickname string
	Title    string // with ChannelsPost
}

// Merged is a chat record that was passed on.
type Merged struct {
	Title string
	Items []MergedItem
}

// MergedItem is a message of a chat record. Its head is that of a Message, but
// for the sender, who is known by name only.
type MergedItem struct {
	Sender  string
	Message Message
}

// Empty is a message of which WeCom tells nothing but its kind: KindNote,
// KindMeeting or KindSchedule.
type Empty struct{}

// CALink is a customer acquisition link, https://work.weixin.qq.com/ca/ and more.
type CALink struct {
	URL string
}

// Unsupported is a message whose kind this package does not know, or a broken one.
type Unsupported struct{}

// readContent reads the content of an entry: the field that has the name of its
// kind. It reports false if that is missing or no object.
func readContent(kind string, raw []byte) (any, bool) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		return nil, false
	}
	return readPayload(kind, fields[kind], 0)
}

// readPayload reads the payload of a message that lies depth chat records deep.
// The kinds without a payload, and those not known, are content with anything.
func readPayload(kind string, raw []byte, depth int) (any, bool) {
	var p payload
	switch kind {
	case KindNote, KindMeeting, KindSchedule:
		return Empty{}, true
	case KindText:
		p = new(textPayload)
	case KindImage, KindVoice, KindVideo, KindFile:
		p = new(mediaPayload)
	case KindLocation:
		p = new(locationPayload)
	case KindLink:
		p = new(linkPayload)
	case KindBusinessCard:
		p = new(cardPayload)
	case KindMiniProgram:
		p = new(miniProgramPayload)
	case KindMenu:
		p = new(menuPayload)
	case KindProduct:
		p = new(productPayload)
	case KindOrder:
		p = new(orderPayload)
	case KindChannels:
		p = new(channelsPayload)
	case KindMerged:
		p = &mergedPayload{depth: depth}
	case KindCALink:
		p = new(caLinkPayload)
	default:
		return Unsupported{}, true
	}
	if !isObject(raw) || json.Unmarshal(raw, p) != nil {
		return nil, false
	}
	return p.content(), true
}

// payload is the shape in which content travels.
type payload interface{ content() any }
