package live

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"kfconsole/internal/db"
	"kfconsole/internal/kf"
	"kfconsole/internal/kf/kfsim"
)

var pngHead = []byte("\x89PNG\r\n\x1a\n")

// send has a new customer send a file and returns its media id.
func (d *desk) send(account, kind string, data []byte) string {
	d.t.Helper()
	customer, err := d.sim.CustomerEnters(account, "web", "", kfsim.CustomerCard{})
	d.must(err)
	fields := map[string]any{}
	if data != nil {
		fields["data"] = data
	}
	msgid, err := d.sim.CustomerSends(account, customer, kfsim.Content{Type: kind, Fields: fields})
	d.must(err)
	var m db.Message
	d.until("the message is there", 0, func() bool {
		m, err = d.db.Message(d.t.Context(), account, msgid)
		return err == nil
	})
	return m.Media
}

// ends waits until media is in a state.
func (d *desk) ends(id, state string, step time.Duration) db.Media {
	d.t.Helper()
	var m db.Media
	d.until("media is "+state, step, func() bool {
		var err error
		m, err = d.db.Media(d.t.Context(), id)
		d.must(err)
		return m.State == state
	})
	return m
}

func TestMediaAreKept(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	account, _ := d.staff()
	d.run(d.syncer(func(o *SyncOptions) { o.MediaLimit = 100_000 }))
	picture := append(bytes.Clone(pngHead), bytes.Repeat([]byte("x"), 50_000)...)
	kept := d.ends(d.send(account, kf.KindImage, picture), db.MediaKept, 0)
	blob, err := d.db.OpenBlob(kept.SHA256)
	d.must(err)
	data, err := io.ReadAll(blob)
	if err != nil || !bytes.Equal(data, picture) || kept.MIME != "image/png" || kept.Bytes != int64(len(picture)) || kept.KeptAt.IsZero() {
		t.Errorf("kept %+v with %d bytes, %v", kept, len(data), err)
	}
	d.must(blob.Close())
	for _, kind := range []string{kf.KindVoice, kf.KindVideo, kf.KindFile} {
		if m := d.ends(d.send(account, kind, nil), db.MediaKept, 0); m.Name == "" && kind == kf.KindFile {
			t.Errorf("a file without a name: %+v", m)
		}
	}
	d.ends(d.send(account, kf.KindImage, []byte("<html><script>alert(1)</script></html>")), db.MediaType, 0)
	d.ends(d.send(account, kf.KindImage, append(bytes.Clone(pngHead), make([]byte, 100_000)...)), db.MediaLarge, 0)
	if n := d.count("media/get"); n > 6 {
		t.Errorf("%d downloads of 6 files", n)
	}
}

// TestMediaAreTriedAgain: what cannot be had now is not given up before WeCom has forgotten it.
func TestMediaAreTriedAgain(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	account, _ := d.staff()
	d.fail(kfsim.Fault{Endpoint: "media/get", Kind: "errcode", Code: -1, Times: 2})
	d.fail(kfsim.Fault{Endpoint: "media/get", Kind: "truncate", Times: 1})
	s := d.syncer()
	d.run(s)
	id := d.send(account, kf.KindImage, append(bytes.Clone(pngHead), make([]byte, 5000)...))
	m := d.ends(id, db.MediaKept, 10*time.Second)
	if m.Tries < 3 || d.count("media/get") != m.Tries {
		t.Errorf("%d downloads, noted %d", d.count("media/get"), m.Tries)
	}
	d.fail(kfsim.Fault{Endpoint: "media/get", Kind: "errcode", Code: 45009, Times: -1})
	lost := d.send(account, kf.KindFile, nil)
	d.ends(lost, db.MediaFailed, time.Hour)
	if n := d.count("media/get"); n > 150 {
		t.Errorf("%d tries in three days", n)
	}
}

// TestMediaBehindOthers: files that cannot be had now, however many, keep no newer one waiting.
func TestMediaBehindOthers(t *testing.T) {
	d := newDesk(t)
	account, _ := d.staff()
	d.must(d.db.Tx(t.Context(), func(tx *db.DB) error {
		for i := range 60 {
			m := db.Media{ID: fmt.Sprint("sick", i), AccountID: account, Kind: kf.KindImage, State: db.MediaWanted, WantedAt: d.clock().Add(-time.Hour), TriedAt: d.clock(), Tries: 9}
			if err := tx.InsertMedia(t.Context(), m); err != nil {
				return err
			}
		}
		return nil
	}))
	d.run(d.syncer())
	d.ends(d.send(account, kf.KindImage, append(bytes.Clone(pngHead), "x"...)), db.MediaKept, 0)
}

