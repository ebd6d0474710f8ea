package kfsim

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxName      = 16 // characters
	maxAccountID = 64 // bytes
	maxMediaID   = 128
	maxPage      = 100
)

var accountIDForm = regexp.MustCompile(`^wk[0-9A-Za-z_-]+$`)

type accountAnswer struct {
	OpenKFID string `json:"open_kfid"`
}

// addAccount answers kf/account/add.
func addAccount(c *call) (any, error) {
	f := c.fields(false)
	name, named := f.text("name", 0)
	mediaID, pictured := f.text("media_id", maxMediaID)
	if err := f.end(); err != nil {
		return nil, err
	}
	if !named {
		c.violate(kindMissing, "name", "required")
	}
	if err := c.checkName(name); err != nil {
		return nil, err
	}
	if !pictured || mediaID == "" {
		c.violate(kindMissing, "media_id", "required")
		return nil, refuse(41006, "")
	}
	c.sim.mu.Lock()
	defer c.sim.mu.Unlock()
	w := c.sim.world
	picture, err := c.avatar(w, mediaID)
	if err != nil {
		return nil, err
	}
	if !w.anyManaged() {
		return nil, refuse(48007, "the first account is assigned in WeCom's admin page, not by API")
	}
	if len(w.Accounts) >= maxAccounts {
		return nil, refuse(95005, "at most %d", maxAccounts)
	}
	a := &account{ID: w.nextID("wk", 30), Name: name, Picture: picture, Managed: true}
	w.addAccount(a)
	c.changed(w)
	return accountAnswer{a.ID}, nil
}

// anyManaged looks whether the app may manage an account at all. It stops at the first, which in practice is near the front.
func (w *world) anyManaged() bool {
	for _, a := range w.Accounts {
		if a.Managed {
			return true
		}
	}
	return false
}

// updateAccount answers kf/account/update. An empty text counts as left out.
func updateAccount(c *call) (any, error) {
	f := c.fields(false)
	id := f.accountID()
	name, named := f.text("name", 0)
	mediaID, pictured := f.text("media_id", maxMediaID)
	if err := f.end(); err != nil {
		return nil, err
	}
	if named && name == "" || pictured && mediaID == "" {
		c.violate(kindRange, "", "empty text; leave the field out to keep its value")
	}
	if name == "" && mediaID == "" {
		c.violate(kindMissing, "", "name or media_id")
	}
	if name != "" {
		if err := c.checkName(name); err != nil {
			return nil, err
		}
	}
	c.sim.mu.Lock()
	defer c.sim.mu.Unlock()
	w := c.sim.world
	a, err := w.managedAccount(id)
	if err != nil {
		return nil, err
	}
	picture := a.Picture
	if mediaID != "" {
		if picture, err = c.avatar(w, mediaID); err != nil {
			return nil, err
		}
	}
	if name == "" {
		name = a.Name
	}
	if name != a.Name || picture != a.Picture {
		a.Name, a.Picture = name, picture
		c.changed(w)
	}
	return nil, nil
}

// deleteAccount answers kf/account/del.
func deleteAccount(c *call) (any, error) {
	f := c.fields(false)
	id := f.accountID()
	if err := f.end(); err != nil {
		return nil, err
	}
	c.sim.mu.Lock()
	defer c.sim.mu.Unlock()
	w := c.sim.world
	a, err := w.managedAccount(id)
	if err != nil {
		return nil, err
	}
	if len(w.Accounts) == 1 {
		return nil, refuse(95005, "at least one must remain")
	}
	w.removeAccount(a)
	c.changed(w)
	return nil, nil
}

type accountRow struct {
	OpenKFID        string `json:"open_kfid"`
	Name            string `json:"name"`
	Avatar          string `json:"avatar"`
	ManagePrivilege bool   `json:"manage_privilege"`
}

type accountListAnswer struct {
	AccountList []accountRow `json:"account_list"`
}

// listAccounts answers kf/account/list, also to the GET without a body that some SDKs send.
func listAccounts(c *call) (any, error) {
	f := c.fields(true)
	offset := f.number("offset", 0, 1<<32-1, 0)
	limit := f.number("limit", 1, maxPage, maxPage)
	if err := f.end(); err != nil {
		return nil, err
	}
	c.sim.mu.RLock()
	defer c.sim.mu.RUnlock()
	all := c.sim.world.Accounts
	page := all[min(offset, len(all)):min(offset+limit, len(all))]
	rows := make([]accountRow, 0, len(page))
	for _, a := range page {
		rows = append(rows, accountRow{a.ID, a.Name, c.baseURL() + a.avatarPath(), a.Managed})
	}
	return accountListAnswer{rows}, nil
}

// accountID reads and checks the form of open_kfid.
func (f *fields) accountID() string {
	id, _ := f.text("open_kfid", maxAccountID)
	if f.err == nil {
		f.fail(f.c.checkAccountID(id))
	}
	return id
}

func (c *call) checkAccountID(id string) error {
	switch {
	case id == "":
		c.violate(kindMissing, "open_kfid", "required")
		return refuse(40058, "open_kfid: required")
	case len(id) > maxAccountID:
		c.violate(kindTooLong, "open_kfid", fmt.Sprintf("at most %d bytes", maxAccountID))
		return refuse(40058, "open_kfid: at most %d bytes", maxAccountID)
	case !accountIDForm.MatchString(id):
		return refuse(95000, "")
	}
	return nil
}

// account finds an account by its id.
func (w *world) account(id string) (*account, error) {
	if a := w.accountByID[id]; a != nil {
		return a, nil
	}
	return nil, refuse(95004, "")
}

// managedAccount finds an account that the app may change.
func (w *world) managedAccount(id string) (*account, error) {
	a, err := w.account(id)
	if err == nil && !a.Managed {
		return nil, refuse(48007, "")
	}
	return a, err
}

// checkName judges an account's name.
func (c *call) checkName(name string) error {
	switch {
	case strings.TrimSpace(name) == "":
		return refuse(95006, "required")
	case utf8.RuneCountInString(name) > maxName:
		c.violate(kindTooLong, "name", fmt.Sprintf("at most %d characters", maxName))
		return refuse(95006, "at most %d characters", maxName)
	case strings.ContainsFunc(name, unicode.IsControl):
		return refuse(95006, "control character")
	}
	return nil
}

// avatar returns the picture behind a media_id.
func (c *call) avatar(w *world, mediaID string) (string, error) {
	m, err := w.liveMedia(mediaID, c.sim.now())
	if err != nil {
		return "", err
	}
	if m.Type != "image" {
		return "", refuse(40007, "an avatar needs media of type image")
	}
	return m.Blob, nil
}

// changed notes that the call altered the world.
func (c *call) changed(w *world) {
	w.version++
	c.applied = true
}
