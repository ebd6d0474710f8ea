// Package auth answers two questions: who is asking, and what may they do.
//
// It holds the roles and their permissions, passwords, sessions, the throttle on guesses and the one-time code of the first run.
// It knows neither HTTP nor WeCom, and it writes no audit entries: package ops does, in the same transaction as the change.
package auth
