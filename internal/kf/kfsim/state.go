package kfsim

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
)

// stateVersion is the form of the state file. The one before it, without talk, is read too; another one is refused.
const stateVersion = 2

// store keeps the world in a file, and uploaded bytes in a folder beside it, one file per content.
type store struct {
	file string

	mu        sync.Mutex // one save at a time
	saved     int64      // version of the world on disk
	savedTalk int64      // the same for talk
	talk      []byte     // as it was written last
	ready     bool       // the world was written once
	blobs     map[string]bool

	soon talkTimer
}

type stateFile struct {
	Version int    `json:"version"`
	World   *world `json:"world"`
	Talk    *talk  `json:"talk"`
}

// load reads the world, nil without a file.
func (s *store) load() (*world, error) {
	s.blobs = map[string]bool{}
	if s.file == "" {
		return nil, nil
	}
	raw, err := os.ReadFile(s.file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read state file: %w", err)
	}
	var state stateFile
	if err := json.Unmarshal(raw, &state); err != nil {
		return nil, fmt.Errorf("state file %s is damaged (%w); move it away to start from the seed", s.file, err)
	}
	if state.Version < 1 || state.Version > stateVersion || state.World == nil {
		return nil, fmt.Errorf("state file %s is not of version %d; move it away to start from the seed", s.file, stateVersion)
	}
	w := state.World
	if w.talk = state.Talk; w.talk == nil {
		w.talk = &talk{}
	}
	if err := errors.Join(w.sound(), w.talk.sound()); err != nil {
		return nil, fmt.Errorf("state file %s is damaged (%w); move it away to start from the seed", s.file, err)
	}
	w.index()
	w.talk.index()
	w.dropStrays()
	for id := range w.usedBlobs() {
		data, err := os.ReadFile(s.blobPath(id))
		if err != nil {
			return nil, fmt.Errorf("read picture of state file %s: %w", s.file, err)
		}
		if s.blobs[id] = true; w.keepBlob(data) != id {
			return nil, fmt.Errorf("picture %s is damaged; move state file %s away to start from the seed", s.blobPath(id), s.file)
		}
	}
	return w, nil
}

// sound finds what would break the world later: nothing in its place, or two things with one id.
func (w *world) sound() error {
	seen := map[string]bool{}
	once := func(id string) error {
		if id == "" || seen[id] {
			return fmt.Errorf("missing or double id %q", id)
		}
		seen[id] = true
		return nil
	}
	for _, a := range w.Accounts {
		if a == nil || hasNil(a.Servicers) {
			return errors.New("empty account or servicer")
		}
		if err := once(a.ID); err != nil {
			return err
		}
	}
	for _, p := range w.People {
		if p == nil {
			return errors.New("empty person")
		}
		if err := once("person " + p.UserID); err != nil {
			return err
		}
	}
	if hasNil(w.Departments) || hasNil(w.Links) || hasNil(w.Media) {
		return errors.New("empty department, link or media")
	}
	return nil
}

func hasNil[T any](list []*T) bool {
	for _, v := range list {
		if v == nil {
			return true
		}
	}
	return false
}

func (s *store) blobPath(id string) string { return filepath.Join(s.file+".files", filepath.Base(id)) }

// save writes the world if it has changed since the last save, with people's talk as it was written last. Callers that wait here
// together are served by one write.
func (s *Sim) save() error { return s.write(false) }

// saveAll writes world and talk if one of them has changed.
func (s *Sim) saveAll() error { return s.write(true) }

func (s *Sim) write(all bool) error {
	st := s.store
	if st.file == "" {
		return nil
	}
	st.mu.Lock()
	defer st.mu.Unlock()
	s.mu.RLock()
	w := s.world
	all = all || st.talk == nil
	if st.ready && st.saved == w.version && (!all || st.savedTalk == w.spoken) {
		s.mu.RUnlock()
		return nil
	}
	version, spoken := w.version, w.spoken
	raw, err := json.Marshal(w)
	var copied *talk
	if all && (st.talk == nil || st.savedTalk != spoken) {
		copied = w.talk.clone()
	}
	used, fresh := w.usedBlobs(), map[string][]byte{}
	for id := range used {
		if !st.blobs[id] {
			fresh[id] = w.blobs[id]
		}
	}
	s.mu.RUnlock()
	if copied != nil && err == nil {
		st.talk, err = copied.encode()
	}
	if err != nil {
		return fmt.Errorf("write state file: %w", err)
	}
	state := fmt.Appendf(nil, `{"version":%d,"world":%s,"talk":%s}`, stateVersion, raw, st.talk)
	if err := st.write(state, fresh); err != nil {
		return fmt.Errorf("write state file: %w", err)
	}
	st.saved, st.ready = version, true
	if copied != nil {
		st.savedTalk = spoken
	}
	if err := st.sweep(used); err != nil {
		return fmt.Errorf("write state file: %w", err)
	}
	return nil
}

// write puts the new bytes on disk, then the state that names them.
func (s *store) write(state []byte, fresh map[string][]byte) error {
	for id, data := range fresh {
		if err := writeWhole(s.blobPath(id), data); err != nil {
			return err
		}
		s.blobs[id] = true
	}
	return writeWhole(s.file, append(state, '\n'))
}

// sweep removes the bytes nothing needs any more, after the state file stopped naming them.
func (s *store) sweep(used map[string]bool) error {
	for id := range s.blobs {
		if used[id] {
			continue
		}
		if err := os.Remove(s.blobPath(id)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		delete(s.blobs, id)
	}
	return nil
}

// writeWhole replaces a file: whoever reads it sees the old content or the new one, also after a kill.
func writeWhole(path string, data []byte) (err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".tmp*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(tmp.Name())
		}
	}()
	if _, err := tmp.Write(data); err != nil {
		_ = tmp.Close()
		return err
	}
	if err := tmp.Close(); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}
