package kfsim

import "net/http"

// showMedia answers GET /_sim/media/{id}: the file, for the pages of the simulator. Only what cannot run in a browser is shown in it.
func (s *Sim) showMedia(w http.ResponseWriter, r *http.Request) {
	s.mu.RLock()
	m, err := s.world.liveMedia(r.PathValue("id"), s.now())
	var data []byte
	if err == nil {
		data = s.world.blobs[m.Blob]
	}
	s.mu.RUnlock()
	if err != nil {
		http.NotFound(w, r)
		return
	}
	kind, disposition := m.ContentType, "inline"
	if m.Type == "file" || m.Type == "image" && !isPicture(data) {
		kind, disposition = "application/octet-stream", "attachment"
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", disposition+`; filename="`+quoteName(m.Filename)+`"`)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Cache-Control", "private, max-age=86400")
	_, _ = w.Write(data)
}
