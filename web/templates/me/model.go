// Package me shows the pages that concern the operator alone: signing in, the first
// run, and an operator's own settings, password and sessions.
package me

import (
	"time"

	"kfconsole/web/templates/problem"
	"kfconsole/web/templates/ui"
)

// Login is the sign-in form.
type Login struct {
	Name, Error, Return string
	// Demo shows the operators of the demonstration.
	Demo bool
}

// Setup is the form of the first run.
type Setup struct {
	Code, CodeError         string
	Name, NameError         string
	PasswordError, AgainErr string
}

// Page is an operator's own page.
type Page struct {
	Name, Role, RoleText string
	Since, PasswordAt    time.Time
	Langs, Themes, Zones []ui.Option
	CurrentError         string
	NewError, AgainError string
	Sessions             []Session
	Trouble              problem.Trouble
}

// Session is one signed-in browser.
type Session struct {
	Device, IP    string
	Started, Seen time.Time
	This          bool
}
