package callback

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"
)

// open wraps a message rightly and opens it.
func open(t *testing.T, msg string) (Event, error) {
	t.Helper()
	p, ciphertext := seal(t, msg, wrapping{})
	e, err := newOpener(t).Open(p, envelope(ciphertext))
	if err == nil && string(e.Raw) != msg {
		t.Errorf("raw %q, want %q", e.Raw, msg)
	}
	e.Raw = nil
	return e, err
}

func TestOpenMessages(t *testing.T) {
	e, err := newOpener(t).Open(vectors[1].params, envelope(vectors[1].ciphertext))
	want := Event{Kind: KindMessages, CreatedAt: time.Unix(1760000123, 0).UTC(), Token: "ENCdemoSyncToken0001",
		Account: "wkDemoKfAccount000000000000000001", Raw: []byte(vectors[1].msg)}
	if err != nil || !reflect.DeepEqual(e, want) {
		t.Errorf("%+v, %v", e, err)
	}
}

func TestOpenEvents(t *testing.T) {
	at := time.Unix(1760000123, 0).UTC()
	const head = `<xml><ToUserName><![CDATA[ww7d3f9a1c5e2b8046]]></ToUserName><CreateTime>1760000123</CreateTime><MsgType><![CDATA[event]]></MsgType>`
	for name, test := range map[string]struct {
		msg  string
		want Event
	}{
		"no account": {head + `<Event>kf_msg_or_event</Event><Token>T1</Token></xml>`, Event{Kind: KindMessages, CreatedAt: at, Token: "T1"}},
		"accounts assigned and withdrawn": {
			head + `<FromUserName>sys</FromUserName><Event><![CDATA[kf_account_auth_change]]></Event><AuthAddOpenKfId><![CDATA[wkA]]></AuthAddOpenKfId>` +
				`<AuthDelOpenKfId><![CDATA[wkB]]></AuthDelOpenKfId><AuthAddOpenKfId><![CDATA[wkC]]></AuthAddOpenKfId><AuthAddOpenKfId></AuthAddOpenKfId></xml>`,
			Event{Kind: KindAuthChange, CreatedAt: at, Added: []string{"wkA", "wkC"}, Removed: []string{"wkB"}}},
		"other event":        {head + `<Event>change_contact</Event><OpenKfId>wkA</OpenKfId></xml>`, Event{Kind: "change_contact", CreatedAt: at, Account: "wkA"}},
		"no event":           {`<xml><MsgType>text</MsgType><Content>hello</Content></xml>`, Event{Kind: "text"}},
		"spaces and escapes": {"\n<xml>\n <MsgType> event </MsgType>\n<Event>a&amp;b</Event> <!-- c --></xml> \n", Event{Kind: "a&b"}},
		"declaration":        {`<?xml version="1.0" encoding="UTF-8"?><xml><MsgType>text</MsgType></xml>`, Event{Kind: "text"}},
		"time of nonsense":   {`<xml><MsgType>text</MsgType><CreateTime>99999999999999</CreateTime></xml>`, Event{Kind: "text"}},
		"deeper elements":    {`<xml><MsgType>event<Event>hidden</Event></MsgType><A><Event>hidden</Event></A></xml>`, Event{Kind: "event"}},
	} {
		if e, err := open(t, test.msg); err != nil || !reflect.DeepEqual(e, test.want) {
			t.Errorf("%s:\n got %+v, %v\nwant %+v", name, e, err, test.want)
		}
	}
}

func TestOpenMalformed(t *testing.T) {
	for name, msg := range map[string]string{
		"nothing":                     "",
		"words":                       "hello",
		"no kind":                     vectors[3].msg,
		"other root":                  "<html><MsgType>event</MsgType></html>",
		"two roots":                   "<xml><MsgType>event</MsgType></xml><xml></xml>",
		"words behind":                "<xml><MsgType>event</MsgType></xml>more",
		"cut":                         "<xml><MsgType>event</MsgType>",
		"document type":               `<!DOCTYPE xml><xml><MsgType>event</MsgType></xml>`,
		"entity":                      `<!DOCTYPE xml [<!ENTITY a "event">]><xml><MsgType>&a;</MsgType></xml>`,
		"external entity":             `<!DOCTYPE xml [<!ENTITY a SYSTEM "file:///etc/hostname">]><xml><MsgType>&a;</MsgType></xml>`,
		"undeclared entity":           `<xml><MsgType>&event;</MsgType></xml>`,
		"document type in the middle": `<xml><!DOCTYPE xml><MsgType>event</MsgType></xml>`,
		"other encoding":              `<?xml version="1.0" encoding="GBK"?><xml><MsgType>event</MsgType></xml>`,
		"JSON":                        `{"MsgType":"event"}`,
	} {
		if e, err := open(t, msg); err != ErrMalformed {
			t.Errorf("%s: %+v, %v", name, e, err)
		}
	}
}

func TestEnvelopes(t *testing.T) {
	v := vectors[1]
	o := newOpener(t)
	for name, test := range map[string]struct {
		body string
		good bool
	}{
		"usual":           {string(envelope(v.ciphertext)), true},
		"without CDATA":   {"<xml><Encrypt>" + v.ciphertext + "</Encrypt></xml>", true},
		"spaces":          {" <xml>\n<Encrypt>\n<![CDATA[" + v.ciphertext + "]]>\n</Encrypt></xml>\n", true},
		"JSON":            {`{"tousername":"ww1","encrypt":"` + v.ciphertext + `","agentid":"1"}`, true},
		"escaped JSON":    {"\n" + `{"encrypt":"` + strings.ReplaceAll(v.ciphertext, "/", `\/`) + `"}`, true},
		"nothing":         {"", false},
		"empty element":   {"<xml><Encrypt></Encrypt></xml>", false},
		"no element":      {"<xml></xml>", false},
		"document type":   {"<!DOCTYPE xml>" + string(envelope(v.ciphertext)), false},
		"entity":          {`<!DOCTYPE xml [<!ENTITY c "` + v.ciphertext + `">]><xml><Encrypt>&c;</Encrypt></xml>`, false},
		"broken":          {"<xml><Encrypt>" + v.ciphertext + "</Encrypt>", false},
		"other root":      {"<x><Encrypt>" + v.ciphertext + "</Encrypt></x>", false},
		"JSON list":       {`[{"encrypt":"` + v.ciphertext + `"}]`, false},
		"JSON and more":   {`{"encrypt":"` + v.ciphertext + `"}}`, false},
		"JSON of numbers": {`{"encrypt":1}`, false},
		"just fits":       {filled(v.ciphertext, MaxBody), true},
		"too large":       {filled(v.ciphertext, MaxBody+1), false},
	} {
		e, err := o.Open(v.params, []byte(test.body))
		if test.good && (err != nil || e.Kind != KindMessages) || !test.good && !errors.Is(err, ErrRejected) {
			t.Errorf("%s: %+v, %v", name, e, err)
		}
	}
}

// filled is an envelope of n bytes.
func filled(ciphertext string, n int) string {
	s := "<xml><Encrypt>" + ciphertext + "</Encrypt></xml>"
	return s + strings.Repeat(" ", n-len(s))
}
