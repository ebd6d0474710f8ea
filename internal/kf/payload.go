package kf

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"
)

type textPayload struct {
	Content looseString `json:"content"`
	MenuID  looseString `json:"menu_id,omitempty"`
}

func (p *textPayload) content() any { return Text{string(p.Content), string(p.MenuID)} }

type mediaPayload struct {
	ID looseString `json:"media_id"`
}

func (p *mediaPayload) content() any { return Media{MediaID(p.ID)} }

type locationPayload struct {
	Latitude  looseFloat  `json:"latitude"`
	Longitude looseFloat  `json:"longitude"`
	Name      looseString `json:"name,omitempty"`
	Address   looseString `json:"address,omitempty"`
}

func (p *locationPayload) content() any {
	return Location{float64(p.Latitude), float64(p.Longitude), string(p.Name), string(p.Address)}
}

type linkPayload struct {
	Title   looseString `json:"title"`
	Desc    looseString `json:"desc,omitempty"`
	URL     looseString `json:"url"`
	Picture looseString `json:"pic_url,omitempty"`
	Thumb   looseString `json:"thumb_media_id,omitempty"`
}

func (p *linkPayload) content() any {
	return LinkCard{string(p.Title), string(p.Desc), string(p.URL), string(p.Picture), MediaID(p.Thumb)}
}

type cardPayload struct {
	User looseString `json:"userid"`
}

func (p *cardPayload) content() any { return BusinessCard{UserID(p.User)} }

type miniProgramPayload struct {
	Title looseString `json:"title,omitempty"`
	AppID looseString `json:"appid"`
	Path  looseString `json:"pagepath"`
	Thumb looseString `json:"thumb_media_id"`
}

func (p *miniProgramPayload) content() any {
	return MiniProgram{string(p.Title), string(p.AppID), string(p.Path), MediaID(p.Thumb)}
}

// productPayload has two spellings of its pictures in the sources.
type productPayload struct {
	ID             looseString `json:"product_id"`
	Picture        looseString `json:"head_image"`
	PictureOld     looseString `json:"head_img"`
	Title          looseString `json:"title"`
	Price          looseString `json:"sales_price"`
	ShopName       looseString `json:"shop_nickname"`
	ShopPicture    looseString `json:"shop_head_image"`
	ShopPictureOld looseString `json:"shop_head_img"`
}

func (p *productPayload) content() any {
	return Product{
		ID: string(p.ID), Picture: string(first(p.Picture, p.PictureOld)), Title: string(p.Title), Price: string(p.Price),
		ShopName: string(p.ShopName), ShopPicture: string(first(p.ShopPicture, p.ShopPictureOld)),
	}
}

type orderPayload struct {
	ID       looseString  `json:"order_id"`
	Products looseStrings `json:"product_titles"`
	Price    looseString  `json:"price_wording"`
	State    looseString  `json:"state"`
	Picture  looseString  `json:"image_url"`
	ShopName looseString  `json:"shop_nickname"`
}

func (p *orderPayload) content() any {
	return Order{string(p.ID), p.Products, string(p.Price), string(p.State), string(p.Picture), string(p.ShopName)}
}

type channelsPayload struct {
	Type     looseInt    `json:"sub_type"`
	Nickname looseString `json:"nickname"`
	Title    looseString `json:"title"`
}

func (p *channelsPayload) content() any {
	return Channels{int(p.Type), string(p.Nickname), string(p.Title)}
}

type caLinkPayload struct {
	URL looseString `json:"link_url"`
}

func (p *caLinkPayload) content() any { return CALink{string(p.URL)} }

// first returns the first of two that is not empty.
func first(a, b looseString) looseString {
	if a != "" {
		return a
	}
	return b
}

// The loose types read what they can and leave the rest at zero, so that one
// field that WeCom writes in another way does not cost the message.

// looseString is a string that may come as a number.
type looseString string

// UnmarshalJSON implements json.Unmarshaler. It never fails.
func (s *looseString) UnmarshalJSON(b []byte) error {
	switch c := b[0]; {
	case c == '"':
		var v string
		if err := json.Unmarshal(b, &v); err == nil {
			*s = looseString(v)
		}
	case c == '-' || c >= '0' && c <= '9':
		*s = looseString(b)
	}
	return nil
}

// looseStrings are strings of which a single one may come without its list.
type looseStrings []string

// UnmarshalJSON implements json.Unmarshaler. It never fails.
func (l *looseStrings) UnmarshalJSON(b []byte) error {
	*l = nil
	many := []looseString{""}
	if b[0] != '[' {
		_ = many[0].UnmarshalJSON(b)
	} else if err := json.Unmarshal(b, &many); err != nil {
		return nil
	}
	for _, s := range many {
		if s != "" {
			*l = append(*l, string(s))
		}
	}
	return nil
}

// looseFloat is a number that may come in quotes.
type looseFloat float64

// UnmarshalJSON implements json.Unmarshaler. It never fails.
func (n *looseFloat) UnmarshalJSON(b []byte) error {
	f, err := strconv.ParseFloat(string(bytes.Trim(b, `"`)), 64)
	if err == nil && f-f == 0 { // neither infinite nor no number
		*n = looseFloat(f)
	}
	return nil
}

// looseInt is a whole number that may come in quotes, or as true and false.
type looseInt int64

// UnmarshalJSON implements json.Unmarshaler. It never fails.
func (n *looseInt) UnmarshalJSON(b []byte) error {
	s := strings.Trim(string(b), `"`)
	if s == "true" {
		s = "1"
	}
	if i, err := strconv.ParseInt(s, 10, 64); err == nil {
		*n = looseInt(i)
	}
	return nil
}
