package config

import (
	"errors"
	"fmt"
	"io/fs"
	"reflect"
	"strings"
	"testing"
)

const (
	aesKey = "Qm7xN2bYc9LpRt4VzKs8WdHfJg3eUa6oXi1TnMvEyZ5"
	secret = "s3cret-of-the-app"
)

func valid() Config {
	return Config{
		Addr: "127.0.0.1:8080", Data: "./data", PublicURL: "https://kf.example.com",
		CorpID: "ww7d3f9a1c5e2b8046", CorpSecret: secret, AgentID: "1000002",
		CallbackToken: "kfConsoleDemoTok3n", CallbackAESKey: aesKey, APIURL: "https://qyapi.weixin.qq.com",
	}
}

func TestCheckServe(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*Config)
		want   string // the setting that the error names; "" means valid
	}{
		{"all set", func(*Config) {}, ""},
		{"only what is required", func(c *Config) {
			c.PublicURL, c.AgentID, c.CallbackToken, c.CallbackAESKey = "", "", "", ""
		}, ""},
		{"every interface", func(c *Config) { c.Addr = ":8080" }, ""},
		{"IPv6", func(c *Config) { c.Addr = "[::1]:0" }, ""},
		{"proxy under a path", func(c *Config) { c.APIURL = "http://10.0.0.3:9000/wecom" }, ""},
		{"public url with a slash", func(c *Config) { c.PublicURL = "http://kf.example.com:8443/" }, ""},
		{"no port", func(c *Config) { c.Addr = "127.0.0.1" }, "ADDR"},
		{"port too high", func(c *Config) { c.Addr = "127.0.0.1:65536" }, "ADDR"},
		{"port by name", func(c *Config) { c.Addr = "127.0.0.1:http" }, "ADDR"},
		{"public url without scheme", func(c *Config) { c.PublicURL = "kf.example.com" }, "PUBLIC_URL"},
		{"public url with another scheme", func(c *Config) { c.PublicURL = "ftp://kf.example.com" }, "PUBLIC_URL"},
		{"public url under a path", func(c *Config) { c.PublicURL = "https://example.com/kf" }, "PUBLIC_URL"},
		{"public url with a query", func(c *Config) { c.PublicURL = "https://example.com/?a=1" }, "PUBLIC_URL"},
		{"public url without host", func(c *Config) { c.PublicURL = "https:///" }, "PUBLIC_URL"},
		{"public url with a password", func(c *Config) { c.PublicURL = "https://a:" + secret + "@example.com" }, "PUBLIC_URL"},
		{"public url with a control character", func(c *Config) { c.PublicURL = "https://exa\nmple.com" }, "PUBLIC_URL"},
		{"api url empty", func(c *Config) { c.APIURL = "" }, "API_URL"},
		{"api url without scheme", func(c *Config) { c.APIURL = "qyapi.weixin.qq.com" }, "API_URL"},
		{"no corp id", func(c *Config) { c.CorpID = "" }, "CORP_ID"},
		{"corp id with a space", func(c *Config) { c.CorpID = "ww 7d3f" }, "CORP_ID"},
		{"no secret", func(c *Config) { c.CorpSecret = "" }, "CORP_SECRET"},
		{"secret with a line end", func(c *Config) { c.CorpSecret = secret + "\n" }, "CORP_SECRET"},
		{"agent id not a number", func(c *Config) { c.AgentID = "app" }, "AGENT_ID"},
		{"agent id zero", func(c *Config) { c.AgentID = "0" }, "AGENT_ID"},
		{"token without key", func(c *Config) { c.CallbackAESKey = "" }, "CALLBACK_AES_KEY"},
		{"key without token", func(c *Config) { c.CallbackToken = "" }, "CALLBACK_TOKEN"},
		{"token too long", func(c *Config) { c.CallbackToken = strings.Repeat("a", 33) }, "CALLBACK_TOKEN"},
		{"key of 42", func(c *Config) { c.CallbackAESKey = aesKey[:42] }, "CALLBACK_AES_KEY"},
		{"key of 44", func(c *Config) { c.CallbackAESKey = aesKey + "=" }, "CALLBACK_AES_KEY"},
		{"key of another alphabet", func(c *Config) { c.CallbackAESKey = "_" + aesKey[1:] }, "CALLBACK_AES_KEY"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := valid()
			tt.change(&c)
			err := c.CheckServe()
			if tt.want == "" {
				if err != nil {
					t.Fatalf("got %v, want a valid config", err)
				}
				return
			}
			wantNamed(t, err, "KFCONSOLE_"+tt.want)
			if c.CallbackAESKey != "" && strings.Contains(err.Error(), c.CallbackAESKey) || strings.Contains(err.Error(), secret) {
				t.Errorf("%q shows a secret", err)
			}
		})
	}
}

