package control

import (
	"context"
	"errors"
	"io"
	"net/http"
	"testing"

	"github.com/go-json-experiment/json"

	"uratori/internal/fault"
)

func TestWithin_IsAnsweredAsOverTheSocket(t *testing.T) {
	mux := http.NewServeMux()
	mux.HandleFunc("POST "+TasksPath, func(w http.ResponseWriter, r *http.Request) {
		var asked Enqueue
		if err := json.UnmarshalRead(r.Body, &asked); err != nil || r.Header.Get(APIHeader) == "" || r.RequestURI != TasksPath {
			t.Errorf("%v, %v, %s", err, r.Header, r.RequestURI)
		}
		_ = json.MarshalWrite(w, Enqueued{Task: 7, State: asked.Command[0]})
	})
	mux.HandleFunc("GET "+TasksPath, func(w http.ResponseWriter, r *http.Request) {
		if text, err := io.ReadAll(r.Body); len(text) > 0 || err != nil || r.URL.Query().Get("state") != "queued" {
			t.Errorf("%q, %v, %s", text, err, r.URL)
		}
		w.WriteHeader(http.StatusConflict)
		_ = json.MarshalWrite(w, ErrorBody{Error: Encode(fault.New(fault.Conflict, "task.key_taken", "key", "k", "task", 1))})
	})
	mux.HandleFunc("GET "+TasksPath+"/show", func(w http.ResponseWriter, r *http.Request) {
		<-r.Context().Done()
		http.Error(w, "", http.StatusInternalServerError)
	})
	c := Within(mux, "/home", Build{Version: "test"})
	defer c.Close()
	e, err := c.Enqueue(t.Context(), Enqueue{Command: []string{"true"}})
	if err != nil || e.Task != 7 || e.State != "true" {
		t.Errorf("%+v, %v", e, err)
	}
	if _, err := c.Tasks(t.Context(), TaskQuery{State: "queued"}); fault.KindOf(err) != fault.Conflict {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Task(ctx, 1); !errors.Is(err, fault.New(fault.Unavailable, "control.gave_up")) {
		t.Error(err)
	}
}
