// Package config is what can be set from outside the program, by flag or by environment, and what makes a setting valid. It is pure:
// files are read through a function it is given.
package config

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// Config is what is set from outside, by flag or by environment. Each setting has both, under one name: --corp-id is
// KFCONSOLE_CORP_ID. A secret may also come from a file, whose path is --corp-secret-file or KFCONSOLE_CORP_SECRET_FILE.
type Config struct {
	Addr      string `name:"addr" env:"KFCONSOLE_ADDR" default:"127.0.0.1:8080" placeholder:"HOST:PORT" help:"Address to listen on; port 0 picks one."`
	Data      string `name:"data" env:"KFCONSOLE_DATA" default:"./data" placeholder:"FOLDER" help:"Folder for the database and kept files."`
	PublicURL string `name:"public-url" env:"KFCONSOLE_PUBLIC_URL" placeholder:"URL" help:"Address that operators and WeCom use, when it is not the listen address."`

	CorpID         string `name:"corp-id" env:"KFCONSOLE_CORP_ID" placeholder:"ID" help:"Id of the corp at WeCom."`
	CorpSecret     string `name:"corp-secret" env:"KFCONSOLE_CORP_SECRET" placeholder:"SECRET" help:"Secret of the self-built app."`
	CorpSecretFile string `name:"corp-secret-file" env:"KFCONSOLE_CORP_SECRET_FILE" placeholder:"FILE" help:"File that holds that secret."`
	AgentID        string `name:"agent-id" env:"KFCONSOLE_AGENT_ID" placeholder:"NUMBER" help:"Agent id of the self-built app."`

	CallbackToken      string `name:"callback-token" env:"KFCONSOLE_CALLBACK_TOKEN" placeholder:"TOKEN" help:"Token of the app's message receiver."`
	CallbackTokenFile  string `name:"callback-token-file" env:"KFCONSOLE_CALLBACK_TOKEN_FILE" placeholder:"FILE" help:"File that holds that token."`
	CallbackAESKey     string `name:"callback-aes-key" env:"KFCONSOLE_CALLBACK_AES_KEY" placeholder:"KEY" help:"EncodingAESKey of the app's message receiver, 43 characters."`
	CallbackAESKeyFile string `name:"callback-aes-key-file" env:"KFCONSOLE_CALLBACK_AES_KEY_FILE" placeholder:"FILE" help:"File that holds that key."`

	MetricsToken     string `name:"metrics-token" env:"KFCONSOLE_METRICS_TOKEN" placeholder:"TOKEN" help:"Bearer token for /metrics; without one only this machine may read it."`
	MetricsTokenFile string `name:"metrics-token-file" env:"KFCONSOLE_METRICS_TOKEN_FILE" placeholder:"FILE" help:"File that holds that token."`

	MediaLimit string `name:"media-limit" env:"KFCONSOLE_MEDIA_LIMIT" default:"20MB" placeholder:"SIZE" help:"Largest picture, voice, video or file that is kept."`
	MediaQuota string `name:"media-quota" env:"KFCONSOLE_MEDIA_QUOTA" default:"10GB" placeholder:"SIZE" help:"Room for all of them together."`

	APIURL string `name:"api-url" env:"KFCONSOLE_API_URL" default:"https://qyapi.weixin.qq.com" placeholder:"URL" help:"Where WeCom's API answers."`
}

// Error names the setting that is missing or malformed. It never holds the value of a secret.
type Error struct{ Setting, Why string }

// Error gives the environment name, the flag and the reason, on one line.
func (e *Error) Error() string {
	flag := strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(e.Setting, prefix), "_", "-"))
	return fmt.Sprintf("%s (--%s): %s", e.Setting, flag, e.Why)
}

const prefix = "KFCONSOLE_"

// form is what a value may look like: how short and how long, and of which marks beside letters and digits. No regular expressions:
// making four of them takes about as long as opening the database.
type form struct {
	least, most int
	marks       string
}

func (f form) fits(value string) bool {
	if len(value) < f.least || len(value) > f.most {
		return false
	}
	for _, r := range value {
		letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
		if !letter && !strings.ContainsRune(f.marks, r) {
			return false
		}
	}
	return true
}

// WithSecrets returns the Config with each ..._FILE read into its setting; read gives the content of a file.
func (c Config) WithSecrets(read func(path string) ([]byte, error)) (Config, error) {
	for _, s := range []struct {
		name, path string
		value      *string
	}{
		{"CORP_SECRET", c.CorpSecretFile, &c.CorpSecret},
		{"CALLBACK_TOKEN", c.CallbackTokenFile, &c.CallbackToken},
		{"CALLBACK_AES_KEY", c.CallbackAESKeyFile, &c.CallbackAESKey},
		{"METRICS_TOKEN", c.MetricsTokenFile, &c.MetricsToken},
	} {
		if s.path == "" {
			continue
		}
		if *s.value != "" {
			return c, &Error{prefix + s.name + "_FILE", "set this or " + prefix + s.name + ", not both"}
		}
		raw, err := read(s.path)
		if err != nil {
			return c, &Error{prefix + s.name + "_FILE", err.Error()}
		}
		if *s.value = strings.TrimSpace(string(raw)); *s.value == "" {
			return c, &Error{prefix + s.name + "_FILE", "the file is empty"}
		}
	}
	return c, nil
}