func TestCheckServeMonitorAndMedia(t *testing.T) {
	for _, tt := range []struct {
		name   string
		change func(*Config)
		want   string // the setting that the error names; "" means valid
	}{
		{"metrics token", func(c *Config) { c.MetricsToken = "0123456789abcdef" }, ""},
		{"metrics token too short", func(c *Config) { c.MetricsToken = "0123456789abcde" }, "METRICS_TOKEN"},
		{"metrics token with a space", func(c *Config) { c.MetricsToken = "0123456789 abcdef" }, "METRICS_TOKEN"},
		{"media sizes", func(c *Config) { c.MediaLimit, c.MediaQuota = "5 mb", "2TB" }, ""},
		{"media limit without a unit", func(c *Config) { c.MediaLimit = "20" }, "MEDIA_LIMIT"},
		{"media limit of nothing", func(c *Config) { c.MediaLimit = "0MB" }, "MEDIA_LIMIT"},
		{"media quota in another unit", func(c *Config) { c.MediaQuota = "10GiB" }, "MEDIA_QUOTA"},
		{"media quota beyond counting", func(c *Config) { c.MediaQuota = "9223372036854775807TB" }, "MEDIA_QUOTA"},
		{"media quota below the limit", func(c *Config) { c.MediaLimit, c.MediaQuota = "20MB", "10MB" }, "MEDIA_QUOTA"},
	} {
		c := valid()
		tt.change(&c)
		err := c.CheckServe()
		if tt.want != "" {
			wantNamed(t, err, "KFCONSOLE_"+tt.want)
		} else if err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
}

func wantNamed(t *testing.T, err error, setting string) {
	t.Helper()
	named := (*Error)(nil)
	if !errors.As(err, &named) {
		t.Fatalf("got %v, want an *Error about %s", err, setting)
	}
	if named.Setting != setting || !strings.HasPrefix(err.Error(), setting+" (--") || strings.Contains(err.Error(), "\n") {
		t.Errorf("got %q, want one line about %s", err, setting)
	}
}

func TestCheckDemo(t *testing.T) {
	for addr, ok := range map[string]bool{
		"127.0.0.1:0": true, "127.8.9.1:80": true, "[::1]:8080": true, "localhost:8080": true,
		"0.0.0.0:8080": false, ":8080": false, "192.168.1.4:8080": false, "[::]:8080": false, "example.com:80": false, "127.0.0.1": false,
	} {
		err := Config{Addr: addr}.CheckDemo()
		if ok && err != nil {
			t.Errorf("%s: %v", addr, err)
		}
		if !ok {
			wantNamed(t, err, "KFCONSOLE_ADDR")
		}
	}
}

func TestWithSecrets(t *testing.T) {
	files := map[string]string{"secret": " " + secret + "\r\n", "token": "kfConsoleDemoTok3n", "key": aesKey + "\n", "empty": "\n"}
	read := func(path string) ([]byte, error) {
		text, ok := files[path]
		if !ok {
			return nil, &fs.PathError{Op: "open", Path: path, Err: fs.ErrNotExist}
		}
		return []byte(text), nil
	}
	got, err := Config{CorpSecretFile: "secret", CallbackTokenFile: "token", CallbackAESKeyFile: "key"}.WithSecrets(read)
	if err != nil || got.CorpSecret != secret || got.CallbackToken != "kfConsoleDemoTok3n" || got.CallbackAESKey != aesKey {
		t.Errorf("got %#v, %v", got, err)
	}
	_, err = Config{CorpSecretFile: "nowhere"}.WithSecrets(read)
	wantNamed(t, err, "KFCONSOLE_CORP_SECRET_FILE")
	_, err = Config{CallbackTokenFile: "empty"}.WithSecrets(read)
	wantNamed(t, err, "KFCONSOLE_CALLBACK_TOKEN_FILE")
	_, err = Config{CallbackAESKeyFile: "key", CallbackAESKey: aesKey}.WithSecrets(read)
	wantNamed(t, err, "KFCONSOLE_CALLBACK_AES_KEY_FILE")
}

func TestStringHidesSecrets(t *testing.T) {
	c := valid()
	c.MetricsToken = "token-of-the-monitor"
	for _, verb := range []string{"%v", "%+v", "%s", "%#v"} {
		text := fmt.Sprintf(verb, c)
		for _, hidden := range []string{c.CorpSecret, c.CallbackToken, c.CallbackAESKey, c.MetricsToken} {
			if strings.Contains(text, hidden) {
				t.Errorf("%s shows a secret: %s", verb, text)
			}
		}
		if !strings.Contains(text, c.CorpID) || !strings.Contains(text, c.Addr) {
			t.Errorf("%s hides too much: %s", verb, text)
		}
	}
}

func TestMedia(t *testing.T) {
	for _, tt := range []struct {
		limit, quota string
		want         Media
	}{
		{"", "", Media{}},
		{"20MB", "10GB", Media{20 << 20, 10 << 30}},
		{"512KB", "1 tb", Media{512 << 10, 1 << 40}},
		{"3MB", "", Media{Limit: 3 << 20}},
	} {
		got, err := Config{MediaLimit: tt.limit, MediaQuota: tt.quota}.Media()
		if err != nil || got != tt.want {
			t.Errorf("%q and %q: %+v, %v, want %+v", tt.limit, tt.quota, got, err, tt.want)
		}
	}
}

// Flags and environment must agree: --corp-id is KFCONSOLE_CORP_ID, and a message names both the same way.
func TestFlagsAndEnvironmentAgree(t *testing.T) {
	for field := range reflect.TypeFor[Config]().Fields() {
		flag, env := field.Tag.Get("name"), field.Tag.Get("env")
		if want := prefix + strings.ToUpper(strings.ReplaceAll(flag, "-", "_")); flag == "" || env != want {
			t.Errorf("%s: --%s and %s, want %s", field.Name, flag, env, want)
		}
		if message := (&Error{env, "x"}).Error(); message != env+" (--"+flag+"): x" {
			t.Errorf("%s: message %q", field.Name, message)
		}
		if field.Type.Kind() != reflect.String {
			t.Errorf("%s is a %s: the parser would print a malformed value", field.Name, field.Type)
		}
	}
}
