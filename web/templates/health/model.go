// Package health shows whether messages are missed, callbacks arrive and room is left.
package health

import (
	"time"

	"kfconsole/web/templates/layout"
	"kfconsole/web/templates/ui"
)

// Model is the health page.
type Model struct {
	// Problems are what needs a person now, the worst first.
	Problems []layout.Banner
	Tiles    []ui.TileModel
	// Accounts are sorted with the worst first; Note says when some are left out.
	Accounts []Account
	Note     string
	Callback Callback
	Strange  []Strange
	Broken   int
	// Room is how much of the quota of media is used.
	Room  ui.MeterModel
	Used  int64
	Media []ui.KV
	// Streams counts the browsers that watch, Ended why others no longer do.
	Streams, Ended []ui.KV
}

// Account is the sync of one account.
type Account struct {
	Name, Picture, Href string
	Tone                ui.Tone
	Level               string
	LastGood            *time.Time
	// Waiting is how long a callback has been waiting, "" when none waits.
	Waiting  string
	Messages string
	// Trouble explains the last failure, Failures how many there were in a row; "" for none.
	Trouble, Failures string
}

// Callback is what WeCom sends us.
type Callback struct {
	Address string
	On      bool
	Last    *time.Time
	Results []ui.KV
}

// Strange is a kind of event that nothing is done with.
type Strange struct {
	Kind        string
	Count       string
	First, Last time.Time
}
