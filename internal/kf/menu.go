package kf

// menuPayload is a msgmenu.
type menuPayload struct {
	Head  looseString       `json:"head_content,omitempty"`
	Items []menuItemPayload `json:"list,omitempty"`
	Tail  looseString       `json:"tail_content,omitempty"`
}

type menuItemPayload struct {
	Type        looseString      `json:"type"`
	Click       *menuClick       `json:"click,omitempty"`
	View        *menuView        `json:"view,omitempty"`
	MiniProgram *menuMiniProgram `json:"miniprogram,omitempty"`
	Text        *menuText        `json:"text,omitempty"`
}

type menuClick struct {
	ID      looseString `json:"id,omitempty"`
	Content looseString `json:"content"`
}

type menuView struct {
	URL     looseString `json:"url"`
	Content looseString `json:"content"`
}

type menuMiniProgram struct {
	AppID   looseString `json:"appid"`
	Path    looseString `json:"pagepath"`
	Content looseString `json:"content"`
}

type menuText struct {
	Content   looseString `json:"content"`
	NoNewline looseInt    `json:"no_newline,omitempty"`
}

func (p *menuPayload) content() any {
	menu := Menu{Head: string(p.Head), Tail: string(p.Tail)}
	for _, item := range p.Items {
		menu.Items = append(menu.Items, item.value())
	}
	return menu
}

func (p menuItemPayload) value() MenuItem {
	item := MenuItem{Type: string(p.Type)}
	switch {
	case item.Type == ItemClick && p.Click != nil:
		item.ID, item.Content = string(p.Click.ID), string(p.Click.Content)
	case item.Type == ItemView && p.View != nil:
		item.URL, item.Content = string(p.View.URL), string(p.View.Content)
	case item.Type == ItemMiniProgram && p.MiniProgram != nil:
		item.AppID, item.Path, item.Content = string(p.MiniProgram.AppID), string(p.MiniProgram.Path), string(p.MiniProgram.Content)
	case item.Type == ItemText && p.Text != nil:
		item.Content, item.NoNewline = string(p.Text.Content), p.Text.NoNewline == 1
	}
	return item
}

// newMenuPayload is the other way round.
func newMenuPayload(menu Menu) *menuPayload {
	p := &menuPayload{Head: looseString(menu.Head), Tail: looseString(menu.Tail)}
	for _, item := range menu.Items {
		p.Items = append(p.Items, newMenuItemPayload(item))
	}
	return p
}

func newMenuItemPayload(item MenuItem) menuItemPayload {
	p, content := menuItemPayload{Type: looseString(item.Type)}, looseString(item.Content)
	switch item.Type {
	case ItemClick:
		p.Click = &menuClick{looseString(item.ID), content}
	case ItemView:
		p.View = &menuView{looseString(item.URL), content}
	case ItemMiniProgram:
		p.MiniProgram = &menuMiniProgram{looseString(item.AppID), looseString(item.Path), content}
	case ItemText:
		p.Text = &menuText{Content: content}
		if item.NoNewline {
			p.Text.NoNewline = 1
		}
	}
	return p
}