// TestErrorPageIsNoLargeFile: what a gateway says instead of a file is no reason to give the file up.
func TestErrorPageIsNoLargeFile(t *testing.T) {
	d := newDesk(t)
	account, _ := d.staff()
	var asked atomic.Int32
	d.hook(func(w http.ResponseWriter, r *http.Request) bool {
		if !strings.HasSuffix(r.URL.Path, "media/get") || asked.Add(1) > 1 {
			return false
		}
		w.Header().Set("Content-Type", "text/html")
		_, err := fmt.Fprint(w, "<html>please wait</html>")
		return err == nil
	})
	d.run(d.syncer())
	d.ends(d.send(account, kf.KindImage, append(bytes.Clone(pngHead), "x"...)), db.MediaKept, 10*time.Second)
}

// TestKeptStaysKept: a second process that cannot have a file does not take it from the first one that has.
func TestKeptStaysKept(t *testing.T) {
	d := newDesk(t)
	account, _ := d.staff()
	s := d.syncer()
	d.run(s)
	kept := d.ends(d.send(account, kf.KindImage, append(bytes.Clone(pngHead), "x"...)), db.MediaKept, 0)
	late := kept
	late.State, late.SHA256, late.Tries = db.MediaFailed, "", 7
	d.must(s.keepState(t.Context(), late))
	if m, err := d.db.Media(t.Context(), kept.ID); err != nil || m != kept {
		t.Errorf("%+v, %v, want %+v", m, err, kept)
	}
}

func TestMediaThatAreGone(t *testing.T) {
	d := newDesk(t)
	account, _ := d.staff()
	d.fail(kfsim.Fault{Endpoint: "media/get", Kind: "errcode", Code: 40007})
	d.run(d.syncer())
	d.ends(d.send(account, kf.KindImage, nil), db.MediaGone, 0)
}

// TestMediaQuota: without room a file waits; with room again it is fetched.
func TestMediaQuota(t *testing.T) {
	d := newDesk(t)
	account, _ := d.staff()
	tight := d.syncer(func(o *SyncOptions) { o.MediaQuota = 10_000 })
	stop := d.run(tight)
	file := func(fill string) []byte { return bytes.Repeat([]byte(fill), 8000) }
	d.ends(d.send(account, kf.KindFile, file("a")), db.MediaKept, 0)
	waits := d.send(account, kf.KindFile, file("b"))
	d.ends(waits, db.MediaQuota, 0)
	used, err := d.db.BlobBytes(t.Context())
	if err != nil || used > 10_000 {
		t.Errorf("%d bytes of 10 000 are in use, %v", used, err)
	}
	stop()
	d.run(d.syncer())
	d.ends(waits, db.MediaKept, time.Minute)
}

func TestMediaMIME(t *testing.T) {
	for _, c := range []struct{ kind, head, want string }{
		{kf.KindImage, string(pngHead), "image/png"}, {kf.KindImage, "\xff\xd8\xff\xe0", "image/jpeg"}, {kf.KindImage, "GIF89a", "image/gif"},
		{kf.KindImage, "<svg xmlns='http://www.w3.org/2000/svg'/>", ""}, {kf.KindImage, "", ""}, {kf.KindImage, "%PDF-1.4", ""},
		{kf.KindVoice, "#!AMR\n", "audio/amr"}, {kf.KindVoice, "\x02#!SILK_V3", "audio/silk"}, {kf.KindVoice, "<html>", ""},
		{kf.KindVideo, "\x00\x00\x00\x18ftypmp42", "video/mp4"}, {kf.KindVideo, string(pngHead), ""},
		{kf.KindFile, "<html>", "application/octet-stream"}, {kf.KindFile, "", ""}, {"hologram", "x", ""},
	} {
		if got := mediaMIME(c.kind, []byte(c.head)); got != c.want {
			t.Errorf("%s %q: %q, want %q", c.kind, c.head, got, c.want)
		}
	}
}

// TestMediaOfErased erases a customer while a file of theirs is on its way: nothing of it stays on the disk.
func TestMediaOfErased(t *testing.T) {
	d := newDesk(t)
	account, _ := d.staff()
	picture := append(bytes.Clone(pngHead), bytes.Repeat([]byte("secret"), 1000)...)
	sum := sha256.Sum256(picture)
	gone := make(chan error, 1)
	d.hook(func(_ http.ResponseWriter, r *http.Request) bool {
		if strings.HasSuffix(r.URL.Path, "/media/get") {
			m, err := d.db.Media(r.Context(), r.URL.Query().Get("media_id"))
			if err == nil {
				var c db.Conversation
				if c, err = d.db.Conversation(r.Context(), m.ConversationID); err == nil {
					_, err = d.db.EraseCustomer(r.Context(), c.CustomerID, d.clock())
				}
			}
			gone <- err
		}
		return false
	})
	stop := d.run(d.syncer())
	d.send(account, kf.KindImage, picture)
	d.must(<-gone)
	other := bytes.Clone(pngHead)
	d.hook(nil)
	d.ends(d.send(account, kf.KindImage, append(other, make([]byte, 100)...)), db.MediaKept, 0)
	stop()
	if blob, err := d.db.OpenBlob(hex.EncodeToString(sum[:])); !errors.Is(err, db.ErrNotFound) {
		t.Errorf("the file is there: %v, %v", blob, err)
	}
}
