package kfsim

import (
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// spoiled is a call that a fault has got hold of.
type spoiled struct {
	*call
	fault Fault
	w     http.ResponseWriter
	out   reply // the true answer, when the call was carried out first
}

// spoil lets a fault have the call.
func (s *Sim) spoil(w http.ResponseWriter, c *call, f *Fault) {
	x := &spoiled{call: c, fault: *f, w: w}
	if f.When == after {
		x.out = s.apply(c)
	}
	faultKinds()[f.Kind].spoil(x)
}

// errcode answers a code of choice.
func (x *spoiled) errcode() {
	r := &refusal{code: x.fault.Code}
	x.answerInstead(jsonReply(r.code, x.errmsg(r), nil))
}

// answerInstead sends something other than the true answer. The journal has the errcode that the caller was told.
func (x *spoiled) answerInstead(r reply) {
	x.sim.journal.change(x.entry, func(e *Entry) {
		if e.State = stateAnswered; r.code != 0 {
			e.Errcode = &r.code
		}
	})
	r.send(x.w)
}

// delay answers late.
func (x *spoiled) delay() {
	x.goOn(x.wait(time.Duration(x.fault.Millis) * time.Millisecond))
}

// hang holds the call until POST /_sim/release.
func (x *spoiled) hang() {
	gate, leave := x.sim.faults.hold()
	defer leave()
	select {
	case <-gate:
		x.goOn(true)
	case <-x.request.Context().Done():
		x.goOn(false)
	}
}

// goOn ends a pause: the call is carried out if it was not yet, unless the caller has left.
func (x *spoiled) goOn(present bool) {
	if !present {
		x.lost()
		return
	}
	if x.fault.When == before {
		x.out = x.sim.apply(x.call)
	}
	x.out.send(x.w)
}

// cut closes the connection without a byte of an answer.
func (x *spoiled) cut() {
	x.lost()
	panic(http.ErrAbortHandler) // net/http's way to close a connection
}

// truncate announces the whole answer and sends half of it.
func (x *spoiled) truncate() {
	x.whole()
	x.out.head(x.w)
	_, _ = x.w.Write(x.out.body[:len(x.out.body)/2])
	_ = http.NewResponseController(x.w).Flush()
	x.cut()
}

// whole makes the answer there is to spoil, when the fault came before the call: then it is the one of a busy system.
func (x *spoiled) whole() {
	if x.fault.When == before {
		r := refuse(-1, "")
		x.out = jsonReply(r.code, x.errmsg(r), nil)
	}
}

const htmlPage = `<!DOCTYPE html>
<html><head><title>%[1]d %[2]s</title></head>
<body><center><h1>%[1]d %[2]s</h1></center><hr><center>proxy/1.0</center></body></html>
`

// html answers as a proxy in between would, with status 200 or another.
func (x *spoiled) html() {
	x.answerInstead(reply{
		status: x.fault.Code,
		header: http.Header{"Content-Type": {"text/html"}},
		body:   fmt.Appendf(nil, htmlPage, x.fault.Code, http.StatusText(x.fault.Code)),
	})
}

// tokenExpiry ends every token, then answers 42001, or 40014 as if the token had never been.
func (x *spoiled) tokenExpiry() {
	x.sim.tokens.end(x.fault.Code == 40014)
	x.errcode()
}

// slowDrip sends the answer byte by byte.
func (x *spoiled) slowDrip() {
	x.whole()
	x.out.head(x.w)
	flush := http.NewResponseController(x.w).Flush
	for i := range x.out.body {
		if _, err := x.w.Write(x.out.body[i : i+1]); err != nil || flush() != nil || !x.wait(time.Duration(x.fault.Millis)*time.Millisecond) {
			x.lost()
			return
		}
	}
}

// garbage answers bytes that call themselves JSON.
func (x *spoiled) garbage() {
	x.answerInstead(reply{
		status: http.StatusOK,
		header: http.Header{"Content-Type": {"application/json; charset=UTF-8"}},
		body:   []byte("\x1f\x8b{\"errcode\":0,\"errmsg\":\xff\xfe\x00 not json"),
	})
}

// huge answers JSON with a very long text in it.
func (x *spoiled) huge() {
	const open, end = `{"errcode":0,"errmsg":"ok","padding":"`, `"}`
	x.sim.journal.change(x.entry, func(e *Entry) { e.State = stateAnswered })
	x.w.Header().Set("Content-Type", "application/json; charset=UTF-8")
	x.w.Header().Set("Content-Length", strconv.FormatInt(int64(len(open)+len(end))+x.fault.Bytes, 10))
	chunk := make([]byte, 64<<10)
	for i := range chunk {
		chunk[i] = 'x'
	}
	_, err := x.w.Write([]byte(open))
	for left := x.fault.Bytes; left > 0 && err == nil; left -= int64(len(chunk)) {
		_, err = x.w.Write(chunk[:min(left, int64(len(chunk)))])
	}
	if err != nil {
		x.lost()
		return
	}
	_, _ = x.w.Write([]byte(end))
}
