// Package e2e drives the built program as its users do: journeys through headless Chromium against `console demo`, each on its own
// port with its own data and its own simulated WeCom. A journey fails on any console error, page error, content policy report,
// failed request, accessibility violation or untranslated word on its way. The package imports nothing of ours, so a journey holds
// the words and addresses that a user sees.
//
// Everything but this file is built with the tag e2e; `make e2e` sets up what it needs.
package e2e
