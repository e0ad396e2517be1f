package dashboard

import (
	"bytes"
	"errors"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

const (
	// heartbeat keeps proxies from taking a quiet feed for a dead one.
	heartbeat = 15 * time.Second
	// writeLimit is how long a browser may take for one event.
	writeLimit = 20 * time.Second
	// longestPage is of an address.
	longestPage = 2048
)

// events is the feed of a page. A client that comes back with the id of the
// last event is sent what has changed since all the same: pieces are whole, so
// that one too many does no harm, and one too few never happens.
func (d *Dashboard) events(w http.ResponseWriter, r *http.Request) {
	page := r.URL.Query().Get("page")
	u, err := url.ParseRequestURI(page)
	if err != nil || len(page) > longestPage || u.Host != "" || u.Scheme != "" {
		http.Error(w, "no such page", http.StatusBadRequest)
		return
	}
	f, in := d.faces.of(r), d.sessions.has(r)
	if d.screenOf(u, in) == nil {
		http.Error(w, "no such page", http.StatusNotFound)
		return
	}
	key := string(f.lang) + " " + strconv.FormatBool(in) + " " + u.RequestURI()
	c, err := d.hub.join(key, f, func() screen { return d.feedOf(u, in) })
	if err != nil {
		w.Header().Set("Retry-After", "5")
		http.Error(w, err.Error(), http.StatusServiceUnavailable)
		return
	}
	defer d.hub.leave(c)
	h := w.Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("X-Accel-Buffering", "no")
	s := stream{w, http.NewResponseController(w)}
	if s.write([]byte("retry: 2000\n\n")) != nil {
		return
	}
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		select {
		case <-r.Context().Done():
			return
		case <-beat.C:
			if d.sessions.has(r) != in {
				_ = s.write([]byte("event: reload\ndata: \n\n")) // another page for them now
				return
			}
			if s.write([]byte(":\n\n")) != nil {
				return
			}
		case e, ok := <-c.out:
			if !ok || s.event(e) != nil {
				return
			}
		}
	}
}

// stream writes to one browser.
type stream struct {
	w    http.ResponseWriter
	ctrl *http.ResponseController
}

func (s stream) write(b []byte) error {
	if err := s.ctrl.SetWriteDeadline(time.Now().Add(writeLimit)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return err
	}
	if _, err := s.w.Write(b); err != nil {
		return err
	}
	return s.ctrl.Flush()
}

func (s stream) event(e event) error {
	raw, err := e.raw()
	if err != nil {
		return err
	}
	return s.write(raw)
}

// encode is an event as it stands in a feed.
func encode(id string, pieces []piece) ([]byte, error) {
	if pieces == nil {
		return []byte("event: reload\nid: " + id + "\ndata: \n\n"), nil
	}
	var b bytes.Buffer
	for _, p := range pieces {
		raw, err := json.Marshal(struct {
			ID   string `json:"id"`
			HTML string `json:"html"`
		}{p.ID, string(p.HTML)}, jsontext.AllowInvalidUTF8(true))
		if err != nil {
			return nil, err
		}
		b.WriteString("event: piece\nid: " + id + "\ndata: ")
		b.Write(raw) // JSON has no line breaks of its own
		b.WriteString("\n\n")
	}
	return b.Bytes(), nil
}
