package kfsim

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"net/http"
	"strconv"
	"strings"
)

// refusal is an answer with an errcode other than 0.
type refusal struct {
	code   int
	detail string
}

func (r *refusal) Error() string { return r.text() }

// refuse makes a refusal; detail says what exactly is wrong and may be empty.
func refuse(code int, detail string, args ...any) *refusal {
	return &refusal{code, fmt.Sprintf(detail, args...)}
}

// text is the errmsg without its tail.
func (r *refusal) text() string {
	text := errorText(r.code)
	if r.detail != "" {
		text += ": " + r.detail
	}
	return text
}

// errorText is the wording for an errcode. Clients must not depend on it.
func errorText(code int) string {
	if text, ok := errorTexts[code]; ok {
		return text
	}
	return "scripted error"
}

var errorTexts = map[int]string{
	-1:    "system busy",
	40001: "invalid credential",
	40003: "invalid userid",
	40004: "invalid media type",
	40005: "invalid type",
	40006: "invalid file size",
	40007: "invalid media_id",
	40008: "invalid message type",
	40009: "invalid image size",
	40011: "invalid video size",
	40013: "invalid corpid",
	40014: "invalid access_token",
	40032: "invalid userid list size",
	40035: "invalid parameter",
	40039: "invalid url size",
	40058: "invalid Request Parameter",
	40066: "invalid party list",
	40091: "invalid secret",
	40096: "invalid external_userid",
	40123: "invalid image format",
	40201: "content is not allowed",
	40206: "request body too large",
	41001: "access_token missing",
	41002: "corpid missing",
	41004: "corpsecret missing",
	41006: "media_id missing",
	41050: "invalid code",
	42001: "access_token expired",
	44001: "empty media data",
	44004: "empty text",
	45001: "media size out of limit",
	45002: "message content size out of limit",
	45009: "api freq out of limit",
	45029: "response size out of limit",
	45033: "api concurrent out of limit",
	45034: "url without scheme",
	48001: "api unauthorized",
	48002: "api forbidden",
	48007: "no privilege to manage the kf account",
	50003: "app is disabled",
	60011: "no privilege to access/modify contact/party/agent",
	60020: "not allow to access from your ip",
	60021: "userid is not in the visible range",
	60111: "userid not found",
	60123: "invalid party id",
	60253: "userid is not a servicer of the kf account",
	81013: "user & party & tag all invalid",
	82001: "all lists are empty",
	95000: "invalid open_kfid",
	95001: "send count out of limit",
	95002: "send time out of limit",
	95004: "open_kfid does not exist",
	95005: "kf account count out of limit",
	95006: "invalid kf account name",
	95007: "invalid msgtoken",
	95008: "menu item count out of limit",
	95009: "invalid menu item type",
	95011: "kf api is in combined mode",
	95012: "kf api is in stand-alone mode",
	95013: "session has ended",
	95014: "servicer is not activated",
	95016: "session state transition is not allowed",
	95017: "kf api switch is off",
	95018: "sending is not allowed in this session state",
	95019: "servicer has stopped",
	95021: "not configured for upgrade service",
	95026: "kf accounts are little used, creating is refused",
	95031: "customer has not consulted within 48 hours",
	95027: "corp is not certified, kf account count out of limit",
}

// reply is a whole HTTP answer, made before the first byte is sent.
type reply struct {
	status int
	header http.Header
	body   []byte
	code   int // the errcode in it
}

// file is the result of a call that answers with bytes instead of JSON.
type file struct{ reply }

// render turns the result of a call into its answer.
func (c *call) render(result any, err error) reply {
	if err != nil {
		var r *refusal
		if !errors.As(err, &r) {
			r = refuse(-1, "%v", err)
		}
		return jsonReply(r.code, c.errmsg(r), nil)
	}
	if f, ok := result.(file); ok {
		return f.reply
	}
	return jsonReply(0, "ok", result)
}

// errmsg has the shape of WeCom's own: text, hint, caller's address, where to read more.
func (c *call) errmsg(r *refusal) string {
	return fmt.Sprintf("%s, hint: [%s], from ip: %s, more info at https://open.work.weixin.qq.com/devtool/query?e=%d",
		r.text(), c.hint(), c.ip, r.code)
}

// hint is a number that differs from call to call.
func (c *call) hint() string {
	h := fnv.New64a()
	_, _ = fmt.Fprint(h, c.name, c.entry.Seq)
	return fmt.Sprintf("%d%014d", c.sim.now().Unix(), h.Sum64()%1e14)
}

// jsonReply puts errcode and errmsg in front of the fields of result, a struct or nil.
func jsonReply(code int, msg string, result any) reply {
	var b bytes.Buffer
	b.WriteString(`{"errcode":` + strconv.Itoa(code) + `,"errmsg":`)
	b.Write(marshal(msg))
	if fields := marshal(result); result != nil && len(fields) > len("{}") {
		b.WriteByte(',')
		b.Write(fields[1:])
	} else {
		b.WriteByte('}')
	}
	return reply{
		status: http.StatusOK, body: b.Bytes(), code: code,
		header: http.Header{"Content-Type": {"application/json; charset=UTF-8"}},
	}
}

// marshal writes JSON as WeCom does, with < > & as they are. Every value it is given can be marshalled.
func marshal(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return []byte(`{}`)
	}
	return bytes.TrimRight(b.Bytes(), "\n")
}

// send writes the reply. An error means that the caller left, which is no concern of ours.
func (r reply) send(w http.ResponseWriter) {
	r.head(w)
	_, _ = w.Write(r.body)
}

// head writes status and header fields.
func (r reply) head(w http.ResponseWriter) {
	for name, values := range r.header {
		w.Header()[name] = values
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(r.body)))
	w.WriteHeader(r.status)
}

// cutAt is where an address or a quoted text is cut when it goes into an errmsg.
func cutAt(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "") + "…"
}
