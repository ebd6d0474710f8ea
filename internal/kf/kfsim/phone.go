package kfsim

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"
)

//go:embed chat.html phone.html desk.html
var chatPages embed.FS

//go:embed chat.css phone.css desk.css chat.js phone.js desk.js
var chatFiles embed.FS

const (
	whoCookie   = "kfsim_customer" // the nickname, query-escaped
	maxNickname = 20               // characters
	chatRows    = 300              // latest messages a page shows
)

// phonePeople are the made-up customers a visitor may be.
func phonePeople() []string {
	return []string{"云上的猫", "桂花小圆子", "夏天的风铃", "住在七楼", "Momo", "阿木"}
}

// pages adds the phone page and the servicers' page.
func (s *Sim) pages(mux *http.ServeMux) {
	mux.HandleFunc("GET /kf/{code}", s.servePhone)
	mux.HandleFunc("POST /_sim/phone/who", choosePhoneCustomer)
	mux.HandleFunc("GET /_sim/phone/chat", s.servePhoneChat)
	mux.HandleFunc("GET /_sim/desk", s.serveDesk)
	mux.HandleFunc("GET /_sim/desk/pane", s.serveDeskPane)
	mux.HandleFunc("POST /_sim/script", control(s.setScript))
	mux.HandleFunc("GET /_sim/script", control(s.showScript))
	for _, name := range []string{"chat.css", "phone.css", "desk.css", "chat.js", "phone.js", "desk.js"} {
		mux.HandleFunc("GET /_sim/"+name, serveChatFile(name))
	}
}

func serveChatFile(name string) http.HandlerFunc {
	kind := "text/css; charset=utf-8"
	if strings.HasSuffix(name, ".js") {
		kind = "text/javascript; charset=utf-8"
	}
	return func(w http.ResponseWriter, _ *http.Request) {
		// The files are part of the program: each one that is named here can be read.
		data, _ := chatFiles.ReadFile(name)
		w.Header().Set("Content-Type", kind)
		w.Header().Set("Cache-Control", "no-cache")
		w.Header().Set("X-Content-Type-Options", "nosniff")
		_, _ = w.Write(data)
	}
}

// phoneData is what the phone page shows.
type phoneData struct {
	T                       chatWords
	Base                    string // how the style sheet and the script are reached
	Found                   bool
	Account, Name, Avatar   string
	Scene, Param, ParamText string
	Customer, Nickname      string
	Initial                 string
	Hue                     int
	Here, OtherLanguage     string
	People                  []phoneChoice
	Accounts                []pageAccount
	Refuses                 bool
	Managed                 bool
	Rows                    []chatRow
}

type phoneChoice struct {
	Name, Initial string
	Hue           int
}

// servePhone shows the chat of an account as the WeChat customer sees it who followed a link.
func (s *Sim) servePhone(w http.ResponseWriter, r *http.Request) {
	d := s.phoneData(r)
	status := http.StatusOK
	if !d.Found {
		status = http.StatusNotFound
	}
	servePhonePage(w, status, "phone", d)
}

// phoneData finds account and scene of the address, and who looks.
func (s *Sim) phoneData(r *http.Request) phoneData {
	d := phoneData{T: chatLanguage(r), Here: r.URL.RequestURI()}
	query := r.URL.Query()
	query.Set("lang", d.T.Other)
	d.OtherLanguage = "?" + query.Encode()
	id, scene := s.phoneTarget(r.PathValue("code"), query.Get("enc_scene"))
	s.mu.RLock()
	defer s.mu.RUnlock()
	a := s.world.accountByID[id]
	if a == nil {
		for _, a := range s.world.Accounts[:min(pageRows, len(s.world.Accounts))] {
			d.Accounts = append(d.Accounts, a.pageRow())
		}
		return d
	}
	d.Found, d.Account, d.Name, d.Avatar, d.Managed = true, a.ID, a.Name, a.avatarPath(), a.Managed
	if d.Scene = scene; scene != "" {
		d.ParamText = query.Get("scene_param")
		d.Param = strings.ReplaceAll(url.QueryEscape(d.ParamText), "+", "%20")
	}
	for _, name := range phonePeople() {
		d.People = append(d.People, phoneChoice{name, initial(name), hue(customerID(name))})
	}
	if d.Nickname = phoneNickname(r); d.Nickname == "" {
		return d
	}
	d.Customer = customerID(d.Nickname)
	d.Initial, d.Hue = initial(d.Nickname), hue(d.Customer)
	if x := s.world.talk.session(a.ID, d.Customer); x != nil {
		d.Refuses = x.Refuses
	}
	d.Rows = s.world.chatOf(a, d.Customer, "", d.T, s.now())
	return d
}