// CheckServe reports the first missing or malformed setting of those that serving a corp needs. Secrets must have been read before.
func (c Config) CheckServe() error {
	if err := c.checkListen(); err != nil {
		return err
	}
	return c.checkCorp()
}

// CheckDemo reports the first malformed setting of those that the demo needs. Its passwords are published, so other machines must
// not reach it.
func (c Config) CheckDemo() error {
	if err := c.checkListen(); err != nil {
		return err
	}
	if host, _, err := net.SplitHostPort(c.Addr); err != nil || !IsLoopback(host) {
		return &Error{"KFCONSOLE_ADDR", fmt.Sprintf("the demo has published passwords and listens on loopback only, not on %q", host)}
	}
	return nil
}

// checkListen reports the first malformed setting of those that every server needs.
func (c Config) checkListen() error {
	_, port, err := net.SplitHostPort(c.Addr)
	if err != nil {
		return &Error{"KFCONSOLE_ADDR", fmt.Sprintf("want HOST:PORT such as 127.0.0.1:8080, not %q", c.Addr)}
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return &Error{"KFCONSOLE_ADDR", fmt.Sprintf("want a port from 0 to 65535, not %q", port)}
	}
	if c.PublicURL != "" {
		u, why := checkURL(c.PublicURL)
		if why == "" && strings.Trim(u.Path, "/") != "" {
			why = "the console lives at the root of its host, without a path"
		}
		if why != "" {
			return &Error{"KFCONSOLE_PUBLIC_URL", why}
		}
	}
	_, err = c.Media()
	return err
}

// checkCorp reports the first missing or malformed setting of those that connect a corp.
func (c Config) checkCorp() error {
	if _, why := checkURL(c.APIURL); why != "" {
		return &Error{"KFCONSOLE_API_URL", why}
	}
	if c.AgentID != "" {
		if n, err := strconv.ParseInt(c.AgentID, 10, 64); err != nil || n <= 0 {
			return &Error{"KFCONSOLE_AGENT_ID", "want a positive whole number"}
		}
	}
	for _, s := range []struct {
		setting, value string
		form           form
		required       bool
		want           string
	}{
		{"KFCONSOLE_CORP_ID", c.CorpID, form{1, 64, "_-"}, true, "want letters and digits, such as ww7d3f9a1c5e2b8046"},
		{"KFCONSOLE_CORP_SECRET", c.CorpSecret, form{1, 256, "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"}, true, "want up to 256 visible characters without spaces"},
		{"KFCONSOLE_METRICS_TOKEN", c.MetricsToken, form{16, 256, "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"}, false, "want 16 to 256 visible characters without spaces"},
		{"KFCONSOLE_CALLBACK_TOKEN", c.CallbackToken, form{1, 32, ""}, c.CallbackAESKey != "", "want up to 32 letters and digits"},
		{"KFCONSOLE_CALLBACK_AES_KEY", c.CallbackAESKey, form{43, 43, ""}, c.CallbackToken != "",
			fmt.Sprintf("want 43 letters and digits, not %d characters of any kind", len(c.CallbackAESKey))},
	} {
		if s.value == "" && s.required {
			return &Error{s.setting, "is missing"}
		}
		if s.value != "" && !s.form.fits(s.value) {
			return &Error{s.setting, s.want}
		}
	}
	return nil
}

// checkURL parses an address of a server; why is empty when it is one.
func checkURL(raw string) (u *url.URL, why string) {
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return nil, "is not an address"
	case u.Scheme != "http" && u.Scheme != "https":
		return nil, "want an address that begins with http:// or https://"
	case u.Hostname() == "":
		return nil, "want an address with a host"
	case u.User != nil:
		return nil, "want an address without a user name"
	case u.RawQuery != "" || u.Fragment != "" || strings.HasSuffix(raw, "?") || strings.HasSuffix(raw, "#"):
		return nil, "want an address without ? and #"
	}
	return u, ""
}

// IsLoopback tells whether a host, without its port, is this machine and only reachable from it.
func IsLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// String shows every setting with the secrets hidden, for the log.
func (c Config) String() string {
	hidden := func(value string) string {
		if value == "" {
			return "unset"
		}
		return "hidden"
	}
	return fmt.Sprintf("addr=%s data=%s public-url=%s corp-id=%s corp-secret=%s agent-id=%s callback-token=%s callback-aes-key=%s "+
		"metrics-token=%s media-limit=%s media-quota=%s api-url=%s",
		c.Addr, c.Data, c.PublicURL, c.CorpID, hidden(c.CorpSecret), c.AgentID, hidden(c.CallbackToken), hidden(c.CallbackAESKey),
		hidden(c.MetricsToken), c.MediaLimit, c.MediaQuota, c.APIURL)
}

// GoString keeps the secrets out of %#v as well.
func (c Config) GoString() string { return "Config{" + c.String() + "}" }