// phonePath is where the chat of an account is opened when no link was followed.
func phonePath(account string) string { return "/kf/" + linkCode(account) }

// phoneTarget finds the account and scene behind the address of a link. An account without a link can be opened too.
func (s *Sim) phoneTarget(code, encScene string) (account, scene string) {
	if account, scene, ok := s.linkTarget(code, encScene); ok {
		return account, scene
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, a := range s.world.Accounts {
		if linkCode(a.ID) == code {
			return a.ID, ""
		}
	}
	return "", ""
}

// chatOf reads the latest messages of a chat for the customer, or for a servicer.
func (w *world) chatOf(a *account, customerID, servicer string, t chatWords, now time.Time) []chatRow {
	x, who := w.talk.session(a.ID, customerID), w.talk.customerBy[customerID]
	if x == nil || who == nil {
		return nil
	}
	reader := chatReader{w: w, t: t, account: a, customer: who, servicer: servicer, zone: time.Local, now: now}
	return reader.read(x.chat[max(0, len(x.chat)-chatRows):])
}

// customerID is the external_userid of a made-up customer, the same for a nickname in every run.
func customerID(nickname string) string { return madeID("wm", 30, "nickname", nickname) }

// phoneNickname reads who looks from the cookie, empty when that is not known.
func phoneNickname(r *http.Request) string {
	c, err := r.Cookie(whoCookie)
	if err != nil {
		return ""
	}
	name, err := url.QueryUnescape(c.Value)
	if err != nil || !nicknameFits(name) {
		return ""
	}
	return name
}

func nicknameFits(name string) bool {
	return utf8.ValidString(name) && strings.TrimSpace(name) != "" && utf8.RuneCountInString(name) <= maxNickname
}

// choosePhoneCustomer keeps who looks in a cookie and goes back to the chat.
func choosePhoneCustomer(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, 8<<10)
	back := r.FormValue("back")
	if !strings.HasPrefix(back, "/kf/") {
		back = "/_sim/"
	}
	name := strings.TrimSpace(r.FormValue("new"))
	if name == "" {
		name = r.FormValue("name")
	}
	c := &http.Cookie{Name: whoCookie, Value: url.QueryEscape(name), Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode, MaxAge: 30 * 24 * 3600}
	if !nicknameFits(name) {
		c.Value, c.MaxAge = "", -1
	}
	http.SetCookie(w, c)
	http.Redirect(w, r, back, http.StatusSeeOther)
}

// servePhoneChat answers GET /_sim/phone/chat?account=&customer= with the chat alone, which the page asks for again and again.
func (s *Sim) servePhoneChat(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	d := phoneData{T: chatLanguage(r)}
	s.mu.RLock()
	if a := s.world.accountByID[q.Get("account")]; a != nil {
		d.Found = true
		d.Rows = s.world.chatOf(a, q.Get("customer"), "", d.T, s.now())
	}
	s.mu.RUnlock()
	if !d.Found {
		http.NotFound(w, r)
		return
	}
	servePhonePage(w, http.StatusOK, "log", d)
}

// servePhonePage answers with a template of the chat pages.
func servePhonePage(w http.ResponseWriter, status int, name string, data any) {
	page, err := template.New("").ParseFS(chatPages, "*.html")
	var b bytes.Buffer
	if err == nil {
		err = page.ExecuteTemplate(&b, name, data)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; media-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(b.Bytes())
}
